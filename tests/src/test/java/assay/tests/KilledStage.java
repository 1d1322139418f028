package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.SparkSession;

/**
 * A process that runs one stage after the other over a lake and dies, as by {@code kill -9}, at a
 * given step.
 *
 * <p>Arguments: the lake, the contract's hash, the step at which to die, counted from 1 over all
 * stages, or 0 to live, and the stages. Ends with the exit code of the command where a stage fails.
 */
final class KilledStage {
  static final int KILLED = 137;

  private KilledStage() {}

  public static void main(String[] args) {
    Contract contract =
        args[1].equals(LiveKinds.CONTRACT.hash()) ? LiveKinds.CONTRACT : FlightsContract.contract();
    Steps steps = dieAt(Integer.parseInt(args[2]));
    try {
      for (int i = 3; i < args.length; i++) {
        PipelineStages.run(args[i], TestSpark.session(), new Lake(args[0]), contract, steps);
      }
    } catch (AssayException e) {
      System.err.println(e.getMessage());
      Runtime.getRuntime().exit(e.code().exitCode());
    }
    Runtime.getRuntime().exit(0);
  }

  /**
   * The same in this process: a stage ends at a step as by an error.
   *
   * @return {@link #KILLED}, or 0 where it has fewer steps
   */
  static int fail(SparkSession spark, Lake lake, Contract contract, int step, String stage) {
    String words = "ended by the test";
    AtomicInteger reached = new AtomicInteger();
    try {
      PipelineStages.run(
          stage,
          spark,
          lake,
          contract,
          (of, what) -> {
            if (reached.incrementAndGet() == step) {
              throw new IllegalStateException(words);
            }
          });
      return 0;
    } catch (RuntimeException e) {
      assertThat(e).hasStackTraceContaining(words);
      return KILLED;
    }
  }

  /** Dies without any goodbye: no shutdown hook, no finally, nothing flushed. */
  private static Steps dieAt(int step) {
    AtomicInteger reached = new AtomicInteger();
    return (stage, words) -> {
      if (reached.incrementAndGet() == step) {
        Runtime.getRuntime().halt(KILLED);
      }
    };
  }
}
