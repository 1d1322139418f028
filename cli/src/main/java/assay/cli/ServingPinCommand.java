package assay.cli;

import assay.reconciliation.serving.Side;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Holds BI on one side. */
@Command(
    name = "pin",
    description =
        "Hold everyone who reads a metric set on batch or on the stream, until unpin. Automation"
            + " leaves it alone.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay serving pin route_day batch --reason \"audit of March\"")
final class ServingPinCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private PersonOption person;

  @Parameters(index = "0", paramLabel = "METRICS", description = "The metric set.")
  private String metrics;

  @Parameters(index = "1", paramLabel = "SIDE", description = "batch or live.")
  private Side side;

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  private String reason;

  @Override
  public Integer call() {
    return StageChange.make(common, metrics, serving -> serving.pin(side, person.name(), reason));
  }
}
