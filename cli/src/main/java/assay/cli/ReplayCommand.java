package assay.cli;

import assay.core.contract.Contract;
import assay.gold.GoldResult;
import assay.gold.GoldStage;
import assay.silver.IngestRange;
import assay.silver.SilverResult;
import assay.silver.SilverStage;
import assay.views.live.LiveRebuild;
import assay.views.live.LiveResult;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Builds a domain's tables anew from bronze. */
@Command(
    name = "replay",
    description = {
      "Build silver, gold and live views anew from bronze under today's contract, in place.",
      "Each table changes in one commit: readers see the old rows, then the new ones. Live views are"
          + " built from bronze's beginning, since what a row counts for depends on all before it."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay replay flights                      everything, also under columns of other types",
      "  assay replay flights --from 2026-01-31    what came to bronze since then",
      "  assay replay flights --dry-run            say how many rows come out otherwise"
    })
final class ReplayCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "DOMAIN", description = "Whose tables.")
  private String domain;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Only rows that came to bronze at this time or later, as 2026-01-31 (UTC).")
  private String from;

  @Option(names = "--dry-run", description = "Say what would be done, and write nothing.")
  private boolean dryRun;

  private record Replay(SilverResult silver, List<GoldResult> gold, Optional<LiveResult> live) {}

  @Override
  public Integer call() {
    Optional<IngestRange> range =
        Optional.ofNullable(from).map(text -> IngestRange.since(TimeOptions.time("--from", text)));
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      List<Contract> contracts = workspace.contracts(Optional.of(domain));
      if (dryRun) {
        SilverStage stage =
            new SilverStage(workspace.spark(), workspace.lake(), contracts.get(0), progress);
        SilverResult plan = range.map(stage::planReprocess).orElseGet(stage::planRebuild);
        if (common.json()) {
          common.output().json(Map.of("domain", domain, "rows", plan.rows()));
        } else {
          common
              .output()
              .line(
                  plan.rows()
                      + (from == null
                          ? " rows of bronze would be read anew"
                          : " rows of bronze come out otherwise and would be written anew"));
        }
        return 0;
      }
      DomainRuns runs = common.domainRuns(workspace, progress);
      print(
          runs.run(
              "replay",
              range.map(IngestRange::toString),
              contracts,
              contract -> replay(workspace, contract, range, progress, runs.runId()),
              ReplayCommand::summary));
      return runs.exitCode();
    }
  }

  private static Replay replay(
      Workspace workspace,
      Contract contract,
      Optional<IngestRange> range,
      Progress progress,
      String runId) {
    SilverStage silver =
        new SilverStage(
            workspace.spark(), workspace.lake(), contract, progress, Optional.of(runId));
    SilverResult read = range.map(silver::reprocess).orElseGet(silver::rebuild);
    List<GoldResult> gold =
        new GoldStage(workspace.spark(), workspace.lake(), contract, Clock.systemUTC(), progress)
            .run(Optional.empty());
    Optional<LiveResult> live =
        contract.liveTables().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new LiveRebuild(workspace.spark(), workspace.lake(), contract, progress).run());
    return new Replay(read, gold, live);
  }

  private static RunSummary summary(Replay replay) {
    Map<String, Long> rows = new TreeMap<>(SilverResults.summary(replay.silver()).rows());
    replay
        .gold()
        .forEach(
            gold -> rows.putAll(FilteredRows.byRule("gold." + gold.metrics(), gold.filtered())));
    replay.live().ifPresent(live -> rows.put("counted", live.counted()));
    replay.live().ifPresent(live -> rows.putAll(LiveCommand.filtered(live)));
    Map<String, Long> versions = new TreeMap<>();
    versions.put("silver", replay.silver().version());
    replay.gold().forEach(gold -> versions.put(gold.metrics(), gold.version()));
    return new RunSummary(
        "%d rows written anew, %d days of gold recomputed"
            .formatted(replay.silver().rows(), days(replay)),
        rows,
        versions);
  }

  private static long days(Replay replay) {
    return replay.gold().stream().mapToLong(g -> g.days().size()).sum();
  }

  private void print(List<Replay> replays) {
    for (Replay replay : replays) {
      if (common.json()) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("silver", replay.silver());
        document.put("gold_days", days(replay));
        document.put("live", replay.live().orElse(null));
        common.output().json(document);
        return;
      }
      SilverResults.print(common, "silver", List.of(replay.silver()));
      common.output().line(days(replay) + " days of gold recomputed");
      replay
          .live()
          .ifPresent(
              live ->
                  common
                      .output()
                      .line(
                          "live views %s: %d rows counted, %d late"
                              .formatted(
                                  String.join(", ", live.views()), live.counted(), live.late())));
    }
  }
}
