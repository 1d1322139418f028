package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Ignore;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * One lake in which each day tells another story, read by all tests; the last two go on from there.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReconcileStageTest {
  private static final String EQUAL = "2001-01-01";
  private static final String LATE = "2001-01-02";
  private static final String CORRECTED = "2001-01-03";
  private static final String CUT = "2001-01-04";
  private static final BigDecimal HALF = new BigDecimal("0.5");
  private static final ReconcileRequest ALL = ReconcileRequest.ALL;
  private final String today = LocalDate.now(ZoneOffset.UTC).toString();

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;
  private Reconciliation result;

  @BeforeAll
  void reconcileEveryDay(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", EQUAL + "T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", EQUAL + "T09:00:00Z", 0, "SEA", "JFK"),
        flight("c", LATE + "T08:00:00Z", 5, "SEA", "LAX"),
        flight("d", LATE + "T12:00:00Z", 7, "SEA", "LAX"));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("e", LATE + "T09:59:59Z", 300, "SEA", "LAX"),
        flight("j", LATE + "T09:00:00Z", 1, "SEA", "JFK"),
        flight("f", CORRECTED + "T08:00:00Z", 5, "SEA", "LAX"));
    bronze.ingest(
        "2026-01-01T00:00:20Z",
        flight("f", CORRECTED + "T08:00:00Z", 50, "SEA", "LAX"),
        flight("g", CUT + "T08:00:00Z", 5, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).run();
    bronze.ingest(
        "2026-01-01T00:00:30Z",
        flight("h", CUT + "T08:30:00Z", 6, "SEA", "LAX"),
        flight("i", today + "T00:00:00Z", 5, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).live();
    result = reconcile();
  }

  @Test
  @Order(1)
  void equalSidesMatch() {
    assertThat(day(EQUAL).verdict()).isEqualTo(new Verdict.Match());
    assertThat(day(EQUAL).cells()).isEqualTo(2);
    assertThat(day(EQUAL).differing()).isZero();
    assertThat(day(EQUAL).rung()).isEqualTo(Rung.MEASURES);
    assertThat(day(EQUAL).ended())
        .isEqualTo("all measures of 2 cells are the same, made of the same rows");
    assertThat(new Reconciliation(List.of(day(EQUAL)), List.of(), List.of(), List.of()).failure())
        .isEmpty();
  }

  @Test
  @Order(1)
  void aLateRowExplainsWhatTheStreamMisses() {
    assertThat(day(LATE).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(day(LATE).rung()).isEqualTo(Rung.ROWS);
    assertThat(terms(LATE, "flights")).containsExactly(entry(Cause.LATE, "-1"));
    assertThat(terms(LATE, "delay_minutes")).containsExactly(entry(Cause.LATE, "-300"));
    assertThat(terms(LATE, "worst_delay")).containsExactly(entry(Cause.LATE, "-293"));
    assertThat(terms(LATE, "avg_delay")).containsExactly(entry(Cause.LATE, "-98"));
  }

  @Test
  @Order(1)
  void aCorrectionExplainsTheRowThatGaveWay() {
    assertThat(day(CORRECTED).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(terms(CORRECTED, "flights")).containsExactly(entry(Cause.SUPERSEDED, "1"));
    assertThat(terms(CORRECTED, "delay_minutes")).containsExactly(entry(Cause.SUPERSEDED, "5"));
  }

  @Test
  @Order(1)
  void rowsThatOnlyTheStreamHasReadAreCut() {
    assertThat(day(CUT).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(terms(CUT, "flights")).containsExactly(entry(Cause.CUT, "1"));
    assertThat(terms(CUT, "delay_minutes")).containsExactly(entry(Cause.CUT, "6"));
  }

  @Test
  @Order(1)
  void aDayThatIsNotOverIsShownAndCountsOnlyWhereItWasAskedFor() {
    assertThat(day(today).verdict())
        .isInstanceOfSatisfying(
            Verdict.Open.class, open -> assertThat(open.why()).startsWith("the day closes at "));
    assertThat(result.failure()).isEmpty();
    assertThat(new Reconciliation(List.of(day(today)), List.of(), List.of(), List.of()).failure())
        .contains(ErrorCode.INCONCLUSIVE);
  }

  @Test
  @Order(1)
  void nothingIsUnexplainedAndTheLedgersAddUp() {
    assertThat(result.days())
        .hasSize(5)
        .allSatisfy(d -> assertThat(d.unexplained()).isEqualByComparingTo(BigDecimal.ZERO));
    assertThat(result.ledgers()).hasSize(2).allSatisfy(l -> assertThat(l.addsUp()).isTrue());
  }

  @Test
  @Order(2)
  void theSameComparisonTwiceLeavesOneEvidence() {
    EvidenceTables tables = new EvidenceTables(spark, lake);
    long cells = tables.cells().read().count();
    assertThat(reconcile().days()).isEqualTo(result.days());
    assertThat(tables.evidence().read().count()).isEqualTo(5);
    assertThat(tables.cells().read().count()).isEqualTo(cells).isPositive();
  }

  @Test
  @Order(2)
  void eachPathAgreesWithItself() {
    Calibration calibration = new CalibrateStage(spark, lake, contract, Steps.SILENT).run();
    assertThat(calibration.paths())
        .extracting(
            Calibration.SamePath::path, Calibration.SamePath::cells, p -> p.differing() + "")
        .containsExactly(tuple("batch", 6L, "0"), tuple("live", 6L, "0"));
    assertThat(calibration.failure()).isEmpty();
    // Four days are over and proven; of the late day's cells the one is there in batch alone.
    assertThat(calibration.proposals())
        .filteredOn(p -> p.measure().equals("flights"))
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.days()).isEqualTo(4);
              assertThat(p.differing()).isEqualTo(4);
              assertThat(p.largest()).isEqualByComparingTo("1");
              assertThat(p.largestShare()).isEqualTo(1.0);
              assertThat(p.proposed()).isEqualTo("100%");
            });
    assertThat(calibration.proposals())
        .filteredOn(p -> p.measure().equals("delay_minutes"))
        .singleElement()
        .satisfies(p -> assertThat(p.now()).contains("0.1%"));
  }

  @Test
  @Order(3)
  void asOfAnEarlierBronzeNoRowIsCut() {
    Reconciliation then =
        reconcile(contract, new ReconcileRequest(Optional.empty(), 0, OptionalLong.of(3)));
    assertThat(day(then, CUT).verdict()).isEqualTo(new Verdict.Match());
    assertThat(day(then, LATE).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(then.ledgers())
        .allSatisfy(l -> assertThat(l.dispositions()).containsEntry("pending", 0L));
    // What is known of a newer bronze stands, although this was asked later.
    assertThat(newest(CUT).verdict()).isEqualTo("EXPLAINED");
  }

  @Test
  @Order(3)
  void aMetricSetWithoutASideDoesNotKeepOthersFromBeingCompared() {
    MetricSet routes = contract.metrics().get(0);
    MetricSet unbuilt = MetricSetBuilder.builder(routes).name("unbuilt").build();
    Reconciliation both =
        reconcile(
            ContractBuilder.builder(contract).metrics(List.of(unbuilt, routes)).build(),
            ReconcileRequest.ALL);
    assertThat(day(both, EQUAL).verdict()).isEqualTo(new Verdict.Match());
    assertThat(both.ledgers()).extracting(Ledger::path).containsExactly("batch", "live.route_day");
    assertThat(both.missing())
        .singleElement()
        .satisfies(
            missing -> {
              assertThat(missing.name()).isEqualTo("unbuilt");
              assertThat(missing.why()).hasMessageContaining("unbuilt to compare");
              assertThat(missing.why().mend()).contains("assay gold");
            });
    assertThat(both.failure()).contains(ErrorCode.INCONCLUSIVE);
    Reconciliation none =
        reconcile(
            ContractBuilder.builder(contract).metrics(List.of(unbuilt)).build(),
            ReconcileRequest.ALL);
    assertThat(none.missing()).hasSize(1);
    assertThat(none.failure()).contains(ErrorCode.INCONCLUSIVE);
  }

  @Test
  @Order(3)
  void asOfABronzeThatASideNeverStoodAtNothingCanBeSaid() {
    assertThat(asOf(1).missing())
        .singleElement()
        .satisfies(
            missing ->
                assertThat(missing.why()).hasMessageContaining("beyond version 1 of bronze"));
    assertThat(asOf(1).failure()).contains(ErrorCode.INCONCLUSIVE);
    assertThat(asOf(99).missing())
        .singleElement()
        .satisfies(missing -> assertThat(missing.why()).hasMessageContaining("no version 99"));
  }

  private Reconciliation asOf(long version) {
    return reconcile(contract, new ReconcileRequest(Optional.empty(), 0, OptionalLong.of(version)));
  }

  @Test
  @Order(3)
  void aDayWithMoreCellsBeyondToleranceThanBorneIsNotFit() {
    Reconciliation strict = reconcile(withMetrics(m -> m.alertAbove(Optional.of(HALF))), ALL);
    assertThat(day(strict, LATE))
        .satisfies(
            d -> {
              assertThat(d.verdict()).isEqualTo(new Verdict.Explained());
              assertThat(d.shareBeyond()).isEqualTo(1.0);
              assertThat(d.fit()).isFalse();
            });
    assertThat(day(strict, EQUAL).fit()).isTrue();
    assertThat(strict.failure()).contains(ErrorCode.DIVERGED);
    assertThat(newest(LATE).fit()).isFalse();
    assertThat(newest(LATE).shareBeyond()).isEqualTo(1.0);
    Reconciliation all =
        reconcile(withMetrics(m -> m.alertAbove(Optional.of(BigDecimal.ONE))), ALL);
    assertThat(day(all, LATE).fit()).isTrue();
    assertThat(all.failure()).isEmpty();
  }

  @Test
  @Order(3)
  void whatIsIgnoredIsStoredAndDoesNotCountUntilItsDateIsOver() {
    LocalDate until = LocalDate.of(2026, 3, 31);
    List<Ignore> ignored =
        List.of(
            new Ignore(Optional.of("delay_minutes"), Map.of(), "the feed is short", until),
            new Ignore(Optional.empty(), Map.of("destination", "JFK"), "a closed gate", until));
    Contract ignoring = withMetrics(m -> m.ignored(ignored));
    Clock lastDay = Clock.fixed(Instant.parse("2026-03-31T23:59:59Z"), ZoneOffset.UTC);
    Reconciliation before =
        new ReconcileStage(spark, lake, ignoring, lastDay, Steps.SILENT).run(ALL);
    // Of SEA - JFK all four measures, of SEA - LAX the delays alone.
    assertThat(day(before, LATE).ignored()).isEqualTo(5);
    assertThat(day(before, LATE).differing()).isEqualTo(1);
    assertThat(
            new EvidenceTables(spark, lake)
                .cells()
                .read()
                .where("verdict = 'IGNORED' AND day = DATE'" + LATE + "'")
                .select("ignored")
                .distinct()
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder("the feed is short", "a closed gate");
    Clock dayAfter = Clock.offset(lastDay, Duration.ofSeconds(1));
    Reconciliation after =
        new ReconcileStage(spark, lake, ignoring, dayAfter, Steps.SILENT).run(ALL);
    assertThat(day(after, LATE).ignored()).isZero();
    assertThat(day(after, LATE).differing()).isEqualTo(2);
  }

  @Test
  @Order(4)
  void whatIsTakenOutByHandDiverges() {
    spark.sql("DELETE FROM delta.`" + lake.live("route_day") + "` WHERE destination = 'JFK'");
    // The row of this cell is late: with the cell gone, neither side shows that there was one.
    spark.sql(
        "DELETE FROM delta.`%s` WHERE event_date = DATE'%s' AND destination = 'JFK'"
            .formatted(lake.gold("route_day"), LATE));
    result = reconcile();
    assertThat(day(EQUAL).verdict()).isEqualTo(new Verdict.Diverged());
    assertThat(result.failure()).contains(ErrorCode.DIVERGED);
    assertThat(measure(EQUAL, "flights").unexplained()).isEqualByComparingTo("-1");
    assertThat(result.ledgers()).anySatisfy(l -> assertThat(l.unaccounted()).isEqualTo(1));
    assertThat(day(LATE).verdict()).isEqualTo(new Verdict.Diverged());
    assertThat(day(CORRECTED).verdict())
        .isEqualTo(
            new Verdict.Unaccounted(
                "1 rows of bronze do not have one disposition on live.route_day: partition 0,"
                    + " offsets 0-3: 1 without a disposition"));
  }

  @Test
  @Order(5)
  void aPathThatWasTamperedWithDoesNotAgreeWithItself() {
    Calibration calibration = new CalibrateStage(spark, lake, contract, Steps.SILENT).run();
    assertThat(calibration.paths())
        .extracting(Calibration.SamePath::path, Calibration.SamePath::examples)
        .containsExactly(
            tuple("batch", List.of(LATE + " origin=SEA, destination=JFK")),
            tuple("live", List.of(EQUAL + " origin=SEA, destination=JFK")));
    assertThat(calibration.failure()).contains(ErrorCode.DIVERGED);
  }

  @Test
  @Order(6)
  void aCellThatGoldHasTwiceEndsTheComparisonOfItsDay() {
    String gold = "delta.`" + lake.gold("route_day") + "`";
    spark.sql(
        "INSERT INTO %1$s SELECT * FROM %1$s WHERE event_date = DATE'%2$s'"
            .formatted(gold, CORRECTED));
    result = reconcile();
    assertThat(day(CORRECTED).rung()).isEqualTo(Rung.KEYS);
    assertThat(day(CORRECTED).verdict())
        .isInstanceOfSatisfying(
            Verdict.Inconclusive.class,
            v -> assertThat(v.why()).startsWith("gold has 1 cells twice, the live view 0"));
    assertThat(day(EQUAL).verdict()).isEqualTo(new Verdict.Diverged());
  }

  @Test
  @Order(7)
  void goldOfAnotherDefinitionIsNotCompared() {
    Contract other =
        withMetrics(
            m ->
                m.measures(List.of(new Measure.Count("flights", Optional.empty())))
                    .tolerances(Map.of()));
    assertThat(reconcile(other, ALL).missing())
        .singleElement()
        .satisfies(missing -> assertThat(missing.why()).hasMessageContaining("another definition"));
  }

  private static Map.Entry<Cause, BigDecimal> entry(Cause cause, String amount) {
    return Map.entry(cause, new BigDecimal(amount).stripTrailingZeros());
  }

  private DayVerdict day(String day) {
    return day(result, day);
  }

  private static DayVerdict day(Reconciliation result, String day) {
    return result.days().stream()
        .filter(d -> d.day().equals(LocalDate.parse(day)))
        .findFirst()
        .orElseThrow();
  }

  private Map<Cause, BigDecimal> terms(String day, String measure) {
    return measure(day, measure).terms();
  }

  private CellDifference measure(String day, String name) {
    return result.largest().stream()
        .filter(d -> d.day().equals(LocalDate.parse(day)) && d.measure().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private DayEvidence newest(String day) {
    return new EvidenceTables(spark, lake)
        .newestByDay("route_day").stream()
            .filter(e -> e.day().equals(LocalDate.parse(day)))
            .findFirst()
            .orElseThrow();
  }

  /** The same definition of gold and the live view, compared in another way. */
  private Contract withMetrics(UnaryOperator<MetricSetBuilder> change) {
    MetricSet metrics = change.apply(MetricSetBuilder.builder(contract.metrics().get(0))).build();
    return ContractBuilder.builder(contract)
        .metrics(List.of(metrics))
        .hash(metrics.toString())
        .build();
  }

  private Reconciliation reconcile() {
    return reconcile(contract, ALL);
  }

  private Reconciliation reconcile(Contract contract, ReconcileRequest request) {
    return new BothPaths(spark, lake, contract).reconcile(request);
  }
}
