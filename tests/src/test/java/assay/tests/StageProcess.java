package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import assay.core.contract.Contract;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts processes that run stages, with little that would make their start longer. */
final class StageProcess {
  private static final List<String> FAST_START =
      List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private StageProcess() {}

  /**
   * Runs stages over a lake in a {@link KilledStage}.
   *
   * @param contract of flights, or of {@link LiveKinds}
   * @param dieAt the step at which to die, from 1; 0 to live
   * @return the exit code
   */
  static int run(Path lake, Contract contract, int dieAt, String... stages)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile(lake.getParent(), "process", ".log");
    List<String> arguments =
        new ArrayList<>(List.of(lake.toString(), contract.hash(), Integer.toString(dieAt)));
    arguments.addAll(List.of(stages));
    Process process = start(KilledStage.class, log, arguments);
    try {
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as("ends in time: %s", arguments).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue())
        .as("%s, to die at step %d:%n%s", List.of(stages), dieAt, Files.readString(log))
        .isIn(0, KilledStage.KILLED, ErrorCode.TRY_AGAIN.exitCode());
    return process.exitValue();
  }

  /**
   * Starts a process.
   *
   * @param log takes all that it says
   */
  static Process start(Class<?> main, Path log, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> !a.startsWith("-Xm") && !a.startsWith("-XX:") && !a.startsWith("-javaagent"))
        .forEach(command::add);
    command.addAll(FAST_START);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.to(log.toFile()))
        .start();
  }
}
