package assay.gold;

import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import assay.core.AssayException;
import assay.core.DayRange;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableFiles;
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
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
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

  /** How much work a plan is. */
  public GoldCost cost(GoldPlan plan) {
    if (plan.reason() == Reason.NOTHING) {
      return GoldCost.NOTHING;
    }
    LakeTable gold = new LakeTable(spark, lake.gold(plan.metrics()));
    TableFiles silverFiles = new TableFiles(spark, silver().path());
    TableFiles goldFiles = new TableFiles(spark, gold.path());
    if (plan.reason().whole()) {
      return new GoldCost(silverFiles.size(plan.silverVersion()), goldFiles.size(gold.version()));
    }
    Set<String> days = texts(plan.days());
    return new GoldCost(
        silverFiles.size(plan.silverVersion(), EventParser.EVENT_DATE, days),
        goldFiles.size(gold.version(), EventParser.EVENT_DATE, days));
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
    if (origin.isEmpty()
        || !origin.get().basis().equals(gold.basis(silver, silver.readAt(version)))) {
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

  private GoldPlan whole(MetricSet metrics, Reason reason, LakeTable silver, long silverVersion) {
    List<LocalDate> days = List.copyOf(daysOf(silver, silverVersion));
    return new GoldPlan(metrics.name(), reason, days, silverVersion);
  }

  private GoldResult refresh(GoldPlan plan, Gold gold) {
    LakeTable silver = new Silver(spark, lake, contract).table();
    Dataset<Row> rows = silver.readAt(plan.silverVersion());
    long before = gold.table().version();
    Dataset<Row> read = plan.reason().whole() ? rows : rows.where(isOf(plan.days()));
    if (plan.reason().whole()) {
      replaceAll(gold, silver, rows, plan.silverVersion());
    } else {
      replaceDays(gold, read, plan);
    }
    long after = gold.table().version();
    steps.reached(STAGE, plan.metrics() + ": " + plan.days().size() + " days committed");
    // Totals of another definition are others, and no restatement.
    boolean comparable = plan.reason() == Reason.CHANGED || plan.reason() == Reason.LOG_GONE;
    return new GoldResult(
        plan.metrics(),
        plan.reason(),
        states(plan),
        comparable && after > before ? restated(gold, before, after, plan) : List.of(),
        plan.days().isEmpty() ? Map.of() : gold.filtered(read),
        plan.silverVersion(),
        after);
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

  private static Column isOf(List<LocalDate> days) {
    return days.isEmpty() ? lit(false) : expr(predicate(days));
  }

  private static String predicate(List<LocalDate> days) {
    return EventParser.EVENT_DATE + " IN " + LakeTable.dates(texts(days));
  }

  /**
   * @param rows of silver, of the days to replace
   */
  private static void replaceDays(Gold gold, Dataset<Row> rows, GoldPlan plan) {
    Origin origin = gold.originAt(gold.table().version()).orElseThrow();
    Transaction transaction =
        new Transaction(gold.transactionId(origin.generation()), plan.silverVersion());
    long last = gold.table().lastTransaction(transaction.appId()).orElse(-1);
    if (last > plan.silverVersion()) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "%s stands for version %d of silver already, this run began with %d"
              .formatted(gold.table().path(), last, plan.silverVersion()),
          "nothing is lost: another run of gold was faster; run the same command again");
    }
    boolean known = last == plan.silverVersion();
    if (plan.days().isEmpty()) {
      // No row, but a commit: gold stands for the newer version of silver from here on.
      if (!known) {
        gold.table().append(gold.table().read().limit(0), transaction);
      }
      return;
    }
    String predicate = predicate(plan.days());
    Dataset<Row> cells = gold.aggregate(rows);
    if (known) {
      // Gold stands for this version of silver already, and is asked to compute days once more.
      // They come out the same however often that is done.
      gold.table().rewriteWhere(cells, predicate);
    } else {
      gold.table().replaceWhere(cells, predicate, transaction);
    }
  }

  private static void replaceAll(
      Gold gold, LakeTable silver, Dataset<Row> rows, long silverVersion) {
    Origin origin = new Origin(gold.basis(silver, rows), gold.table().version() + 1);
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

  private List<RestatedTotal> restated(Gold gold, long before, long after, GoldPlan plan) {
    SortedSet<LocalDate> known = daysOf(gold.table(), before);
    TreeSet<LocalDate> days = new TreeSet<>(plan.days());
    if (plan.reason().whole()) {
      days.addAll(known);
    }
    Map<LocalDate, Map<String, Optional<BigDecimal>>> old = gold.totals(before, days);
    Map<LocalDate, Map<String, Optional<BigDecimal>>> now = gold.totals(after, days);
    List<RestatedTotal> restated = new ArrayList<>();
    for (LocalDate day : days) {
      boolean isNew = !known.contains(day) && (known.isEmpty() || day.isAfter(known.last()));
      if (isNew) {
        continue;
      }
      Map<String, Optional<BigDecimal>> was = old.getOrDefault(day, Map.of());
      Map<String, Optional<BigDecimal>> is = now.getOrDefault(day, Map.of());
      for (String measure : was.isEmpty() ? is.keySet() : was.keySet()) {
        RestatedTotal total =
            new RestatedTotal(
                day,
                measure,
                was.getOrDefault(measure, Optional.empty()),
                is.getOrDefault(measure, Optional.empty()));
        if (!total.before().equals(total.after())) {
          restated.add(total);
        }
      }
    }
    return restated;
  }

  private SortedSet<LocalDate> daysOf(LakeTable table, long version) {
    return new TableFiles(spark, table.path())
        .partitions(version, EventParser.EVENT_DATE).stream()
            .map(LocalDate::parse)
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> texts(List<LocalDate> days) {
    return days.stream().map(LocalDate::toString).collect(Collectors.toCollection(TreeSet::new));
  }
}
