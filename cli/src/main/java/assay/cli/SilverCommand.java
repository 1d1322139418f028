package assay.cli;

import assay.core.contract.Contract;
import assay.silver.IngestRange;
import assay.silver.SilverPlan;
import assay.silver.SilverResult;
import assay.silver.SilverStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs silver. */
@Command(
    name = "silver",
    description = {
      "Parse and check what bronze has new, one row a key; hourly.",
      "With a time, rows that came then and were read before are read anew under today's contract."
    },
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay silver --domain flights",
      "  assay silver --hour 2026-01-31T05              that hour's rows once more",
      "  assay silver --from 2026-01-31 --to 2026-02-01 --dry-run"
    })
final class SilverCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;
  @Mixin private TimeOptions times;

  @Option(names = "--dry-run", description = "Say what would be done, and write nothing.")
  private boolean dryRun;

  @Override
  public Integer call() {
    Optional<IngestRange> range = times.range();
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      List<Contract> contracts = workspace.contracts(domain.chosen());
      if (dryRun) {
        printPlans(
            contracts.stream()
                .map(c -> plan(stage(workspace, c, progress, Optional.empty()), range))
                .toList());
        return 0;
      }
      DomainRuns runs = common.domainRuns(workspace, progress);
      SilverResults.print(
          common,
          "silver",
          runs.run(
              "silver",
              range.map(IngestRange::toString),
              contracts,
              contract ->
                  run(stage(workspace, contract, progress, Optional.of(runs.runId())), range),
              SilverResults::summary));
      return runs.exitCode();
    }
  }

  private static SilverStage stage(
      Workspace workspace, Contract contract, Progress progress, Optional<String> run) {
    return new SilverStage(workspace.spark(), workspace.lake(), contract, progress, run);
  }

  /**
   * What is new comes first: rows of the hour that were not read yet are read under today's
   * contract.
   */
  private static SilverResult run(SilverStage stage, Optional<IngestRange> range) {
    SilverResult result = stage.run();
    return range.map(r -> result.plus(stage.reprocess(r))).orElse(result);
  }

  private record Plan(SilverPlan pending, Optional<SilverResult> anew) {}

  private static Plan plan(SilverStage stage, Optional<IngestRange> range) {
    SilverPlan pending = stage.plan();
    return new Plan(
        pending, pending.silverVersion() < 0 ? Optional.empty() : range.map(stage::planReprocess));
  }

  private void printPlans(List<Plan> plans) {
    if (common.json()) {
      List<Map<String, Object>> documents = new ArrayList<>();
      for (Plan plan : plans) {
        documents.add(
            Map.of(
                "domain",
                plan.pending().domain(),
                "rows",
                plan.pending().rows(),
                "rows_that_change",
                plan.anew().map(SilverResult::rows).orElse(0L),
                "bronze_version",
                plan.pending().bronzeVersion(),
                "silver_version",
                plan.pending().silverVersion()));
      }
      common.output().json(Map.of("plan", documents));
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (Plan plan : plans) {
      rows.add(
          List.of(
              plan.pending().domain(),
              plan.pending().rows() + "",
              plan.anew().map(SilverResult::rows).orElse(0L) + "",
              plan.pending().bronzeVersion() + "",
              plan.pending().silverVersion() + ""));
    }
    common
        .output()
        .table(
            Table.of(
                List.of(
                    "domain",
                    "rows to read",
                    "rows that come out otherwise",
                    "bronze version",
                    "silver version"),
                rows));
  }
}
