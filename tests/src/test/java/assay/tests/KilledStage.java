package assay.tests;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A process that runs stages over a lake one after the other and dies, as by {@code kill -9}, at a
 * given step of the first or at the first step of a later one.
 *
 * <p>Arguments: the lake, the file that learns where it died, the stage to begin with, the step at
 * which to die, counted from 1, and the stage to end with. With step 0 it lives, and the file
 * learns every step.
 */
final class KilledStage {
  static final int KILLED = 137;

  private KilledStage() {}

  public static void main(String[] args) throws Exception {
    Path diary = Path.of(args[1]);
    Lake lake = new Lake(args[0]);
    int last = PipelineStages.ALL.indexOf(args[4]) + 1;
    List<String> left = PipelineStages.ALL.subList(PipelineStages.ALL.indexOf(args[2]), last);
    int dieAt = Integer.parseInt(args[3]);
    for (String stage : left) {
      try {
        PipelineStages.run(
            stage, TestSpark.session(), lake, FlightsContract.contract(), dieAt(dieAt, diary));
      } catch (AssayException e) {
        System.err.println(e.getMessage());
        Runtime.getRuntime().exit(e.code().exitCode());
      }
      dieAt = Math.min(dieAt, 1);
    }
    Runtime.getRuntime().exit(0);
  }

  /** Dies without any goodbye: no shutdown hook, no finally, nothing flushed. */
  private static Steps dieAt(int step, Path diary) {
    int[] reached = {0};
    return (stage, words) -> {
      reached[0]++;
      if (step == 0 || reached[0] == step) {
        write(diary, stage + "\t" + reached[0] + "\t" + words + "\n");
      }
      if (reached[0] == step) {
        Runtime.getRuntime().halt(KILLED);
      }
    };
  }

  private static void write(Path diary, String line) {
    try {
      Files.writeString(diary, line, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + diary, e);
    }
  }
}
