package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.core.contract.RowFilter;
import assay.gold.DayState;
import assay.gold.Gold;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.CellPartials;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Compares gold (control) with the live views (test), day by day, at pinned versions and known
 * cuts, and stores the evidence.
 */
public final class ReconcileStage {
  private static final String STAGE = "reconcile";

  /** How many of the largest differences a run hands back; all of them stand in the tables. */
  private static final int LARGEST = 20;

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Clock clock;
  private final Steps steps;
  private final EvidenceTables tables;

  public ReconcileStage(
      SparkSession spark, Lake lake, Contract contract, Clock clock, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.clock = clock;
    this.steps = steps;
    this.tables = new EvidenceTables(spark, lake);
  }

  /** Reconciles every live metric set of the domain. */
  public Reconciliation run(ReconcileRequest request) {
    tables.createTables();
    List<DayVerdict> days = new ArrayList<>();
    List<Ledger> ledgers = new ArrayList<>();
    List<CellDifference> largest = new ArrayList<>();
    List<ContributingRow> rows = new ArrayList<>();
    for (MetricSet metrics : contract.liveMetrics()) {
      Pins pins = Pins.take(spark, lake, contract, metrics);
      steps.reached(STAGE, metrics.name() + ": versions pinned");
      long bronze = bronzeRows(pins);
      if (ledgers.isEmpty()) {
        ledgers.add(ledgerOfBatch(pins, bronze));
      }
      Ledger live = ledgerOfLive(metrics, pins, bronze);
      ledgers.add(live);
      long unaccounted = Math.abs(ledgers.get(0).unaccounted()) + Math.abs(live.unaccounted());
      Reconciliation one = reconcile(metrics, pins, request, unaccounted);
      days.addAll(one.days());
      largest.addAll(one.largest());
      rows.addAll(one.rows());
    }
    return new Reconciliation(days, ledgers, largest, rows);
  }

