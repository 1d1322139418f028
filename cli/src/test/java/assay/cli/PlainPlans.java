package assay.cli;

import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has commands that run in the process of a test run their plans as they are: compiling one takes
 * longer than a few rows through it. {@code DemoTest} runs compiled ones.
 */
public final class PlainPlans implements BeforeAllCallback, AfterAllCallback {
  static final Map<String, String> SETTINGS =
      Map.of(
          "spark.sql.codegen.wholeStage", "false",
          "spark.sql.codegen.factoryMode", "NO_CODEGEN",
          "spark.sql.adaptive.enabled", "false");

  @Override
  public void beforeAll(ExtensionContext context) {
    SETTINGS.forEach(System::setProperty);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    SETTINGS.keySet().forEach(System::clearProperty);
  }
}
