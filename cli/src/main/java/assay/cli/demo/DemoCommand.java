package assay.cli.demo;

import assay.cli.CommonOptions;
import assay.cli.Progress;
import assay.core.AssayException;
import assay.core.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the main job on the flights that come with Assay. */
@Command(
    name = "demo",
    description = "Run it all on real flights: its own Kafka, every stage, and the proof.",
    sortOptions = false,
    subcommands = MonthCommand.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay demo",
      "  assay demo --lake /tmp/flights --json",
      "  assay demo month                  31 days, from shadow to primary and back",
      "",
      "Exit codes: 0 all differences are explained, 3 something is left unexplained."
    })
public final class DemoCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Option(names = "--keep", description = "Let later demos leave this one's lake alone.")
  private boolean keep;

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      description = "A new or empty folder for it, or one of an earlier demo. It is kept.")
  private Path lake;

  @Override
  public Integer call() {
    Path root = root();
    DemoFolder folder = folder(root, lake, keep);
    try (Progress progress = common.progress()) {
      DemoRun run = new DemoRun(root.resolve("examples").resolve("flights"), folder, progress);
      DemoOutcome outcome = run.run();
      DemoReport report = new DemoReport(outcome);
      if (common.json()) {
        common.output().json(report.document());
      } else {
        report.print(common.output());
      }
      return exitCode(outcome);
    }
  }

  /** The one that the user named, or one of the checkout's own. */
  static DemoFolder folder(Path root, Path named, boolean keep) {
    return named == null
        ? DemoFolder.make(root.resolve(".assay").resolve("demo"), keep)
        : DemoFolder.at(named);
  }

  /** Those that stand before a subcommand are not for it. */
  void refuseOptions() {
    if (lake != null || keep || common.json()) {
      throw AssayException.usage(
          "options stand before 'month'", "write them behind it, as in: assay demo month --json");
    }
  }

  static int exitCode(DemoOutcome outcome) {
    boolean asProduced = outcome.ledgerAddsUp() && outcome.surprises().isEmpty();
    ErrorCode failure = asProduced ? outcome.proof().failure().orElse(null) : ErrorCode.DIVERGED;
    return failure == null ? 0 : failure.exitCode();
  }

  /** The checkout, which the launcher knows. */
  static Path root() {
    Path root = Path.of(System.getProperty("assay.root", "")).toAbsolutePath();
    if (!Files.isDirectory(root.resolve("examples"))) {
      throw AssayException.usage(
          "the demo's flights are not in " + root, "run the demo by the checkout's own ./assay");
    }
    return root;
  }
}
