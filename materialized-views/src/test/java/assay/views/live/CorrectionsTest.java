package assay.views.live;

import static assay.core.testing.FlightsContract.flight;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeCatalog;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.rows.KeyHashes;
import assay.core.rows.SharedHashes;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.Disposition;
import assay.silver.EventReader;
import assay.views.live.StandingRows.Standing;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorrectionsTest {
  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.adjusting(List.of());
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  @Test
  void aRowIsTakenBackUpToTheLookBackAndCountsBehindIt() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("at", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("behind", "2001-01-01T12:00:00Z", 1, "SEA", "JFK"));
    run();
    bronze.ingest("2026-01-01T00:10:00Z", flight("at", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    bronze.ingest(
        "2026-01-01T00:10:00.000001Z", flight("behind", "2001-01-01T12:00:00Z", 2, "SEA", "JFK"));
    run();
    assertThat(exceptions()).containsExactly("superseded at @0 in 1");
    assertThat(cells()).containsExactly("2001-01-01 SEA JFK 2 3 1.5", "2001-01-01 SEA LAX 1 2 2.0");
  }

  @Test
  @Tag("long")
  void lateRowsRepeatsAndDeletedCellsAreAsThePageSays() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 4, "SEA", "ORD"),
        flight("c", "2001-01-01T12:00:00Z", 0, "SEA", "ORD").replace(":0,", ":null,"));
    LiveResult first = run();
    assertThat(first.counted()).isEqualTo(3);
    bronze.ingest(
        "2026-01-01T00:01:00Z",
        // Late: it corrects nothing. Twice the same correction. Then the first row again.
        flight("a", "2001-01-01T09:00:00Z", 8, "SEA", "LAX"),
        flight("a", "2001-01-01T12:00:00Z", 2, "SEA", "JFK"),
        flight("a", "2001-01-01T12:00:00Z", 2, "SEA", "JFK"),
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 4, "SEA", "BOS"));
    assertThat(run())
        .isEqualTo(
            new LiveResult("flights", List.of("route_day", "newest"), 0, 2, 1, 0, 0, 2, Map.of()));
    assertThat(exceptions())
        .containsExactly(
            "duplicate a @5 in 1",
            "duplicate a @6 in 1",
            "late a @3 in 1",
            "superseded a @0 in 1",
            "superseded b @1 in 1");
    // Nothing is left of SEA LAX, and of SEA ORD a row without a delay.
    List<String> expected =
        List.of("2001-01-01 SEA BOS 1 4 4.0", "2001-01-01 SEA JFK 1 2 2.0", "2001-01-01 SEA ORD 1");
    assertThat(cells()).isEqualTo(expected);
    SparkSession session = spark.newSession();
    new LakeCatalog(session, lake).registerTables();
    new LiveCatalog(session, lake).registerViews(contract);
    try {
      assertThat(texts(session.sql("SELECT concat_ws(' ', *) FROM live.route_day")))
          .isEqualTo(expected);
      assertThat(
              texts(session.sql("SELECT concat_ws(' ', flight_id, destination) FROM live.newest")))
          .containsExactly("a JFK", "b BOS", "c ORD");
    } finally {
      session.sql("DROP DATABASE live CASCADE");
      session.sql("DROP DATABASE bronze CASCADE");
    }
  }

  @Test
  void keysThatShareAHashAreToldApart() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("b", "2001-01-01T12:00:00Z", 3, "SEA", "LAX"),
        flight("c", "2001-01-01T12:00:00Z", 4, "SEA", "LAX"));
    long at = Arrivals.micros(Instant.parse("2026-01-01T00:00:00Z"));
    KeyHashes keys = new KeyHashes();
    assertThat(keys.add(7)).isTrue();
    Corrections corrections = new Corrections(lake, contract);
    try (Met met =
        new Met(
            new SharedHashes(spark, keys),
            List.of(new Standing(7, at, 0, 0), new Standing(7, at, 0, 1)),
            4)) {
      Dataset<Row> standing = read(corrections.standing(spark, met));
      assertThat(standing.count()).isEqualTo(2);
      Dataset<Row> arrived =
          read(bronzeRows().where("offset >= 2"))
              .withColumn(Disposition.COLUMN, lit(Disposition.COUNTED));
      assertThat(
              texts(
                  corrections
                      .decide(arrived, standing, met)
                      .selectExpr(
                          "concat_ws(' ', disposition, flight_id, delay_minutes, _taken_back)")))
          .containsExactly("counted b 3 false", "counted c 4 false", "superseded b 2 true");
    }
  }

  @Tag("long")
  @Test
  void theTableTellsTheSameAsTheMemory() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("c", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    bronze.ingest("2026-01-01T00:01:00Z", flight("a", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    run();
    bronze.ingest(
        "2026-01-01T00:02:00Z",
        flight("a", "2001-01-01T12:00:00Z", 3, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 3, "SEA", "LAX"),
        flight("d", "2001-01-01T12:00:00Z", 3, "SEA", "LAX"));
    assertThat(standing(Long.MAX_VALUE)).containsExactly(1L, 3L);
    assertThat(standing(0)).containsExactly(1L, 3L);
  }

  /** The offsets of the rows that the newest micro-batch of bronze may correct. */
  private List<Long> standing(long mostBytes) {
    LiveTables tables = new LiveTables(spark, lake, contract);
    Dataset<Row> rows =
        new RowJudge(contract)
            .withFingerprints(
                EventReader.at(spark, lake, contract, Map.of())
                    .read(bronzeRows().where("offset >= 4")))
            .withColumn(LiveTables.KEY_HASH, new Corrections(lake, contract).keyHash());
    Arrivals arrivals = Arrivals.of(rows, contract, 2, Instant.EPOCH);
    try (LiveMemory.Standards standards =
        new LiveMemory(lake, contract, mostBytes).standards(tables, spark, arrivals, 2)) {
      return standards.met().orElseThrow().standing().stream()
          .map(Standing::offset)
          .sorted()
          .toList();
    }
  }

  private Dataset<Row> read(Dataset<Row> rows) {
    return EventReader.at(spark, lake, contract, Map.of())
        .read(rows)
        .withColumn(LiveTables.KEY_HASH, lit(7L))
        .withColumn(LiveView.TAKEN_BACK, lit(false));
  }

  private Dataset<Row> bronzeRows() {
    return new LakeTable(spark, lake.bronze("flights")).read();
  }

  private LiveResult run() {
    return new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private List<String> exceptions() {
    return texts(
        new LiveTables(spark, lake, contract)
            .exceptions()
            .read()
            .selectExpr("concat(disposition, ' ', flight_id, ' @', _offset, ' in ', _batch_id)"));
  }

  private List<String> cells() {
    LiveView view = new LiveTables(spark, lake, contract).views().get(0);
    return texts(view.fold(view.table().read()).selectExpr("concat_ws(' ', *)"));
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(row -> row.getString(0)).sorted().toList();
  }
}
