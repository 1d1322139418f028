package assay.tests;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;

/**
 * A process that runs one stage after the other over a lake and dies, as by {@code kill -9}, at a
 * given step.
 *
 * <p>Arguments: the lake, the step at which to die, counted from 1 over all stages, or 0 to live,
 * and the stages. Ends with the exit code of the command where a stage fails.
 */
final class KilledStage {
  static final int KILLED = 137;

  private KilledStage() {}

  public static void main(String[] args) {
    Steps steps = dieAt(Integer.parseInt(args[1]));
    try {
      for (int i = 2; i < args.length; i++) {
        PipelineStages.run(
            args[i], TestSpark.session(), new Lake(args[0]), FlightsContract.contract(), steps);
      }
    } catch (AssayException e) {
      System.err.println(e.getMessage());
      Runtime.getRuntime().exit(e.code().exitCode());
    }
    Runtime.getRuntime().exit(0);
  }

  /** Dies without any goodbye: no shutdown hook, no finally, nothing flushed. */
  private static Steps dieAt(int step) {
    int[] reached = {0};
    return (stage, words) -> {
      reached[0]++;
      if (reached[0] == step) {
        Runtime.getRuntime().halt(KILLED);
      }
    };
  }
}
