package assay.reconciliation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Ignore;
import assay.core.contract.MetricSet;
import assay.core.contract.RowFilter;
import assay.gold.DayState;
import assay.gold.Gold;
import assay.reconciliation.convergence.Convergence;
import assay.reconciliation.convergence.Convergence.Inputs;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.CellPartials;
import assay.views.live.LiveView;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

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

  /**
   * Reconciles every live metric set of the domain. One of which a side is missing does not keep
   * the others from being compared.
   */
  public Reconciliation run(ReconcileRequest request) {
    tables.createTables();
    List<Reconciliation> results = new ArrayList<>();
    List<Uncompared> missing = new ArrayList<>();
    Ledgers ledgers = new Ledgers(spark, lake, contract, now());
    Optional<Ledger> batch = Optional.empty();
    for (MetricSet metrics : contract.liveMetrics()) {
      Optional<Pins> pinned =
          Uncompared.attempt(
              contract.domain(),
              metrics.name(),
              missing,
              () -> Pins.take(spark, lake, contract, metrics, request.at()));
      if (pinned.isEmpty()) {
        continue;
      }
      Pins pins = pinned.get();
      steps.reached(STAGE, metrics.name() + ": versions pinned");
      List<Ledger> added = new ArrayList<>();
      if (batch.isEmpty()) {
        batch = Optional.of(ledgers.ofBatch(pins));
        added.add(batch.get());
      }
      Ledger live = ledgers.ofLive(metrics, pins);
      added.add(live);
      results.add(new Reconciliation(List.of(), added, List.of(), List.of()));
      results.add(reconcile(metrics, pins, request, List.of(batch.get(), live)));
    }
    return Reconciliation.all(results).butNot(missing);
  }

  private Reconciliation reconcile(
      MetricSet metrics, Pins pins, ReconcileRequest request, List<Ledger> ledgers) {
    long unaccounted = ledgers.stream().mapToLong(Ledger::wrong).sum();
    Gold gold = new Gold(spark, lake, contract, metrics);
    LiveView view = new LiveView(spark, lake, contract, metrics);
    SettledDays.Sides sides =
        SettledDays.Sides.of(
            spark, pins, gold.table(), new Silver(spark, lake, contract).table(), view.table());
    NavigableMap<LocalDate, DayVerdict> settled =
        request.takesSettled() && unaccounted == 0
            ? new SettledDays(tables, contract, metrics, sides).find()
            : new TreeMap<>();
    Set<LocalDate> left = request.day().map(Set::of).orElseGet(sides::days);
    if (!settled.isEmpty()) {
      left.removeAll(settled.keySet());
    }
    if (request.takesSettled() && left.isEmpty()) {
      steps.reached(STAGE, metrics.name() + ": nothing changed since it was compared");
      return new Reconciliation(List.of(), List.of(), List.of(), List.of()).with(settled.values());
    }
    ProofWriter writer =
        new ProofWriter(spark, tables, contract, metrics, pins, sides, unaccounted, now(), steps);
    return compare(pins, request, ledgers, left, wanted(request, settled.keySet()), writer)
        .with(settled.values());
  }

  private static Column wanted(ReconcileRequest request, Set<LocalDate> settled) {
    Column day = col(EventParser.EVENT_DATE);
    if (request.day().isPresent()) {
      return day.equalTo(lit(request.day().get()));
    }
    return settled.isEmpty() ? day.isNotNull() : not(day.isin(settled.toArray()));
  }

  /**
   * Compares.
   *
   * @param days that are left to compare
   * @param wanted the same as a condition
   */
  private Reconciliation compare(
      Pins pins,
      ReconcileRequest request,
      List<Ledger> ledgers,
      Set<LocalDate> days,
      Column wanted,
      ProofWriter writer) {
    MetricSet metrics = writer.metrics();
    // Asked of a row as the side read it that has it in its number.
    RowFilter filter = metrics.filter();
    Gold gold = new Gold(spark, lake, contract, metrics);
    LiveView view = new LiveView(spark, lake, contract, metrics);
    Dataset<Row> silver =
        filter.passing(
            new Silver(spark, lake, contract)
                .table()
                .readAt(pins.silver().version())
                .where(wanted));
    Dataset<Row> control = gold.table().readAt(pins.gold()).where(wanted);
    Dataset<Row> partials = view.table().readAt(pins.live()).where(wanted);
    Dataset<Row> differences =
        filter.passing(
            new RowDifferences(spark, lake, contract, metrics.lookUps(contract.enrich()), pins)
                .find(wanted));
    List<Ignore> ignored = ignoredToday(metrics);
    try (Ladder ladder =
        new Ladder(
            metrics,
            new Attribution(metrics, new CellPartials(spark, contract, metrics)),
            new CellComparison(metrics, ignored),
            control,
            view.fold(partials),
            silver,
            differences)) {
      DayVerdicts verdicts =
          new DayVerdicts(
              contract, metrics, pins, ignored, Verdict.of(ledgers), dayStates(pins, request.at()));
      Optional<String> otherSchema = ladder.otherSchema();
      if (otherSchema.isPresent()) {
        List<DayVerdict> none = verdicts.ofSchema(otherSchema.get(), days);
        writer.write(none);
        return new Reconciliation(none, List.of(), List.of(), List.of());
      }
      Ladder.Result result = ladder.climb();
      List<DayVerdict> compared = verdicts.of(result, request.day());
      steps.reached(STAGE, metrics.name() + ": cells compared");
      new Convergence(spark, lake, contract, metrics)
          .write(
              over(compared), new Inputs(partials, silver, ladder.differences(), pins.testBatch()));
      steps.reached(STAGE, metrics.name() + ": convergence committed");
      writer.write(compared, control, result.judged());
      return result
          .judged()
          .map(judged -> new LargestDifferences(metrics, judged))
          .map(largest -> largest.with(compared, ladder.differences(), request.rows()))
          .orElse(new Reconciliation(compared, List.of(), List.of(), List.of()));
    }
  }

  /** The evidence of days that are over and whose rows explain all differences, by day. */
  private static Map<LocalDate, String> over(List<DayVerdict> verdicts) {
    return verdicts.stream()
        .filter(v -> v.verdict().green())
        .collect(Collectors.toMap(DayVerdict::day, DayVerdict::evidenceId));
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

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
