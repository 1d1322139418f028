package assay.cli;

import assay.core.DayRange;
import assay.core.contract.Contract;
import assay.gold.DayState;
import assay.gold.GoldPlan;
import assay.gold.GoldResult;
import assay.gold.GoldStage;
import assay.gold.RestatedTotal;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs gold. */
@Command(
    name = "gold",
    description = "Recompute the days that silver touched, in one commit a metric set; daily.",
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
      List<Contract> contracts = workspace.contracts(domain.chosen());
      if (dryRun) {
        List<GoldPlan> plans = new ArrayList<>();
        contracts.forEach(c -> plans.addAll(stage(workspace, c, progress).plan(asked)));
        printPlans(plans);
        return 0;
      }
      DomainRuns runs = common.domainRuns(workspace, progress);
      List<List<GoldResult>> results =
          runs.run(
              "gold",
              asked.map(DayRange::toString),
              contracts,
              contract -> stage(workspace, contract, progress).run(asked),
              GoldCommand::summary);
      print(results.stream().flatMap(List::stream).toList());
      return runs.exitCode();
    }
  }

  private static GoldStage stage(Workspace workspace, Contract contract, Progress progress) {
    return new GoldStage(
        workspace.spark(), workspace.lake(), contract, Clock.systemUTC(), progress);
  }

  private static RunSummary summary(List<GoldResult> results) {
    long days = results.stream().mapToLong(r -> r.days().size()).sum();
    Map<String, Long> versions = new TreeMap<>();
    for (GoldResult result : results) {
      versions.put(result.metrics(), result.version());
      versions.put("silver", result.silverVersion());
    }
    return new RunSummary(days + " days recomputed", Map.of("days", days), versions);
  }

  private void printPlans(List<GoldPlan> plans) {
    if (common.json()) {
      common.output().json(Map.of("plan", plans.stream().map(GoldCommand::document).toList()));
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (GoldPlan plan : plans) {
      rows.add(
          List.of(
              plan.metrics(),
              shortList(plan.days()),
              plan.reason().words(),
              plan.silverVersion() + ""));
    }
    common
        .output()
        .table(
            Table.of(List.of("metrics", "days to recompute", "because", "silver version"), rows));
  }

  private void print(List<GoldResult> results) {
    if (common.json()) {
      common.output().json(Map.of("gold", results.stream().map(GoldCommand::document).toList()));
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    List<List<String>> restated = new ArrayList<>();
    for (GoldResult result : results) {
      rows.add(
          List.of(
              result.metrics(),
              shortList(result.days()),
              result.reason().words(),
              shortList(List.copyOf(openDays(result).keySet())),
              result.silverVersion() + "",
              result.version() + ""));
      for (RestatedTotal total : result.restated()) {
        restated.add(
            List.of(
                result.metrics(),
                total.day().toString(),
                total.measure(),
                total.before().toPlainString(),
                total.after().toPlainString()));
      }
    }
    common
        .output()
        .table(
            Table.of(
                List.of(
                    "metrics", "days recomputed", "because", "open", "silver version", "version"),
                rows));
    if (!restated.isEmpty()) {
      common.output().line("Restated totals:");
      common
          .output()
          .table(Table.of(List.of("metrics", "day", "measure", "before", "after"), restated));
    }
  }

  private static Map<String, Object> document(GoldPlan plan) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", plan.metrics());
    document.put("days", plan.days().stream().map(Object::toString).toList());
    document.put("because", plan.reason().words());
    document.put("silver_version", plan.silverVersion());
    return document;
  }

  private static Map<String, Object> document(GoldResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", result.metrics());
    document.put("days", result.days().stream().map(Object::toString).toList());
    document.put("because", result.reason().words());
    Map<String, String> open = new LinkedHashMap<>();
    openDays(result).forEach((day, reason) -> open.put(day.toString(), reason));
    document.put("open", open);
    List<Map<String, Object>> restated = new ArrayList<>();
    for (RestatedTotal total : result.restated()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("day", total.day().toString());
      one.put("measure", total.measure());
      one.put("before", total.before());
      one.put("after", total.after());
      restated.add(one);
    }
    document.put("restated", restated);
    document.put("silver_version", result.silverVersion());
    document.put("version", result.version());
    return document;
  }

  /** The recomputed days that may still change, with the reason. */
  private static Map<LocalDate, String> openDays(GoldResult result) {
    Map<LocalDate, String> open = new TreeMap<>();
    result
        .states()
        .forEach(
            (day, state) -> {
              if (state instanceof DayState.Open o) {
                open.put(day, o.reason());
              }
            });
    return open;
  }

  private static String shortList(List<LocalDate> days) {
    if (days.size() <= 3) {
      return days.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
    return "%d, from %s to %s".formatted(days.size(), days.get(0), days.get(days.size() - 1));
  }
}
