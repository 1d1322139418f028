package assay.reconciliation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableFiles;
import assay.core.contract.Contract;
import assay.core.contract.Ignore;
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
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Compares gold (control) with the live views (test), day by day, at pinned versions and known
 * cuts, and stores the evidence.
 */
public final class ReconcileStage {
  private static final String STAGE = "reconcile";

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
      Pins pins = Pins.take(spark, lake, contract, metrics, request.at());
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
        request
            .day()
            .map(d -> col(EventParser.EVENT_DATE).equalTo(lit(d)))
            .orElse(col(EventParser.EVENT_DATE).isNotNull());
    // Asked of a row as it was read once: on which side does not matter, but where a reference
    // table changed between the two readings.
    RowFilter filter = metrics.filter();
    Gold gold = new Gold(spark, lake, contract, metrics);
    LiveView view = new LiveView(spark, lake, contract, metrics);
    Dataset<Row> silver =
        new Silver(spark, lake, contract).table().readAt(pins.silver().version()).where(wanted);
    Dataset<Row> differences =
        filter.passing(new RowDifferences(spark, lake, contract, pins).find().where(wanted));
    List<Ignore> ignored = ignoredToday(metrics);
    try (Ladder ladder =
        new Ladder(
            metrics,
            new Attribution(metrics, new CellPartials(spark, contract, metrics)),
            new CellComparison(metrics, ignored),
            gold.table().readAt(pins.gold()).where(wanted),
            view.fold(view.table().readAt(pins.live()).where(wanted)),
            filter.passing(silver),
            differences)) {
      DayVerdicts verdicts =
          new DayVerdicts(
              contract, metrics, pins, ignored, unaccounted, dayStates(pins, request.at()));
      Optional<String> otherSchema = ladder.otherSchema();
      if (otherSchema.isPresent()) {
        List<DayVerdict> days = verdicts.ofSchema(otherSchema.get(), days(gold, pins, request));
        writer(metrics, pins, unaccounted).write(days, Optional.empty());
        return new Reconciliation(days, List.of(), List.of(), List.of());
      }
      Ladder.Result result = ladder.climb();
      List<DayVerdict> days = verdicts.of(result, request.day());
      steps.reached(STAGE, metrics.name() + ": cells compared");
      writer(metrics, pins, unaccounted).write(days, result.judged());
      return result
          .judged()
          .map(judged -> new LargestDifferences(metrics, judged))
          .map(largest -> largest.with(days, ladder.differences(), request.rows()))
          .orElse(new Reconciliation(days, List.of(), List.of(), List.of()));
    }
  }

  private ProofWriter writer(MetricSet metrics, Pins pins, long unaccounted) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    return new ProofWriter(spark, tables, contract, metrics, pins, unaccounted, now, steps);
  }

  private List<Ignore> ignoredToday(MetricSet metrics) {
    LocalDate today = LocalDate.ofInstant(clock.instant(), contract.zone());
    return metrics.ignored().stream().filter(ignore -> ignore.holdsOn(today)).toList();
  }

  /** As of then, where an earlier version of bronze is asked for. */
  private Function<LocalDate, DayState> dayStates(Pins pins, OptionalLong at) {
    Optional<Instant> firstUnread =
        new Silver(spark, lake, contract).firstUnread(pins.bronze(), pins.control());
    LakeTable bronze = new LakeTable(spark, lake.bronze(contract.domain()));
    Instant asOf = at.isPresent() ? bronze.committedAt(at.getAsLong()) : clock.instant();
    return day -> DayState.of(day, contract, firstUnread, asOf);
  }

  private Set<LocalDate> days(Gold gold, Pins pins, ReconcileRequest request) {
    return request
        .day()
        .map(Set::of)
        .orElseGet(
            () ->
                new TableFiles(spark, gold.table().path())
                    .partitions(pins.gold(), EventParser.EVENT_DATE).stream()
                        .map(LocalDate::parse)
                        .collect(Collectors.toCollection(TreeSet::new)));
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
