package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpNamesTheCommandsAndShowsAnExample() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .startsWith("Usage: assay")
        .contains("init", "validate", "Examples:", "assay validate", "75 try again later");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void everyCommandHasHelpWithAnExample() {
    commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertThat(run(name, "--help")).as(name).isZero();
              assertThat(command.getUsageMessage()).contains("Example", "  assay " + name);
            });
  }

  @Test
  void helpLoadsNoClassOfSpark() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-verbose:class",
                "-cp",
                System.getProperty("java.class.path"),
                "assay.cli.Main",
                "--help")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String classes = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(classes)
        .contains("assay.cli.ValidateCommand", "Usage: assay")
        .doesNotContain("org.apache.spark.")
        .doesNotContain("org.apache.logging.");
  }

  @Test
  void aMistypedCommandGetsTheNearestOne() {
    assertThat(run("valdate")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("assay: Unmatched argument at index 0: 'valdate'")
        .contains("Did you mean: assay validate", "  what to do: see assay --help");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void noCommandIsWrongUsage() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).startsWith("assay: no command given");
  }

  @Test
  void daysThatMakeNoRangeAreRefusedBeforeAnythingStarts() {
    assertThat(run("gold", "--date", "2001-13-01")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith(
            "assay: Invalid value for option '--date': '2001-13-01' is no day; write it as"
                + " 2001-01-31");
    assertThat(run("gold", "--from", "2001-01-03", "--to", "2001-01-01")).isEqualTo(2);
    assertThat(err.toString()).contains("end before they begin");
    assertThat(run("gold", "--from", "2001-01-03")).isEqualTo(2);
    assertThat(err.toString()).contains("--from and --to go together");
    assertThat(run("gold", "--date", "2001-01-03", "--to", "2001-01-03")).isEqualTo(2);
    assertThat(err.toString()).contains("--date does not go with --from and --to");
  }

  @Test
  void aKnownErrorShowsItsMendAndExitCodeButNoStack() {
    assertThat(run("fail", "usage")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("assay: the lake is empty%n  what to do: fill it%n".formatted())
        .doesNotContain("\tat ");
    assertThat(run("fail", "later")).isEqualTo(75);
  }

  @Test
  void aKnownErrorShowsTheCauseThatItsMessageLacks() {
    assertThat(run("fail", "later")).isEqualTo(75);
    assertThat(err.toString())
        .contains("assay: Kafka is away", "  cause: IllegalStateException: connection refused")
        .doesNotContain("\tat ");
  }

  @Test
  void anUnknownErrorShowsItsCausesInOneLineEach() {
    assertThat(run("fail", "unknown")).isEqualTo(1);
    assertThat(err.toString())
        .contains("assay: assay fail failed unexpectedly: RuntimeException: job aborted")
        .contains("  cause: IllegalStateException: disk full")
        .contains("run it again with --debug")
        .doesNotContain("a long plan")
        .doesNotContain("\tat ");
  }

  @Test
  void debugShowsTheStack() {
    assertThat(run("fail", "unknown", "--debug")).isEqualTo(1);
    assertThat(err.toString()).contains("\tat assay.cli.MainTest");
  }

  @Test
  void aClassThatDoesNotLinkIsReportedInTheSameWords() {
    assertThat(run("fail", "error")).isEqualTo(1);
    assertThat(err.toString()).contains("NoClassDefFoundError: org/example/Gone");
  }

  private int run(String... args) {
    return Main.run(commandLine(), args);
  }

  private CommandLine commandLine() {
    return Main.configure(
        new CommandLine(new Main()).addSubcommand(new FailCommand()),
        new PrintWriter(out, true),
        new PrintWriter(err, true));
  }

  @Command(name = "fail", footer = "Example:  assay fail")
  static final class FailCommand implements Runnable {
    @SuppressWarnings("unused") // Only picocli reads it.
    @Mixin
    private CommonOptions common;

    @CommandLine.Parameters(arity = "0..1")
    private String kind;

    @Override
    public void run() {
      switch (kind) {
        case "usage" -> throw AssayException.usage("the lake is empty", "fill it");
        case "later" ->
            throw new AssayException(
                ErrorCode.TRY_AGAIN,
                "Kafka is away",
                "try again",
                new IllegalStateException("connection refused"));
        case "error" -> throw new NoClassDefFoundError("org/example/Gone");
        default ->
            throw new RuntimeException(
                "job aborted\na long plan", new IllegalStateException("disk full"));
      }
    }
  }
}
