package assay.cli;

import assay.reconciliation.serving.Stage;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts BI back. */
@Command(
    name = "rollback",
    description = "Put everyone who reads a metric set back to batch, at once.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay rollback route_day --reason \"the new release counts twice\"",
      "  assay rollback route_day --to canary --reason \"too slow for all\""
    })
final class RollbackCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private PersonOption person;

  @Parameters(paramLabel = "METRICS", description = "The metric set.")
  private String metrics;

  @Option(
      names = "--to",
      paramLabel = "STAGE",
      description = "shadow or canary (its last share). Default: shadow")
  private Stage to;

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  private String reason;

  @Override
  public Integer call() {
    return StageChange.make(
        common,
        metrics,
        serving -> serving.rollBack(Optional.ofNullable(to), person.name(), reason));
  }
}
