package assay.cli;

import assay.core.Steps;
import assay.core.StreamRun.Running;
import assay.core.contract.Contract;
import assay.reconciliation.alerts.DomainAlerts;
import assay.reconciliation.serving.ServingPublisher;
import assay.silver.Disposition;
import assay.views.live.LiveResult;
import assay.views.live.LiveStage;
import assay.views.sinks.LiveSinks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

  @Option(
      names = "--until-caught-up",
      description = "End when all of bronze is in the views, and the sinks are up to date.")
  private boolean untilCaughtUp;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      List<Contract> contracts = workspace.liveContracts(domain.chosen());
      if (!untilCaughtUp) {
        follow(workspace, contracts, progress);
        return 0;
      }
      DomainRuns runs = common.domainRuns(workspace, progress);
      print(
          runs.run(
              "live",
              Optional.empty(),
              contracts,
              contract -> runUntilCaughtUp(workspace, contract, progress),
              LiveCommand::summary));
      return runs.exitCode();
    }
  }

  private static void follow(Workspace workspace, List<Contract> contracts, Progress progress) {
    List<LiveSinks> opened = new ArrayList<>();
    List<ServingPublisher> publishers = new ArrayList<>();
    try {
      List<Supplier<Running>> streams = new ArrayList<>();
      for (Contract contract : contracts) {
        LiveSinks sinks = sinks(workspace, contract, progress);
        opened.add(sinks);
        ServingPublisher publisher = publisher(workspace, contract, progress);
        publishers.add(publisher);
        streams.add(
            () -> {
              Running running =
                  new Running(
                      "live",
                      contract.domain(),
                      stage(workspace, contract, sinks.watching()).start());
              sinks.start();
              publisher.start();
              return running;
            });
      }
      Streams.runUntilStopped(workspace.spark(), streams, progress);
    } finally {
      publishers.forEach(ServingPublisher::close);
      opened.forEach(LiveSinks::close);
    }
  }

  private static ServingPublisher publisher(
      Workspace workspace, Contract contract, Progress progress) {
    DomainAlerts alerts = workspace.alerts(contract, progress);
    return new ServingPublisher(
        workspace.spark(),
        workspace.lake(),
        contract,
        progress,
        published -> {
          if (published.changed().isPresent()) {
            ServingPublishCommand.tell(progress, published);
          }
          alerts.published(published);
        },
        progress::say);
  }

  private static LiveResult runUntilCaughtUp(
      Workspace workspace, Contract contract, Progress progress) {
    try (LiveSinks sinks = sinks(workspace, contract, progress)) {
      return sinks.catchUpAfter(stage(workspace, contract, progress)::runUntilCaughtUp);
    }
  }

  private static LiveStage stage(Workspace workspace, Contract contract, Steps steps) {
    return new LiveStage(workspace.spark(), workspace.lake(), contract, steps);
  }

  private static LiveSinks sinks(Workspace workspace, Contract contract, Progress progress) {
    return new LiveSinks(
        contract,
        new LiveSinks.Surroundings(
            workspace.spark(),
            workspace.lake(),
            () -> workspace.kafka(Optional.empty()),
            System.getenv(),
            progress,
            progress::say));
  }

  private static RunSummary summary(LiveResult result) {
    Map<String, Long> rows = new TreeMap<>();
    rows.put(Disposition.COUNTED, result.counted());
    rows.put(Disposition.DUPLICATE, result.duplicate());
    rows.put(Disposition.LATE, result.late());
    rows.put(Disposition.SUPERSEDED, result.superseded());
    rows.put(Disposition.QUARANTINED, result.quarantined());
    rows.put(Disposition.DELETED, result.deleted());
    rows.putAll(filtered(result));
    return new RunSummary(
        result.counted() + " rows counted, " + result.late() + " late", rows, Map.of());
  }

  /** As they stand in {@code ops/runs}. */
  static Map<String, Long> filtered(LiveResult result) {
    Map<String, Long> rows = new TreeMap<>();
    result
        .filtered()
        .forEach((view, rules) -> rows.putAll(FilteredRows.byRule("live." + view, rules)));
    return rows;
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
                    "domain",
                    "views",
                    "counted",
                    "duplicate",
                    "late",
                    "superseded",
                    "quarantined",
                    "deleted"),
                results.stream()
                    .map(
                        r ->
                            List.of(
                                r.domain(),
                                String.join(", ", r.views()),
                                r.counted() + "",
                                r.duplicate() + "",
                                r.late() + "",
                                r.superseded() + "",
                                r.quarantined() + "",
                                r.deleted() + ""))
                    .toList()));
    Map<String, Map<String, Long>> filtered = new TreeMap<>();
    results.forEach(
        result -> result.filtered().forEach((view, rules) -> filtered.put("live." + view, rules)));
    FilteredRows.print(common.output(), filtered);
  }
}
