package assay.cli;

import assay.core.AssayException;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.gold.GoldCost;
import assay.gold.GoldPlan;
import assay.gold.GoldQueryPlan;
import assay.gold.GoldQueryStage;
import assay.gold.GoldStage;
import assay.silver.RestFields;
import assay.silver.Silver;
import assay.silver.SilverPlan;
import assay.silver.SilverStage;
import assay.silver.SuggestedColumn;
import assay.views.live.LivePlan;
import assay.views.live.LiveStage;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what each stage would do now. */
@Command(
    name = "plan",
    description = "Say what each stage would read and write now, and touch nothing.",
    sortOptions = false,
    footerHeading = "%nExample:%n",
    footer = "  assay plan --domain flights")
final class PlanCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  /**
   * One stage's part.
   *
   * @param table that it would write
   * @param work in a person's words
   */
  private record Item(String stage, String table, Map<String, Object> numbers, String work) {}

  private record Suggestion(String domain, SuggestedColumn column) {}

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      List<Item> items = new ArrayList<>();
      List<Suggestion> suggestions = new ArrayList<>();
      List<GoldPlan> goldPlans = new ArrayList<>();
      for (Contract contract : workspace.contracts(domain.chosen())) {
        items.addAll(silver(workspace, contract, progress));
        items.addAll(gold(workspace, contract, progress, goldPlans));
        items.addAll(live(workspace, contract, progress));
        suggestions.addAll(suggestions(workspace, contract));
      }
      items.addAll(queries(workspace, progress, goldPlans));
      print(items, suggestions);
      return 0;
    }
  }

  /** Fields that silver keeps aside, because the contract does not name them. */
  private static List<Suggestion> suggestions(Workspace workspace, Contract contract) {
    LakeTable silver = new Silver(workspace.spark(), workspace.lake(), contract).table();
    if (!silver.exists()) {
      return List.of();
    }
    return RestFields.suggest(silver.read()).stream()
        // The contract may have gained it since silver ran.
        .filter(column -> !contract.columnNames().contains(column.field()))
        .map(column -> new Suggestion(contract.domain(), column))
        .toList();
  }

  private static List<Item> silver(Workspace workspace, Contract contract, Progress progress) {
    SilverPlan plan =
        new SilverStage(workspace.spark(), workspace.lake(), contract, progress).plan();
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("rows", plan.rows());
    numbers.put("bytes", plan.bytes());
    numbers.put("bronze_version", plan.bronzeVersion());
    numbers.put("silver_version", plan.silverVersion());
    String table = workspace.lake().silver(contract.domain());
    numbers.put("columns", plan.columns());
    List<String> work = new ArrayList<>();
    work.add(readsOfBronze(plan.rows(), plan.bytes()));
    work.addAll(plan.columns());
    return List.of(new Item("silver", table, numbers, String.join("; ", work)));
  }

  /** What gold would do; the plans of its metric sets are added to {@code goldPlans}. */
  private static List<Item> gold(
      Workspace workspace, Contract contract, Progress progress, List<GoldPlan> goldPlans) {
    GoldStage stage =
        new GoldStage(workspace.spark(), workspace.lake(), contract, Clock.systemUTC(), progress);
    List<GoldPlan> plans;
    try {
      plans = stage.plan(Optional.empty());
    } catch (AssayException e) {
      // Silver has not run yet, or must run first: that is what there is to say of gold.
      return List.of(new Item("gold", "", Map.of(), e.mend()));
    }
    goldPlans.addAll(plans);
    List<Item> items = new ArrayList<>();
    for (GoldPlan plan : plans) {
      GoldCost cost = stage.cost(plan);
      Map<String, Object> numbers = new LinkedHashMap<>();
      numbers.put("days", plan.days().stream().map(Object::toString).toList());
      numbers.put("silver_version", plan.silverVersion());
      numbers.putAll(GoldView.costDocument(cost));
      String work = "recomputes " + plan.days().size() + " days: " + plan.reason().words();
      items.add(
          new Item(
              "gold",
              workspace.lake().gold(plan.metrics()),
              numbers,
              plan.days().isEmpty() ? work : work + "; " + readsAndReplaces(cost, "silver")));
    }
    return items;
  }

  private List<Item> queries(Workspace workspace, Progress progress, List<GoldPlan> goldPlans) {
    GoldQueryStage stage =
        new GoldQueryStage(
            workspace.spark(),
            workspace.lake(),
            workspace.definitions(),
            Clock.systemUTC(),
            progress);
    List<Item> items = new ArrayList<>();
    for (GoldQueryPlan plan : stage.plan(workspace.goldQueries(domain.chosen()), goldPlans)) {
      GoldCost cost = stage.cost(plan);
      Map<String, Object> numbers = new LinkedHashMap<>();
      numbers.put("sources", plan.sources());
      numbers.put("version", plan.version());
      numbers.putAll(GoldView.costDocument(cost));
      String reads = String.join(", ", plan.sources().keySet());
      items.add(
          new Item(
              "gold",
              workspace.lake().gold(plan.name()),
              numbers,
              plan.reason().makes()
                  ? "makes the table: "
                      + plan.reason().words()
                      + "; "
                      + readsAndReplaces(cost, reads.isEmpty() ? "no table" : reads)
                  : "makes nothing: " + plan.reason().words()));
    }
    return items;
  }

  private static String readsOfBronze(long rows, long bytes) {
    return "reads %s rows of bronze, %s".formatted(Sizes.count(rows), Sizes.bytes(bytes));
  }

  private static String readsAndReplaces(GoldCost cost, String from) {
    return "reads %s of %s, replaces %s"
        .formatted(Sizes.text(cost.reads()), from, Sizes.text(cost.replaces()));
  }

  private static List<Item> live(Workspace workspace, Contract contract, Progress progress) {
    if (contract.liveTables().isEmpty()) {
      return List.of();
    }
    List<Item> items = new ArrayList<>();
    for (LivePlan plan :
        new LiveStage(workspace.spark(), workspace.lake(), contract, progress).plan()) {
      Map<String, Object> numbers = new LinkedHashMap<>();
      numbers.put("rows", plan.rows());
      numbers.put("bytes", plan.bytes());
      numbers.put("bronze_version", plan.bronzeVersion());
      numbers.put("view_version", plan.viewVersion());
      items.add(
          new Item(
              "live",
              workspace.lake().live(plan.view()),
              numbers,
              readsOfBronze(plan.rows(), plan.bytes())));
    }
    return items;
  }

  private void print(List<Item> items, List<Suggestion> suggestions) {
    if (common.json()) {
      List<Map<String, Object>> documents = new ArrayList<>();
      for (Item item : items) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("stage", item.stage());
        document.put("table", item.table());
        document.putAll(item.numbers());
        document.put("work", item.work());
        documents.add(document);
      }
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("plan", documents);
      document.put("suggested_columns", suggestions.stream().map(PlanCommand::document).toList());
      common.output().json(document);
      return;
    }
    common
        .output()
        .table(
            Table.of(
                List.of("stage", "table", "work"),
                items.stream().map(i -> List.of(i.stage(), i.table(), i.work())).toList()));
    if (!suggestions.isEmpty()) {
      common.output().line("\nFields that events have and the contract does not name");
      common
          .output()
          .table(
              Table.of(
                  List.of("domain", "column", "in"),
                  suggestions.stream().map(PlanCommand::cells).toList()));
    }
  }

  private static List<String> cells(Suggestion suggestion) {
    SuggestedColumn column = suggestion.column();
    return List.of(
        suggestion.domain(),
        column.field() + ": " + column.type(),
        "%.0f%% of the newest rows".formatted(100 * column.share()));
  }

  private static Map<String, Object> document(Suggestion suggestion) {
    SuggestedColumn column = suggestion.column();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", suggestion.domain());
    document.put("field", column.field());
    document.put("rows", column.rows());
    document.put("share", column.share());
    document.put("type", column.type());
    return document;
  }
}
