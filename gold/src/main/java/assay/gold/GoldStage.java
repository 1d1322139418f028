package assay.gold;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import assay.core.AssayException;
import assay.core.DayRange;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.Gold.Origin;
import assay.gold.GoldPlan.Reason;
import assay.silver.Cut;
import assay.silver.EventParser;
import assay.silver.Silver;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Silver to gold: recomputes exactly the days that silver touched since the last run and replaces
 * them in one commit a metric set. That commit names the version of silver it stands for, so that a
 * run after a crash begins where the last commit ended.
 */
public final class GoldStage {
  private static final String STAGE = "gold";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Clock clock;
  private final Steps steps;

  public GoldStage(SparkSession spark, Lake lake, Contract contract, Clock clock, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * What {@link #run} would do now.
   *
   * @param asked days to recompute whether or not silver changed them
   */
  public List<GoldPlan> plan(Optional<DayRange> asked) {
    LakeTable silver = silver();
    // One version for all metric sets, so that they speak of the same rows.
    long version = silver.version();
    return contract.metrics().stream().map(m -> plan(m, silver, version, asked)).toList();
  }

  /**
   * Recomputes the days that silver touched since the last run.
   *
   * @param asked days to recompute as well
   */
  public List<GoldResult> run(Optional<DayRange> asked) {
    List<GoldResult> results = new ArrayList<>();
    for (GoldPlan plan : plan(asked)) {
      MetricSet metrics = contract.metricSet(plan.metrics()).orElseThrow();
      results.add(refresh(plan, new Gold(spark, lake, contract, metrics)));
    }
    return results;
  }

  private LakeTable silver() {
    LakeTable silver =
        new Silver(spark, lake, contract).table().required("run 'assay silver' first");
    List<String> missing = silver.columnsMissing(contract.allColumnNames());
    if (!missing.isEmpty()) {
      throw AssayException.failed(
          silver.path() + " does not have the contract's columns " + missing + " yet",
          "run 'assay silver' first: it adds them");
    }
    return silver;
  }

  private GoldPlan plan(
      MetricSet metrics, LakeTable silver, long version, Optional<DayRange> asked) {
    Gold gold = new Gold(spark, lake, contract, metrics);
    if (!gold.table().exists()) {
      return whole(metrics, Reason.FIRST_RUN, silver, version);
    }
    Optional<Origin> origin = gold.originAt(gold.table().version());
    if (origin.filter(o -> o.basis().equals(gold.basis(silver))).isEmpty()) {
      return whole(metrics, Reason.OTHER_BASIS, silver, version);
    }
    Optional<Set<String>> touched = touchedDays(gold, origin.get(), silver, version);
    if (touched.isEmpty()) {
      return whole(metrics, Reason.LOG_GONE, silver, version);
    }
    TreeSet<LocalDate> days = new TreeSet<>();
    touched.get().forEach(day -> days.add(LocalDate.parse(day)));
    asked.ifPresent(range -> days.addAll(range.days()));
    Reason reason = days.isEmpty() ? Reason.NOTHING : Reason.CHANGED;
    return new GoldPlan(metrics.name(), reason, List.copyOf(days), version);
  }

  private static GoldPlan whole(
      MetricSet metrics, Reason reason, LakeTable silver, long silverVersion) {
    return new GoldPlan(
        metrics.name(), reason, daysOf(silver.readAt(silverVersion)), silverVersion);
  }

  private GoldResult refresh(GoldPlan plan, Gold gold) {
    LakeTable silver = new Silver(spark, lake, contract).table();
    Dataset<Row> rows = silver.readAt(plan.silverVersion());
    long before = gold.table().version();
    if (plan.reason().whole()) {
      replaceAll(gold, silver, rows, plan.silverVersion());
    } else {
      replaceDays(gold, rows, plan);
    }
    long after = gold.table().version();
    steps.reached(STAGE, plan.metrics() + ": " + plan.days().size() + " days committed");
    List<RestatedTotal> restated =
        plan.reason() == Reason.CHANGED && after > before
            ? restated(gold, before, after, plan.days())
            : List.of();
    return new GoldResult(
        plan.metrics(), plan.reason(), states(plan), restated, plan.silverVersion(), after);
  }

  private Map<LocalDate, DayState> states(GoldPlan plan) {
    Map<LocalDate, DayState> states = new TreeMap<>();
    if (plan.days().isEmpty()) {
      return states;
    }
    Silver silver = new Silver(spark, lake, contract);
    Cut read = silver.state(plan.silverVersion()).read();
    Optional<Instant> firstUnread = silver.firstUnread(read);
    Instant asOf = clock.instant();
    plan.days().forEach(day -> states.put(day, DayState.of(day, contract, firstUnread, asOf)));
    return states;
  }

  private static Optional<Set<String>> touchedDays(
      Gold gold, Origin origin, LakeTable silver, long silverVersion) {
    OptionalLong last = gold.table().lastTransaction(gold.transactionId(origin.generation()));
    return last.isEmpty()
        ? Optional.empty()
        : silver.partitionsChanged(EventParser.EVENT_DATE, last.getAsLong(), silverVersion);
  }

  private static void replaceDays(Gold gold, Dataset<Row> rows, GoldPlan plan) {
    Origin origin = gold.originAt(gold.table().version()).orElseThrow();
    Transaction transaction =
        new Transaction(gold.transactionId(origin.generation()), plan.silverVersion());
    boolean known =
        gold.table().lastTransaction(transaction.appId()).orElse(-1) >= plan.silverVersion();
    if (plan.days().isEmpty()) {
      // No row, but a commit: gold stands for the newer version of silver from here on.
      if (!known) {
        gold.table().append(gold.table().read().limit(0), transaction);
      }
      return;
    }
    Set<String> days =
        plan.days().stream()
            .map(LocalDate::toString)
            .collect(Collectors.toCollection(TreeSet::new));
    String predicate = EventParser.EVENT_DATE + " IN " + LakeTable.dates(days);
    Dataset<Row> cells = gold.aggregate(rows.where(expr(predicate)));
    if (known) {
      // Gold stands for this version of silver already, and is asked to compute days once more.
      // They
      // come out the same however often that is done.
      gold.table().rewriteWhere(cells, predicate);
    } else {
      gold.table().replaceWhere(cells, predicate, transaction);
    }
  }

  private static void replaceAll(
      Gold gold, LakeTable silver, Dataset<Row> rows, long silverVersion) {
    Origin origin = new Origin(gold.basis(silver), gold.table().version() + 1);
    Dataset<Row> cells = gold.withOrigin(gold.aggregate(rows), origin);
    List<String> partitionBy = List.of(EventParser.EVENT_DATE);
    if (!gold.table().exists()) {
      gold.table().createOrExtend(cells.schema(), partitionBy);
    }
    gold.table()
        .replaceAll(
            cells,
            partitionBy,
            new Transaction(gold.transactionId(origin.generation()), silverVersion));
  }

  private static List<RestatedTotal> restated(
      Gold gold, long before, long after, List<LocalDate> days) {
    Map<LocalDate, Map<String, BigDecimal>> old = gold.totals(before, days);
    Map<LocalDate, Map<String, BigDecimal>> now = gold.totals(after, days);
    List<RestatedTotal> restated = new ArrayList<>();
    old.forEach(
        (day, totals) ->
            totals.forEach(
                (measure, total) -> {
                  BigDecimal current =
                      now.getOrDefault(day, Map.of()).getOrDefault(measure, BigDecimal.ZERO);
                  if (current.compareTo(total) != 0) {
                    restated.add(new RestatedTotal(day, measure, total, current));
                  }
                }));
    return restated;
  }

  private static List<LocalDate> daysOf(Dataset<Row> rows) {
    return rows.select(col(EventParser.EVENT_DATE)).distinct().collectAsList().stream()
        .map(row -> row.getLocalDate(0))
        .sorted()
        .toList();
  }
}
