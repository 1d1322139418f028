package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.GoldStage;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import assay.views.live.LiveStage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
    bronze.ingest(
        "2026-01-01T00:00:30Z",
        flight("h", CUT + "T08:30:00Z", 6, "SEA", "LAX"),
        flight("i", today + "T00:00:00Z", 5, "SEA", "LAX"));
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
    result = reconcile();
  }

  @Test
  @Order(1)
  void equalSidesMatch() {
    assertThat(day(EQUAL).verdict()).isEqualTo(new Verdict.Match());
    assertThat(day(EQUAL).cells()).isEqualTo(2);
    assertThat(day(EQUAL).differing()).isZero();
    assertThat(new Reconciliation(List.of(day(EQUAL)), List.of(), List.of(), List.of()).failure())
        .isEmpty();
  }

  @Test
  @Order(1)
  void aLateRowExplainsWhatTheStreamMisses() {
    assertThat(day(LATE).verdict()).isEqualTo(new Verdict.Explained());
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
  @Order(3)
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

  private static Map.Entry<Cause, BigDecimal> entry(Cause cause, String amount) {
    return Map.entry(cause, new BigDecimal(amount).stripTrailingZeros());
  }

  private DayVerdict day(String day) {
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

  private Reconciliation reconcile() {
    return new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
        .run(ReconcileRequest.ALL);
  }
}
