package assay.cli.demo;

import assay.cli.CommonOptions;
import assay.cli.Progress;
import assay.core.AssayException;
import assay.core.ErrorCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Runs a month of flights day by day, from shadow to primary, and back on a bad day. */
@Command(
    name = "month",
    description =
        "A month of real flights, day by day: the stream in shadow, its promotion by evidence, and"
            + " a bad release on day 20 that puts BI back to batch the same day.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay demo month",
      "  assay demo month --days 22 --lake /tmp/january",
      "",
      "Exit codes: 0 as told, 3 the stream was put back on another day, or a day is not green."
    })
final class MonthCommand implements Callable<Integer> {
  private static final int BAD_DAY = 20;
  private static final Duration BATCH = Duration.ofHours(3);

  @Mixin private CommonOptions common;
  @ParentCommand private DemoCommand demo;

  @Option(
      names = "--flights",
      paramLabel = "FILE",
      description = "Flights in the order in which they happened. Default: January 2001")
  private Path flights;

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "31",
      description = "How many days of them. Default: 31")
  private int days;

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      description =
          "A new or empty folder for it, or one of an earlier demo. It is kept in any case.")
  private Path lake;

  @Override
  public Integer call() {
    demo.refuseOptions();
    if (days < 1) {
      throw AssayException.usage("--days " + days + " is no number of days", "give 1 or more");
    }
    Path root = DemoCommand.root();
    Path examples = root.resolve("examples").resolve("flights");
    DemoFolder folder = DemoCommand.folder(root, lake, true);
    MonthRun.Plan plan =
        new MonthRun.Plan(
            examples.resolve("contract.yaml"),
            flights == null ? examples.resolve("january.jsonl.gz") : flights,
            days,
            BAD_DAY,
            BATCH);
    try (Progress progress = common.progress()) {
      MonthOutcome outcome = new MonthRun(plan, folder, progress).run();
      MonthReport report = new MonthReport(outcome);
      if (common.json()) {
        common.output().json(report.document());
      } else {
        report.print(common.output());
      }
      return outcome.asTold() ? 0 : ErrorCode.DIVERGED.exitCode();
    }
  }
}
