package assay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A demo that is stopped in the middle leaves no process, and nothing that hinders the next. */
class DemoStopTest {
  @TempDir Path folder;

  @Test
  void anInterruptedDemoLeavesNoProcess() throws Exception {
    leavesNoProcess("INT");
  }

  /** That a broker ends with its parent is a test of its own. */
  @Test
  @Tag("long")
  void aKilledDemoLeavesNoProcess() throws Exception {
    leavesNoProcess("KILL");
  }

  private void leavesNoProcess(String signal) throws Exception {
    Path log = folder.resolve("demo.log");
    Process demo = start(log);
    try {
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> !demo.isAlive() || Files.readString(log).contains("Kafka to bronze"));
      assertThat(demo.isAlive()).as(Files.readString(log)).isTrue();
      List<ProcessHandle> children = demo.descendants().toList();
      assertThat(children).as("the broker").isNotEmpty();
      assertThat(kill(signal.equals("INT") ? interrupt(demo) : signal, demo.pid())).isZero();
      assertThat(demo.waitFor(60, TimeUnit.SECONDS)).as("the demo ends").isTrue();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    } finally {
      demo.destroyForcibly();
    }
    DemoFolder next = DemoFolder.at(folder.resolve("lake"));
    assertThat(next.kafka()).doesNotExist();
    assertThat(next.lake()).doesNotExist();
  }

  private Process start(Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> a.startsWith("--add-opens") || a.startsWith("-D"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "assay.cli.Main",
            "demo",
            "--lake",
            folder.resolve("lake").toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.to(log.toFile()))
        .start();
  }

  /** A build that was started in the background hands on that Ctrl-C is ignored. */
  private static String interrupt(Process demo) throws IOException {
    Path status = Path.of("/proc", Long.toString(demo.pid()), "status");
    if (!Files.exists(status)) {
      return "INT";
    }
    String mask =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> line.substring("SigIgn:".length()).strip())
            .findFirst()
            .orElse("0");
    boolean ignored = (Long.parseUnsignedLong(mask, 16) & 2) != 0;
    if (ignored) {
      System.err.println("DemoStopTest: SIGINT is ignored in this build, SIGTERM is sent instead");
    }
    return ignored ? "TERM" : "INT";
  }

  private static int kill(String signal, long pid) throws IOException, InterruptedException {
    return new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
  }
}
