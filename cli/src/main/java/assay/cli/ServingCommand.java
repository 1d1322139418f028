package assay.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What BI reads. */
@Command(
    name = "serving",
    description = "Show, publish and hold what BI reads: batch, the stream, or one for some.",
    sortOptions = false,
    subcommands = {
      ServingStatusCommand.class,
      ServingPublishCommand.class,
      ServingPathCommand.class,
      ServingPinCommand.class,
      ServingUnpinCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay serving status                                 where each metric set stands",
      "  assay serving publish                                bring all serving tables up to date",
      "  assay serving path route_day --consumer finance      the table that finance reads",
      "  assay serving pin route_day batch --reason \"audit\"   hold everyone on batch",
      "",
      "A step forward is assay promote, a step back assay rollback."
    })
final class ServingCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Only picocli reads it.
  private boolean help;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "give one of status, publish, path, pin and unpin");
  }
}
