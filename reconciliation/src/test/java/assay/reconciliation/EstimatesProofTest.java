package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Exact on one side, an estimate on the other; and what is exact on both but does not add up. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EstimatesProofTest {
  private static final String MANY = "2001-01-01";
  private static final String LATE = "2001-01-02";
  private static final String ONLY_IDS = "2001-01-03";
  private static final int FLIGHTS = 3000;

  private final SparkSession spark = TestSpark.session();
  private final Contract contract =
      FlightsContract.withMeasures(
          List.of(
              new Measure.ApproxCountDistinct("ids", "flight_id"),
              new Measure.ApproxPercentile("half", "delay_minutes", new BigDecimal("0.5")),
              Measure.CountDistinctWhole.ofNumber("delays", "delay_minutes"),
              new Measure.First("first_flight", "flight_id", "scheduled_at"),
              new Measure.Last("last_delay", "delay_minutes", "scheduled_at")));
  private Lake lake;
  private Reconciliation result;

  @BeforeAll
  void reconcileBothDays(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    // In two micro-batches, so that sketches are merged; delays from 0 to 1499, each twice.
    bronze.ingest("2026-01-01T00:00:00Z", flights(0, FLIGHTS / 2));
    bronze.ingest("2026-01-01T00:00:10Z", flights(FLIGHTS / 2, FLIGHTS));
    bronze.ingest(
        "2026-01-01T00:00:20Z",
        flight("c", LATE + "T08:00:00Z", 5, "SEA", "LAX"),
        flight("d", LATE + "T12:00:00Z", 7, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:30Z", flight("e", LATE + "T07:00:00Z", 6, "SEA", "LAX"));
    // One delay in all: of this day only the number of flights is off.
    bronze.ingest(
        "2026-01-01T00:00:40Z",
        IntStream.range(0, FLIGHTS)
            .mapToObj(i -> flight("g" + i, ONLY_IDS + "T08:00:00Z", 1, "SEA", "LAX"))
            .toArray(String[]::new));
    new BothPaths(spark, lake, contract).run();
    result = reconcile();
  }

  private static String[] flights(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> flight("f" + i, MANY + "T08:00:00Z", i % (FLIGHTS / 2), "SEA", "LAX"))
        .toArray(String[]::new);
  }

  @Test
  @Order(1)
  void goldIsExact() {
    assertThat(
            new LakeTable(spark, lake.gold("route_day"))
                .read()
                .where("event_date = DATE'" + MANY + "'")
                .collectAsList())
        .extracting(Object::toString)
        .containsExactly("[2001-01-01,SEA,LAX,3000,749.0,1500,f0,1499]");
  }

  @Test
  @Order(1)
  void anEstimateWithinItsErrorIsToleratedAndTheErrorIsATermOfItsOwn() {
    assertThat(day(MANY).verdict().label()).isIn("MATCH", "TOLERATED");
    assertThat(day(MANY).unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
    assertThat(differences(MANY))
        .allSatisfy(
            d -> {
              assertThat(d.measure()).isIn("ids", "half");
              assertThat(d.terms()).containsOnlyKeys(Cause.SKETCH);
              assertThat(d.terms().get(Cause.SKETCH)).isEqualByComparingTo(d.difference());
            })
        .as("an HLL of 3,000 values is exact by chance only")
        .anySatisfy(d -> assertThat(d.measure()).isEqualTo("ids"));
  }

  @Test
  @Order(1)
  void anEstimateOfTheSameRowsIsJudgedByTheExactNumberAlone() {
    assertThat(day(ONLY_IDS).verdict()).isEqualTo(new Verdict.Tolerated());
    assertThat(differences(ONLY_IDS))
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.measure()).isEqualTo("ids");
              assertThat(d.terms()).containsOnlyKeys(Cause.SKETCH);
              assertThat(d.terms().get(Cause.SKETCH)).isEqualByComparingTo(d.difference());
              assertThat(d.unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
            });
  }

  @Test
  @Order(1)
  void aLateRowExplainsWhatNoSumShows() {
    assertThat(day(LATE).verdict()).isEqualTo(new Verdict.Explained());
    assertThat(differences(LATE))
        .extracting(d -> d.measure() + " " + d.control() + " " + d.test() + " " + d.terms())
        .containsExactlyInAnyOrder(
            "ids 3 2 {LATE=-1}",
            "half 6.0 5.0 {LATE=-1}",
            "delays 3 2 {LATE=-1}",
            "first_flight e c {}");
  }

  @Test
  @Order(2)
  void anEstimateThatIsNotMadeOfTheRowsDiverges() {
    String few =
        HexFormat.of()
            .formatHex(
                spark.sql("SELECT hll_sketch_agg(id, 12) FROM range(10)").head().<byte[]>getAs(0));
    spark.sql(
        "UPDATE delta.`%s` SET ids__sketch = X'%s' WHERE event_date <> DATE'%s'"
            .formatted(lake.live("route_day"), few, LATE));
    result = reconcile();
    assertThat(result.failure()).contains(ErrorCode.DIVERGED);
    assertThat(day(MANY).verdict()).isEqualTo(new Verdict.Diverged());
    assertThat(differences(MANY).filter(d -> d.measure().equals("ids")))
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.verdict()).isEqualTo("DIVERGED");
              assertThat(d.unexplained()).isEqualByComparingTo("-2990");
            });
    assertThat(day(ONLY_IDS).verdict()).isEqualTo(new Verdict.Diverged());
    assertThat(day(LATE).verdict()).isEqualTo(new Verdict.Explained());
  }

  private DayVerdict day(String day) {
    return result.days().stream()
        .filter(d -> d.day().equals(LocalDate.parse(day)))
        .findFirst()
        .orElseThrow();
  }

  private Stream<CellDifference> differences(String day) {
    return result.largest().stream().filter(d -> d.day().equals(LocalDate.parse(day)));
  }

  private Reconciliation reconcile() {
    return new BothPaths(spark, lake, contract).reconcile();
  }
}
