package assay.cli;

import assay.core.DayRange;
import assay.core.contract.Contract;
import assay.core.contract.GoldQuery;
import assay.gold.GoldPlan;
import assay.gold.GoldQueryPlan;
import assay.gold.GoldQueryResult;
import assay.gold.GoldQueryStage;
import assay.gold.GoldResult;
import assay.gold.GoldStage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs gold: the metric sets, then the queries over them. */
@Command(
    name = "gold",
    description =
        "Recompute the days that silver touched, in one commit a metric set, then the tables of"
            + " gold/*.sql whose sources changed; daily.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay gold --domain flights",
      "  assay gold --date 2001-01-31     that day as well, whether silver touched it or not",
      "  assay gold --dry-run             say what would be recomputed, and why"
    })
final class GoldCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;
  @Mixin private DayOptions days;

  @Option(names = "--dry-run", description = "Say what would be done, and write nothing.")
  private boolean dryRun;

  @Override
  public Integer call() {
    Optional<DayRange> asked = days.range();
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      return dryRun ? plan(workspace, progress, asked) : run(workspace, progress, asked);
    }
  }

  private int plan(Workspace workspace, Progress progress, Optional<DayRange> asked) {
    List<GoldView.Planned<GoldPlan>> plans = new ArrayList<>();
    for (Contract contract : workspace.contracts(domain.chosen())) {
      GoldStage stage = stage(workspace, contract, progress);
      stage.plan(asked).forEach(p -> plans.add(new GoldView.Planned<>(p, stage.cost(p))));
    }
    GoldQueryStage queryStage = queryStage(workspace, progress);
    List<GoldQuery> queries = workspace.goldQueries(domain.chosen());
    List<GoldView.Planned<GoldQueryPlan>> queryPlans =
        queryStage.plan(queries, plans.stream().map(GoldView.Planned::plan).toList()).stream()
            .map(p -> new GoldView.Planned<>(p, queryStage.cost(p)))
            .toList();
    new GoldView(common.output(), common.json()).printPlans(plans, queryPlans);
    return 0;
  }

  private int run(Workspace workspace, Progress progress, Optional<DayRange> asked) {
    DomainRuns runs = common.domainRuns(workspace, progress);
    List<List<GoldResult>> results =
        runs.run(
            "gold",
            asked.map(DayRange::toString),
            workspace.contracts(domain.chosen()),
            contract -> stage(workspace, contract, progress).run(asked),
            GoldCommand::summary);
    GoldQueryStage queryStage = queryStage(workspace, progress);
    List<GoldQueryResult> queryResults =
        runs.runEach(
            "gold",
            Optional.empty(),
            workspace.goldQueries(domain.chosen()),
            query -> query.query().table().toString(),
            queryStage::refresh,
            GoldCommand::summary);
    new GoldView(common.output(), common.json())
        .print(results.stream().flatMap(List::stream).toList(), queryResults);
    return runs.exitCode();
  }

  private static GoldStage stage(Workspace workspace, Contract contract, Progress progress) {
    return new GoldStage(
        workspace.spark(), workspace.lake(), contract, Clock.systemUTC(), progress);
  }

  private static GoldQueryStage queryStage(Workspace workspace, Progress progress) {
    return new GoldQueryStage(
        workspace.spark(), workspace.lake(), workspace.definitions(), Clock.systemUTC(), progress);
  }

  private static RunSummary summary(List<GoldResult> results) {
    long days = results.stream().mapToLong(r -> r.days().size()).sum();
    Map<String, Long> rows = new TreeMap<>(Map.of("days", days));
    Map<String, Long> versions = new TreeMap<>();
    for (GoldResult result : results) {
      rows.putAll(FilteredRows.byRule("gold." + result.metrics(), result.filtered()));
      versions.put(result.metrics(), result.version());
      versions.put("silver", result.silverVersion());
    }
    return new RunSummary(days + " days recomputed", rows, versions);
  }

  private static RunSummary summary(GoldQueryResult result) {
    Map<String, Long> versions = new TreeMap<>(result.sources());
    versions.put("gold." + result.name(), result.version());
    String words =
        result.reason().makes() ? result.rows() + " rows written" : result.reason().words();
    return new RunSummary(words, Map.of("written", result.rows()), versions);
  }
}
