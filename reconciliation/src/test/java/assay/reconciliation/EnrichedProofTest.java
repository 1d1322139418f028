package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static assay.core.testing.FlightsContract.originAirport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Enrich.Missing;
import assay.core.testing.FlightsContract;
import assay.core.testing.ReferenceTable;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A metric set by a column of a reference table, which changes after both paths have read it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EnrichedProofTest {
  private static final String EQUAL = "2001-01-01";
  private static final String LATE = "2001-01-02";
  private static final String CUT = "2001-01-03";

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.enriched(originAirport(Missing.QUARANTINE));
  private Lake lake;
  private Reconciliation result;

  @BeforeAll
  void readThenChangeTheReferenceTable(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    ReferenceTable.airports(
        spark, lake, "('SEA', 'Seattle', 3)", "('SEA', 'Seattle', 3)", "('LAX', 'Los Angeles', 4)");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", EQUAL + "T08:00:00Z", 1, "SEA", "LAX"),
        flight("b", EQUAL + "T09:00:00Z", 1, "LAX", "SEA"),
        flight("c", EQUAL + "T09:00:00Z", 1, "SEA", "JFK"),
        flight("unknown", EQUAL + "T09:00:00Z", 1, "JFK", "SEA"),
        flight("d", LATE + "T12:00:00Z", 1, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("e", LATE + "T09:30:00Z", 1, "SEA", "LAX"));
    batch();
    bronze.ingest("2026-01-01T00:00:20Z", flight("f", CUT + "T08:00:00Z", 1, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).live();
    ReferenceTable.airports(spark, lake, "('SEA', 'Tacoma', 9)", "('JFK', 'New York', 4)");
    result = reconcile();
  }

  @Test
  @Order(1)
  void goldGroupsByTheColumnThatWasLookedUp() {
    assertThat(
            new LakeTable(spark, lake.gold("city_day"))
                .read()
                .selectExpr("concat_ws(' ', event_date, origin_city, flights, runways)")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactlyInAnyOrder(
            EQUAL + " Seattle 2 6", EQUAL + " Los Angeles 1 4", LATE + " Seattle 2 6");
  }

  @Test
  @Order(1)
  void pathsThatReadOneVersionMatchWhateverTheTableHoldsNow() {
    assertThat(day(EQUAL).verdict()).isEqualTo(new Verdict.Match());
    assertThat(day(EQUAL).cells()).isEqualTo(2);
    assertThat(result.ledgers()).allSatisfy(ledger -> assertThat(ledger.addsUp()).isTrue());
  }

  @Test
  @Order(1)
  void rowsThatOneSideMissesExplainTheDifferenceByWhatWasLookedUpForThem() {
    assertThat(day(LATE).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(day(CUT).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(result.largest())
        .extracting(
            CellDifference::day, CellDifference::cell, CellDifference::measure, d -> d.terms())
        .containsExactlyInAnyOrder(
            tuple(LocalDate.parse(LATE), "origin_city=Seattle", "flights", terms(Cause.LATE, -1)),
            tuple(LocalDate.parse(LATE), "origin_city=Seattle", "runways", terms(Cause.LATE, -3)),
            tuple(LocalDate.parse(CUT), "origin_city=Seattle", "flights", terms(Cause.CUT, 1)),
            tuple(LocalDate.parse(CUT), "origin_city=Seattle", "runways", terms(Cause.CUT, 3)));
  }

  @Test
  @Order(2)
  void aTableThatChangedBetweenThePathsIsTheCauseOfWhatItMoves() {
    batch();
    result = reconcile();
    assertThat(day(EQUAL).verdict()).isEqualTo(new Verdict.Match());
    assertThat(day(CUT).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(result.largest())
        .filteredOn(d -> d.day().equals(LocalDate.parse(CUT)))
        .extracting(CellDifference::cell, CellDifference::measure, CellDifference::terms)
        .containsExactlyInAnyOrder(
            tuple("origin_city=Seattle", "flights", terms(Cause.ENRICHMENT, 1)),
            tuple("origin_city=Seattle", "runways", terms(Cause.ENRICHMENT, 3)),
            tuple("origin_city=Tacoma", "flights", terms(Cause.ENRICHMENT, -1)),
            tuple("origin_city=Tacoma", "runways", terms(Cause.ENRICHMENT, -9)));
  }

  private static Map<Cause, BigDecimal> terms(Cause cause, long amount) {
    return Map.of(cause, BigDecimal.valueOf(amount));
  }

  private void batch() {
    new BothPaths(spark, lake, contract).batch();
  }

  private DayVerdict day(String day) {
    return result.days().stream()
        .filter(d -> d.day().equals(LocalDate.parse(day)))
        .findFirst()
        .orElseThrow();
  }

  private Reconciliation reconcile() {
    return new BothPaths(spark, lake, contract).reconcile();
  }
}
