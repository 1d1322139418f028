package assay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends a pin. */
@Command(
    name = "unpin",
    description = "Give a metric set that is pinned back to its stage.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay serving unpin route_day --reason \"the audit is over\"")
final class ServingUnpinCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private PersonOption person;

  @Parameters(paramLabel = "METRICS", description = "The metric set.")
  private String metrics;

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  private String reason;

  @Override
  public Integer call() {
    return StageChange.make(common, metrics, serving -> serving.unpin(person.name(), reason));
  }
}
