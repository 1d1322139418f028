package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.Gap;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The ledger of two Kafka partitions, first as it is, then with rows moved by hand. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LedgersTest {
  private static final String NOON = "2001-01-01T12:00:00Z";

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeAll
  void makeLake(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        0,
        "2026-01-01T00:00:00Z",
        flight("a", NOON, 1, "SEA", "LAX"),
        flight("a", NOON, 1, "SEA", "LAX"),
        "no json");
    bronze.skip(0, 2);
    bronze.ingest(1, "2026-01-01T00:00:05Z", flight("b", NOON, 1, "SEA", "LAX"));
  }

  @Test
  @Order(1)
  void offsetsAreRowsAndGapsAndRowsAreDispositions() {
    runStages();
    Reconciliation result = reconcile();
    assertThat(result.ledgers()).allSatisfy(ledger -> assertThat(ledger.addsUp()).isTrue());
    assertThat(ranges("batch"))
        .containsExactly(
            "0: 0-2 3 {duplicate=1, loaded=1, quarantined=1} {}", "1: 0-0 1 {loaded=1} {}");
    assertThat(ranges("live.route_day"))
        .containsExactly(
            "0: 0-2 3 {counted=1, duplicate=1, quarantined=1} {}", "1: 0-0 1 {counted=1} {}");
  }

  @Test
  @Order(2)
  void aRunLooksAtWhatIsNewAlone() {
    bronze.ingest(0, "2026-01-01T00:01:00Z", flight("c", NOON, 1, "SEA", "LAX"));
    bronze.skip(0, 1);
    // As ingestion records what it was told to accept.
    spark
        .sql(
            "SELECT 0 AS partition, 6L AS first_offset, 6L AS last_offset, 'retention' AS cause,"
                + " TIMESTAMP'2026-01-01' AS recorded_at")
        .write()
        .format("delta")
        .save(lake.bronzeGaps("flights"));
    bronze.ingest(
        0,
        "2026-01-01T00:02:00Z",
        flight("d", NOON, 1, "SEA", "LAX"),
        flight("e", NOON, 1, "SEA", "LAX"));
    runStages();
    Reconciliation result = reconcile();
    assertThat(ranges("batch"))
        .containsExactly(
            "0: 0-2 3 {duplicate=1, loaded=1, quarantined=1} {}",
            "0: 3-8 3 {loaded=3} {retention=1, unknown=2}",
            "1: 0-0 1 {loaded=1} {}");
    LedgerRange whole = result.ledgers().get(0).ranges().get(0);
    assertThat(whole.range().size()).isEqualTo(9);
    assertThat(whole.rows()).isEqualTo(6);
    assertThat(whole.gaps())
        .extracting(gap -> gap.range() + " " + gap.cause())
        .containsExactly(
            "partition 0, offsets 3-4 " + Gap.Cause.UNKNOWN,
            "partition 0, offset 6 " + Gap.Cause.RETENTION);
    reconcile();
    assertThat(ranges("batch")).hasSize(3);
  }

  @Test
  @Order(3)
  void aRowInTwoDispositionsIsNamedAlsoWhereAnotherHasNone() {
    bronze.ingest(
        1,
        "2026-01-01T00:03:00Z",
        flight("f", NOON, 1, "SEA", "LAX"),
        flight("g", NOON, 1, "SEA", "LAX"));
    runStages();
    String silver = "delta.`" + lake.silver("flights") + "`";
    spark.sql("UPDATE " + silver + " SET _offset = 1 WHERE flight_id = 'g'");
    pointGoldToSilver();
    Reconciliation result = reconcile();
    assertThat(result.failure()).contains(ErrorCode.DIVERGED);
    assertThat(result.ledgers().get(0).unaccounted()).isZero();
    assertThat(result.ledgers().get(0).findings())
        .extracting(Ledger.Finding::toString)
        .containsExactlyInAnyOrder(
            "partition 1, offset 1: loaded and loaded", "partition 1, offset 2: no disposition");
    assertThat(result.days())
        .allSatisfy(day -> assertThat(day.verdict().label()).isEqualTo("DIVERGED"));
    // It is looked at again until it is mended.
    assertThat(reconcile().ledgers().get(0).findings()).hasSize(2);
    spark.sql("UPDATE " + silver + " SET _offset = 2 WHERE flight_id = 'g'");
    pointGoldToSilver();
    assertThat(reconcile().ledgers()).allSatisfy(l -> assertThat(l.addsUp()).isTrue());
  }

  @Test
  @Order(4)
  void aRowThatIsLostLaterIsFoundBySumAndNamed() {
    spark.sql("DELETE FROM delta.`" + lake.silver("flights") + "` WHERE flight_id = 'd'");
    pointGoldToSilver();
    assertThat(reconcile().ledgers().get(0).findings())
        .extracting(Ledger.Finding::toString)
        .containsExactly("partition 0, offset 7: no disposition");
  }

  @Test
  @Order(5)
  void aRowThatIsMergedTwiceIntoALiveViewIsTheOneOfItsMicroBatch() {
    String view = "delta.`" + lake.live("route_day") + "`";
    spark.sql(
        "INSERT INTO %s SELECT * FROM %s WHERE _ingested_at = TIMESTAMP'2026-01-01T00:03:00Z'"
            .formatted(view, view));
    Ledger live = reconcile().ledgers().get(1);
    assertThat(live.unaccounted()).isEqualTo(-2);
    assertThat(live.findings())
        .extracting(Ledger.Finding::toString)
        .containsExactly("partition 1, offsets 1-2: 2 counted too often, or set aside as well");
  }

  /** {@code partition: first-last rows dispositions missing}. */
  private List<String> ranges(String path) {
    List<String> ranges = new ArrayList<>();
    new LakeTable(spark, lake.reconciliation("ledger"))
        .read()
        .where("path = '" + path + "'")
        .orderBy("partition", "first_offset")
        .select("partition", "first_offset", "last_offset", "rows", "dispositions", "missing")
        .collectAsList()
        .forEach(
            row ->
                ranges.add(
                    "%d: %d-%d %d %s %s"
                        .formatted(
                            row.getInt(0),
                            row.getLong(1),
                            row.getLong(2),
                            row.getLong(3),
                            sorted(row.getJavaMap(4)),
                            sorted(row.getJavaMap(5)))));
    return ranges;
  }

  private static Map<String, Long> sorted(Map<String, Long> map) {
    return new TreeMap<>(map);
  }

  private void runStages() {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    pointGoldToSilver();
    new BothPaths(spark, lake, contract).live();
  }

  private void pointGoldToSilver() {
    new BothPaths(spark, lake, contract).gold();
  }

  private Reconciliation reconcile() {
    return new BothPaths(spark, lake, contract).reconcile();
  }
}
