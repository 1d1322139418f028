package assay.cli;

import assay.gold.DayState;
import assay.gold.GoldCost;
import assay.gold.GoldPlan;
import assay.gold.GoldQueryPlan;
import assay.gold.GoldQueryResult;
import assay.gold.GoldResult;
import assay.gold.RestatedTotal;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Shows what gold did or would do. */
final class GoldView {
  private final Output output;
  private final boolean json;

  GoldView(Output output, boolean json) {
    this.output = output;
    this.json = json;
  }

  /** A plan and how much work it is. */
  record Planned<P>(P plan, GoldCost cost) {}

  void printPlans(List<Planned<GoldPlan>> plans, List<Planned<GoldQueryPlan>> queries) {
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("plan", plans.stream().map(GoldView::planDocument).toList());
      document.put("queries", queries.stream().map(GoldView::queryPlanDocument).toList());
      output.json(document);
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (Planned<GoldPlan> planned : plans) {
      GoldPlan plan = planned.plan();
      rows.add(
          List.of(
              plan.metrics(),
              shortList(plan.days()),
              plan.reason().words(),
              Sizes.text(planned.cost().reads()),
              Sizes.text(planned.cost().replaces()),
              plan.silverVersion() + ""));
    }
    output.table(
        Table.of(
            List.of(
                "metrics", "days to recompute", "because", "reads", "replaces", "silver version"),
            rows));
    if (!queries.isEmpty()) {
      output.table(
          Table.of(
              List.of("query", "makes its table again", "because", "reads", "replaces", "sources"),
              queries.stream().map(GoldView::row).toList()));
    }
  }

  private static List<String> row(Planned<GoldQueryPlan> planned) {
    GoldQueryPlan plan = planned.plan();
    return List.of(
        plan.name(),
        plan.reason().makes() ? "yes" : "no",
        plan.reason().words(),
        Sizes.text(planned.cost().reads()),
        Sizes.text(planned.cost().replaces()),
        versions(plan.sources()));
  }

  void print(List<GoldResult> results, List<GoldQueryResult> queries) {
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("gold", results.stream().map(GoldView::document).toList());
      document.put("queries", queries.stream().map(GoldView::queryDocument).toList());
      output.json(document);
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (GoldResult result : results) {
      rows.add(
          List.of(
              result.metrics(),
              shortList(result.days()),
              result.reason().words(),
              shortList(List.copyOf(openDays(result).keySet())),
              result.silverVersion() + "",
              result.version() + ""));
    }
    output.table(
        Table.of(
            List.of("metrics", "days recomputed", "because", "open", "silver version", "version"),
            rows));
    printRestated(results);
    FilteredRows.print(
        output,
        results.stream()
            .collect(Collectors.toMap(r -> "gold." + r.metrics(), GoldResult::filtered)));
    if (!queries.isEmpty()) {
      output.table(
          Table.of(
              List.of("query", "rows written", "because", "sources", "version"),
              queries.stream()
                  .map(
                      q ->
                          List.of(
                              q.name(),
                              q.reason().makes() ? q.rows() + "" : "",
                              q.reason().words(),
                              versions(q.sources()),
                              q.version() + ""))
                  .toList()));
    }
  }

  private void printRestated(List<GoldResult> results) {
    List<List<Optional<String>>> restated = new ArrayList<>();
    for (GoldResult result : results) {
      for (RestatedTotal total : result.restated()) {
        restated.add(
            List.of(
                Optional.of(result.metrics()),
                Optional.of(total.day().toString()),
                Optional.of(total.measure()),
                total.before().map(BigDecimal::toPlainString),
                total.after().map(BigDecimal::toPlainString)));
      }
    }
    if (!restated.isEmpty()) {
      output.line("Restated totals:");
      output.table(new Table(List.of("metrics", "day", "measure", "before", "after"), restated));
    }
  }

  private static Map<String, Object> planDocument(Planned<GoldPlan> planned) {
    GoldPlan plan = planned.plan();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", plan.metrics());
    document.put("days", texts(plan.days()));
    document.put("because", plan.reason().words());
    document.put("silver_version", plan.silverVersion());
    document.putAll(costDocument(planned.cost()));
    return document;
  }

  private static Map<String, Object> queryPlanDocument(Planned<GoldQueryPlan> planned) {
    GoldQueryPlan plan = planned.plan();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("query", plan.name());
    document.put("makes", plan.reason().makes());
    document.put("because", plan.reason().words());
    plan.asOf().ifPresent(day -> document.put("as_of", day.toString()));
    document.put("sources", plan.sources());
    document.put("version", plan.version());
    document.putAll(costDocument(planned.cost()));
    return document;
  }

  /** What a plan reads and replaces, as JSON has it. */
  static Map<String, Object> costDocument(GoldCost cost) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("reads", Sizes.document(cost.reads()));
    document.put("replaces", Sizes.document(cost.replaces()));
    return document;
  }

  private static Map<String, Object> document(GoldResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", result.metrics());
    document.put("days", texts(result.days()));
    document.put("because", result.reason().words());
    Map<String, String> open = new LinkedHashMap<>();
    openDays(result).forEach((day, reason) -> open.put(day.toString(), reason));
    document.put("open", open);
    List<Map<String, Object>> restated = new ArrayList<>();
    for (RestatedTotal total : result.restated()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("day", total.day().toString());
      one.put("measure", total.measure());
      one.put("before", total.before().orElse(null));
      one.put("after", total.after().orElse(null));
      restated.add(one);
    }
    document.put("restated", restated);
    document.put("filtered", result.filtered());
    document.put("silver_version", result.silverVersion());
    document.put("version", result.version());
    return document;
  }

  private static Map<String, Object> queryDocument(GoldQueryResult result) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("query", result.name());
    document.put("made", result.reason().makes());
    document.put("because", result.reason().words());
    result.asOf().ifPresent(day -> document.put("as_of", day.toString()));
    document.put("sources", result.sources());
    document.put("rows", result.rows());
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

  private static String versions(Map<String, Long> sources) {
    return sources.entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static List<String> texts(List<LocalDate> days) {
    return days.stream().map(Object::toString).toList();
  }

  private static String shortList(List<LocalDate> days) {
    if (days.size() <= 3) {
      return String.join(", ", texts(days));
    }
    return "%d, from %s to %s".formatted(days.size(), days.get(0), days.get(days.size() - 1));
  }
}