  private Reconciliation reconcile(
      MetricSet metrics, Pins pins, ReconcileRequest request, long unaccounted) {
    Column wanted =
        request.day().map(d -> col(EventParser.EVENT_DATE).equalTo(lit(d))).orElse(lit(true));
    Gold gold = new Gold(spark, lake, contract, metrics);
    LiveView view = new LiveView(spark, lake, contract, metrics);
    // Asked of a row as it was read once: on which side does not matter, but where a reference
    // table
    // changed between the two readings.
    RowFilter filter = metrics.filter();
    Dataset<Row> silver =
        filter.passing(
            new Silver(spark, lake, contract)
                .table()
                .readAt(pins.silver().version())
                .where(wanted));
    Dataset<Row> control = gold.table().readAt(pins.gold()).where(wanted);
    Dataset<Row> test = view.fold(view.table().readAt(pins.live()).where(wanted));
    Dataset<Row> differences =
        filter
            .passing(new RowDifferences(spark, lake, contract, pins).find().where(wanted))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> compared =
        new CellComparison(metrics, new CellPartials(spark, contract, metrics))
            .compare(control, test, silver, differences)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Set<LocalDate> twice = daysWithTwoRowsForACell(control, metrics);
      List<DayVerdict> verdicts =
          verdicts(metrics, pins, compared, twice, request.day(), unaccounted);
      steps.reached(STAGE, metrics.name() + ": cells compared");
      store(metrics, pins, control, compared, verdicts, unaccounted);
      List<Row> cells = largestCells(compared);
      List<CellDifference> largest = cells.stream().map(c -> difference(c, metrics)).toList();
      List<ContributingRow> rows = rowsBehind(cells, differences, metrics, request.rows());
      return new Reconciliation(verdicts, List.of(), largest, rows);
    } finally {
      compared.unpersist();
      differences.unpersist();
    }
  }

  private List<DayVerdict> verdicts(
      MetricSet metrics,
      Pins pins,
      Dataset<Row> compared,
      Set<LocalDate> twice,
      Optional<LocalDate> asked,
      long unaccounted) {
    Instant asOf = clock.instant();
    Optional<Instant> firstUnread =
        new Silver(spark, lake, contract).firstUnread(pins.bronze(), pins.control());
    List<DayVerdict> verdicts = new ArrayList<>();
    for (Row row : EvidenceTables.countByDay(compared, metrics).collectAsList()) {
      LocalDate day = row.getLocalDate(0);
      DayState state = DayState.of(day, contract, firstUnread, asOf);
      Verdict verdict = verdict(row, state, twice.contains(day), unaccounted);
      if (verdict instanceof Verdict.Open open && asked.isPresent()) {
        verdict = new Verdict.Inconclusive(open.why());
      }
      verdicts.add(
          new DayVerdict(
              metrics.name(),
              day,
              verdict,
              row.<Long>getAs("cells"),
              row.<Long>getAs("differing"),
              row.<BigDecimal>getAs("unexplained").stripTrailingZeros(),
              pins.evidenceId(
                  contract, metrics, day, verdict.label() + verdict.reason().orElse(""))));
    }
    if (verdicts.isEmpty() && asked.isPresent()) {
      Verdict nothing = new Verdict.Inconclusive("neither side holds a row of this day");
      verdicts.add(
          new DayVerdict(
              metrics.name(),
              asked.get(),
              nothing,
              0,
              0,
              BigDecimal.ZERO,
              pins.evidenceId(contract, metrics, asked.get(), nothing.label())));
    }
    verdicts.sort(Comparator.comparing(DayVerdict::day));
    return verdicts;
  }

  private static Verdict verdict(Row counts, DayState state, boolean twice, long unaccounted) {
    if (counts.<Long>getAs("diverged") > 0) {
      return new Verdict.Diverged();
    }
    if (twice) {
      return new Verdict.Inconclusive("gold holds a cell twice");
    }
    if (unaccounted > 0) {
      // Nobody can say which day they belong to.
      return new Verdict.Inconclusive(unaccounted + " rows of bronze are not accounted for");
    }
    if (state instanceof DayState.Open open) {
      return new Verdict.Open(open.reason());
    }
    if (counts.<Long>getAs("explained") > 0) {
      return new Verdict.Explained();
    }
    return counts.<Long>getAs("tolerated") > 0 ? new Verdict.Tolerated() : new Verdict.Match();
  }

  private static Set<LocalDate> daysWithTwoRowsForACell(Dataset<Row> control, MetricSet metrics) {
    Column[] grain = Gold.grain(metrics).stream().map(functions::col).toArray(Column[]::new);
    return control
        .groupBy(grain)
        .agg(count(lit(1)).as("_times"))
        .where(col("_times").gt(1))
        .select(EventParser.EVENT_DATE)
        .distinct()
        .collectAsList()
        .stream()
        .map(row -> row.getLocalDate(0))
        .collect(Collectors.toSet());
  }

  private void store(
      MetricSet metrics,
      Pins pins,
      Dataset<Row> control,
      Dataset<Row> compared,
      List<DayVerdict> verdicts,
      long unaccounted) {
    Set<String> ids =
        verdicts.stream()
            .map(DayVerdict::evidenceId)
            .collect(Collectors.toCollection(TreeSet::new));
    if (ids.isEmpty()) {
      return;
    }
    Dataset<Row> withEvidence = withEvidenceId(compared, verdicts);
    EvidenceTables.appendOnce(tables.cells(), EvidenceTables.cellRows(withEvidence, metrics), ids);
    steps.reached(STAGE, metrics.name() + ": cells committed");
    EvidenceTables.appendOnce(
        tables.attribution(), EvidenceTables.attributionRows(withEvidence, metrics), ids);
    steps.reached(STAGE, metrics.name() + ": attribution committed");
    DrillDown.store(tables, metrics, control, differing(verdicts));
    steps.reached(STAGE, metrics.name() + ": drill-down committed");
    EvidenceTables.appendOnce(tables.evidence(), evidenceRows(pins, verdicts, unaccounted), ids);
    steps.reached(STAGE, metrics.name() + ": evidence committed");
  }

  /** The evidence of days on which something differs. */
  private static Set<String> differing(List<DayVerdict> verdicts) {
    return verdicts.stream()
        .filter(day -> day.differing() > 0)
        .map(DayVerdict::evidenceId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Dataset<Row> withEvidenceId(Dataset<Row> compared, List<DayVerdict> verdicts) {
    List<Row> rows =
        verdicts.stream().map(v -> RowFactory.create(v.day(), v.evidenceId())).toList();
    StructType schema =
        new StructType()
            .add(EventParser.EVENT_DATE, DataTypes.DateType)
            .add(EvidenceTables.ID_OF_CELL, DataTypes.StringType);
    return compared.join(broadcast(spark.createDataFrame(rows, schema)), EventParser.EVENT_DATE);
  }

  private Dataset<Row> evidenceRows(Pins pins, List<DayVerdict> verdicts, long unaccounted) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    List<Row> rows = new ArrayList<>();
    for (DayVerdict v : verdicts) {
      rows.add(
          RowFactory.create(
              v.evidenceId(),
              contract.domain(),
              v.metrics(),
              v.day(),
              v.verdict().label(),
              v.verdict().reason().orElse(null),
              v.cells(),
              v.differing(),
              v.unexplained(),
              unaccounted,
              pins.bronze(),
              pins.silver().version(),
              pins.gold(),
              pins.live(),
              pins.control().toString(),
              pins.test().toString(),
              contract.hash(),
              now));
    }
    return spark.createDataFrame(rows, EvidenceTables.EVIDENCE);
  }

  private static List<Row> largestCells(Dataset<Row> compared) {
    return compared
        .where(not(col(CellComparison.VERDICT).equalTo(CellComparison.MATCH)))
        .orderBy(
            col(CellComparison.VERDICT).equalTo(CellComparison.DIVERGED).desc(),
            col(CellComparison.ROWS).desc(),
            abs(col(CellComparison.DIFFERENCE)).desc(),
            col(EventParser.EVENT_DATE))
        .limit(LARGEST)
        .collectAsList();
  }

  private static List<ContributingRow> rowsBehind(
      List<Row> cells, Dataset<Row> differences, MetricSet metrics, int limit) {
    Column behind =
        cells.stream().map(cell -> isOf(cell, metrics)).reduce(Column::or).orElse(lit(false));
    if (limit == 0 || cells.isEmpty()) {
      return List.of();
    }
    return differences
        .where(behind)
        .orderBy(col(EventParser.EVENT_DATE), col(EventParser.PARTITION), col(EventParser.OFFSET))
        .limit(limit)
        .collectAsList()
        .stream()
        .map(row -> contributing(row, metrics))
        .toList();
  }

  private static Column isOf(Row cell, MetricSet metrics) {
    return Gold.grain(metrics).stream()
        .map(name -> col(name).eqNullSafe(lit(cell.getAs(name))))
        .reduce(Column::and)
        .orElseThrow();
  }

  private static ContributingRow contributing(Row row, MetricSet metrics) {
    return new ContributingRow(
        metrics.name(),
        row.getAs(EventParser.EVENT_DATE),
        cellOf(row, metrics),
        row.<Integer>getAs(EventParser.PARTITION),
        row.<Long>getAs(EventParser.OFFSET),
        row.getAs(RowDifferences.LIVE),
        row.getAs(RowDifferences.BATCH),
        Cause.valueOf(row.<String>getAs(RowDifferences.CAUSE).toUpperCase(Locale.ROOT)));
  }

  private static String cellOf(Row row, MetricSet metrics) {
    return metrics.by().stream()
        .map(name -> name + "=" + row.getAs(name))
        .collect(Collectors.joining(", "));
  }

  private static CellDifference difference(Row row, MetricSet metrics) {
    Map<Cause, BigDecimal> terms = new EnumMap<>(Cause.class);
    for (Cause cause : Cause.values()) {
      BigDecimal amount = row.getAs(CellComparison.column(cause));
      if (amount.signum() != 0) {
        terms.put(cause, amount.stripTrailingZeros());
      }
    }
    return new CellDifference(
        metrics.name(),
        row.getAs(EventParser.EVENT_DATE),
        cellOf(row, metrics),
        row.getAs(CellComparison.MEASURE),
        text(row, CellComparison.CONTROL),
        text(row, CellComparison.TEST),
        row.<BigDecimal>getAs(CellComparison.DIFFERENCE).stripTrailingZeros(),
        terms,
        row.<BigDecimal>getAs(CellComparison.UNEXPLAINED).stripTrailingZeros(),
        row.<Long>getAs(CellComparison.ROWS),
        row.getAs(CellComparison.VERDICT));
  }

  private static String text(Row row, String column) {
    return row.getAs(column) == null ? "" : row.getAs(column);
  }

  private Ledger ledgerOfBatch(Pins pins, long bronze) {
    Silver silver = new Silver(spark, lake, contract);
    long version = pins.silver().version();
    Map<String, Long> aside = countBy(silver.exceptions(version));
    Map<String, Long> dispositions = new LinkedHashMap<>();
    dispositions.put(Disposition.LOADED, silver.table().readAt(version).count());
    dispositions.put(Disposition.SUPERSEDED, aside.getOrDefault(Disposition.SUPERSEDED, 0L));
    dispositions.put(Disposition.DUPLICATE, aside.getOrDefault(Disposition.DUPLICATE, 0L));
    if (contract.source().tellsDeletes()) {
      dispositions.put(Disposition.DELETED, aside.getOrDefault(Disposition.DELETED, 0L));
    }
    dispositions.put(Disposition.QUARANTINED, silver.quarantine(version).count());
    dispositions.put(Disposition.PENDING, bronze - pins.silver().rowsRead());
    return new Ledger(contract.domain(), "batch", bronze, dispositions);
  }

  private Ledger ledgerOfLive(MetricSet metrics, Pins pins, long bronze) {
    LiveTables live = new LiveTables(spark, lake, contract);
    LiveView view = new LiveView(spark, lake, contract, metrics);
    Map<String, Long> aside = countBy(live.exceptions(pins.testBatch()));
    Map<String, Long> dispositions = new LinkedHashMap<>();
    dispositions.put(Disposition.COUNTED, LiveView.rows(view.table().readAt(pins.live())));
    dispositions.put(Disposition.DUPLICATE, aside.getOrDefault(Disposition.DUPLICATE, 0L));
    dispositions.put(Disposition.LATE, aside.getOrDefault(Disposition.LATE, 0L));
    if (contract.adjusts() || aside.containsKey(Disposition.SUPERSEDED)) {
      dispositions.put(Disposition.SUPERSEDED, aside.getOrDefault(Disposition.SUPERSEDED, 0L));
    }
    dispositions.put(Disposition.QUARANTINED, aside.getOrDefault(Disposition.QUARANTINED, 0L));
    if (contract.source().tellsDeletes()) {
      dispositions.put(Disposition.DELETED, aside.getOrDefault(Disposition.DELETED, 0L));
    }
    dispositions.put(Disposition.PENDING, bronze - rowsRead(live.reads().upTo(pins.testBatch())));
    return new Ledger(contract.domain(), "live." + metrics.name(), bronze, dispositions);
  }

  private long bronzeRows(Pins pins) {
    return new LakeTable(spark, lake.bronze(contract.domain())).readAt(pins.bronze()).count();
  }

  private static long rowsRead(Dataset<Row> reads) {
    Row row = reads.agg(functions.sum(col("rows"))).head();
    return row.isNullAt(0) ? 0 : row.getLong(0);
  }

  private static Map<String, Long> countBy(Dataset<Row> exceptions) {
    return exceptions.groupBy(col(Disposition.COLUMN)).count().collectAsList().stream()
        .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
  }
}
