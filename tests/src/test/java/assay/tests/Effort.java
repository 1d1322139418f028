package assay.tests;

import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * How many lakes a property makes, and from which seed: {@code -Dassay.seed}, printed with the
 * outcome. A thousand sequences with {@code mvn verify -Pfaults}, some fifty otherwise.
 */
final class Effort implements AroundPropertyHook {
  private static final boolean EVERY_STEP = Boolean.getBoolean("assay.everyStep");

  private static final int LAKES = EVERY_STEP ? 20 : 2;

  /** Of keys, in each lake of each of two properties. */
  static final int GROUPS = EVERY_STEP ? 25 : 13;

  private static final long SEED = Long.getLong("assay.seed", 11);

  @Override
  public PropertyExecutionResult aroundProperty(
      PropertyLifecycleContext context, PropertyExecutor property) {
    context.attributes().setTries(LAKES);
    context.attributes().setSeed(Long.toString(SEED));
    return property.execute();
  }
}
