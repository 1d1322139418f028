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
import assay.views.LiveStage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcileStageTest {
  private static final LocalDate FIRST = LocalDate.parse("2001-01-01");

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  @Test
  void equalSidesMatch() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T09:00:00Z", 7, "SEA", "LAX"));
    Reconciliation result = runAll();
    assertThat(result.days())
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.day()).isEqualTo(FIRST);
              assertThat(d.verdict()).isEqualTo(new Verdict.Match());
              assertThat(d.cells()).isEqualTo(1);
              assertThat(d.unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
            });
    assertThat(result.failure()).isEmpty();
    assertThat(result.ledgers()).allSatisfy(l -> assertThat(l.addsUp()).isTrue());
  }

  @Test
  void aLateRowExplainsWhatTheStreamMisses() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 7, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("c", "2001-01-01T09:59:59Z", 300, "SEA", "LAX"));
    Reconciliation result = runAll();
    assertThat(result.days().get(0).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(measure(result, "flights").terms()).containsExactly(entry(Cause.LATE, "-1"));
    assertThat(measure(result, "delay_minutes").terms()).containsExactly(entry(Cause.LATE, "-300"));
    assertThat(measure(result, "worst_delay").terms()).containsExactly(entry(Cause.LATE, "-293"));
    assertThat(measure(result, "avg_delay").terms()).containsExactly(entry(Cause.LATE, "-98"));
    assertThat(result.days().get(0).unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
  }

  @Test
  void aCorrectionExplainsBothTheOldRowAndTheNew() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("a", "2001-01-01T08:00:00Z", 50, "SEA", "LAX"));
    Reconciliation result = runAll();
    assertThat(result.days().get(0).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(measure(result, "flights").terms()).containsExactly(entry(Cause.SUPERSEDED, "1"));
    assertThat(measure(result, "delay_minutes").terms())
        .containsExactly(entry(Cause.SUPERSEDED, "5"));
  }

  @Test
  void rowsThatOnlyTheStreamHasReadAreCut() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"));
    silver();
    gold();
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T08:30:00Z", 6, "SEA", "LAX"));
    live();
    Reconciliation result = reconcile();
    assertThat(measure(result, "flights").terms()).containsExactly(entry(Cause.CUT, "1"));
    assertThat(result.days().get(0).unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
  }

  @Test
  void aPartialTakenOutByHandDiverges() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T09:00:00Z", 0, "SEA", "JFK"));
    silver();
    gold();
    live();
    spark.sql("DELETE FROM delta.`" + lake.live("route_day") + "` WHERE destination = 'JFK'");
    Reconciliation result = reconcile();
    assertThat(result.days().get(0).verdict()).isEqualTo(new Verdict.Diverged());
    assertThat(result.failure()).contains(ErrorCode.DIVERGED);
    assertThat(measure(result, "flights").unexplained()).isEqualByComparingTo("-1");
    assertThat(result.ledgers()).anySatisfy(l -> assertThat(l.unaccounted()).isEqualTo(1));
  }

  @Test
  void theSameComparisonTwiceLeavesOneEvidence() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("a", "2001-01-01T08:00:00Z", 50, "SEA", "LAX"));
    runAll();
    reconcile();
    EvidenceTables tables = new EvidenceTables(spark, lake);
    assertThat(tables.evidence().read().count()).isEqualTo(1);
    assertThat(tables.cells().read().count()).isEqualTo(3);
  }

  @Test
  void aDayThatIsNotOverIsInconclusive() {
    String today = LocalDate.now(java.time.ZoneOffset.UTC) + "T00:00:00Z";
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", today, 5, "SEA", "LAX"));
    Reconciliation result = runAll();
    assertThat(result.days().get(0).verdict()).isInstanceOf(Verdict.Inconclusive.class);
    assertThat(result.failure()).contains(ErrorCode.INCONCLUSIVE);
  }

  private static Map.Entry<Cause, BigDecimal> entry(Cause cause, String amount) {
    return Map.entry(cause, new BigDecimal(amount).stripTrailingZeros());
  }

  private static CellDifference measure(Reconciliation result, String name) {
    return result.largest().stream()
        .filter(d -> d.measure().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private Reconciliation runAll() {
    silver();
    gold();
    live();
    return reconcile();
  }

  private void silver() {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
  }

  private void gold() {
    new GoldStage(spark, lake, contract, Steps.SILENT).run();
  }

  private void live() {
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private Reconciliation reconcile() {
    return new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
        .run(ReconcileRequest.ALL);
  }
}
