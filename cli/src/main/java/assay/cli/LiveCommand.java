package assay.cli;

import assay.core.StreamRun.Running;
import assay.core.contract.Contract;
import assay.silver.Disposition;
import assay.views.live.LiveResult;
import assay.views.live.LiveStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the live views. */
@Command(
    name = "live",
    description = "Keep the live views up to date, until stopped or until all of bronze is in.",
    sortOptions = false,
    subcommands = LiveRebuildCommand.class,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay live                       follow bronze",
      "  assay live --until-caught-up     take in what is there, then end",
      "  assay live rebuild route_day     build one view again from bronze"
    })
final class LiveCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Option(names = "--until-caught-up", description = "End when all of bronze is in the views.")
  private boolean untilCaughtUp;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      List<Contract> contracts = workspace.liveContracts(domain.chosen());
      if (!untilCaughtUp) {
        List<Supplier<Running>> streams = new ArrayList<>();
        for (Contract contract : contracts) {
          streams.add(
              () ->
                  new Running(
                      "live", contract.domain(), stage(workspace, contract, progress).start()));
        }
        Streams.runUntilStopped(workspace.spark(), streams, progress);
        return 0;
      }
      DomainRuns runs = common.domainRuns(workspace, progress);
      print(
          runs.run(
              "live",
              Optional.empty(),
              contracts,
              contract -> stage(workspace, contract, progress).runUntilCaughtUp(),
              LiveCommand::summary));
      return runs.exitCode();
    }
  }

  private static LiveStage stage(Workspace workspace, Contract contract, Progress progress) {
    return new LiveStage(workspace.spark(), workspace.lake(), contract, progress);
  }

  private static RunSummary summary(LiveResult result) {
    return new RunSummary(
        result.counted() + " rows counted, " + result.late() + " late",
        Map.of(
            Disposition.COUNTED, result.counted(),
            Disposition.DUPLICATE, result.duplicate(),
            Disposition.LATE, result.late(),
            Disposition.QUARANTINED, result.quarantined(),
            Disposition.DELETED, result.deleted()),
        Map.of());
  }

  private void print(List<LiveResult> results) {
    if (common.json()) {
      common.output().json(Map.of("live", results));
      return;
    }
    common
        .output()
        .table(
            Table.of(
                List.of(
                    "domain", "views", "counted", "duplicate", "late", "quarantined", "deleted"),
                results.stream()
                    .map(
                        r ->
                            List.of(
                                r.domain(),
                                String.join(", ", r.views()),
                                r.counted() + "",
                                r.duplicate() + "",
                                r.late() + "",
                                r.quarantined() + "",
                                r.deleted() + ""))
                    .toList()));
  }
}
