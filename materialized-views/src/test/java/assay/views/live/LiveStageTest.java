package assay.views.live;

import static assay.core.testing.FlightsContract.flight;
import static assay.core.testing.FlightsContract.originAirport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeCatalog;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Enrich.Missing;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.Rule;
import assay.core.testing.FlightsContract;
import assay.core.testing.ReferenceTable;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveStageTest {
  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private Contract contract = FlightsContract.contract();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  @Test
  void aRowAtTheWatermarkCountsAndOneBehindItIsLate() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("far behind in the first micro-batch", "2001-01-01T01:00:00Z", 1, "SEA", "LAX"),
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("at", "2001-01-01T10:00:00Z", 2, "SEA", "LAX"),
        flight("behind", "2001-01-01T09:59:59.999999Z", 4, "SEA", "LAX"),
        flight("ahead", "2001-01-01T20:00:00Z", 8, "SEA", "LAX"));
    LiveResult result = run();
    assertThat(result.counted()).isEqualTo(4);
    assertThat(exceptions()).containsExactly("late behind @3");
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 4 12 8 3.0");
  }

  @Test
  void dispositionsDoNotDependOnWhereTheQueryCutsItsBatches() {
    String[] first = {
      flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
      flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX")
    };
    String[] second = {
      flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
      flight("b", "2001-01-01T09:00:00Z", 1, "SEA", "LAX")
    };
    Lake other = new Lake(folder.resolve("other").toString());
    BronzeFixture otherBronze = new BronzeFixture(spark, other, "flights");
    bronze.ingest("2026-01-01T00:00:00Z", first);
    run();
    bronze.ingest("2026-01-01T00:00:10Z", second);
    run();
    otherBronze.ingest("2026-01-01T00:00:00Z", first);
    otherBronze.ingest("2026-01-01T00:00:10Z", second);
    new LiveStage(spark, other, contract, Steps.SILENT).runUntilCaughtUp();
    List<String> expected = List.of("duplicate a @1", "duplicate a @2", "late b @3");
    assertThat(exceptions()).isEqualTo(expected);
    assertThat(exceptions(other)).isEqualTo(expected);
  }

  @Test
  void aRepeatIsADuplicateUpToTheLookBackAndCountsBehindIt() {
    String row = flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX");
    bronze.ingest("2026-01-01T00:00:00Z", row);
    bronze.ingest("2026-01-01T00:10:00Z", row);
    run();
    bronze.ingest("2026-01-01T00:20:00.000001Z", row);
    run();
    assertThat(exceptions()).containsExactly("duplicate a @1");
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 2 2 1 1.0");
  }

  @Test
  void rowsThatDifferOnlyByWhichColumnIsNullAreNotDuplicates() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        "{\"flight_id\":\"a\",\"scheduled_at\":\"2001-01-01T12:00:00Z\",\"delay_minutes\":7,"
            + "\"origin\":\"SEA\",\"destination\":\"LAX\"}",
        "{\"flight_id\":\"a\",\"scheduled_at\":\"2001-01-01T12:00:00Z\",\"distance_miles\":7,"
            + "\"origin\":\"SEA\",\"destination\":\"LAX\"}");
    assertThat(run().counted()).isEqualTo(2);
  }

  @Test
  void aRowThatFailsDoesNotMoveTheWatermark() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("bad", "2999-01-01T12:00:00Z", 1, "nowhere", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T11:00:00Z", 1, "SEA", "LAX"));
    assertThat(run().counted()).isEqualTo(2);
    assertThat(exceptions()).containsExactly("quarantined bad @1");
  }

  @Test
  void aRowThatDeletesIsNeitherCountedNorLateNorADuplicate() {
    Contract debezium = FlightsContract.debezium();
    String row = flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX");
    String early = flight("b", "2001-01-01T01:00:00Z", 1, "SEA", "LAX");
    String late = flight("d", "2001-01-01T09:00:00Z", 1, "SEA", "LAX");
    bronze.ingestKeyed(
        "2026-01-01T00:00:00Z",
        null,
        "{\"op\":\"c\",\"after\":" + row + "}",
        null,
        "{\"op\":\"c\",\"after\":" + early + "}");
    bronze.ingestKeyed(
        "2026-01-01T00:00:10Z",
        null,
        "{\"op\":\"d\",\"before\":" + row + "}",
        null,
        "{\"op\":\"d\",\"before\":" + early + "}",
        "{\"flight_id\":\"a\"}",
        null,
        null,
        "{\"op\":\"t\"}",
        null,
        "{\"op\":\"d\"}",
        null,
        "{\"op\":\"c\",\"after\":" + late + "}");
    assertThat(new LiveStage(spark, lake, debezium, Steps.SILENT).runUntilCaughtUp())
        .isEqualTo(new LiveResult("flights", List.of("route_day"), 2, 0, 1, 1, 4, 0, Map.of()));
    assertThat(
            texts(
                new LiveTables(spark, lake, debezium)
                    .exceptions()
                    .read()
                    .selectExpr("concat_ws(' ', disposition, flight_id, event_date, _offset)")))
        .containsExactly(
            "deleted 5",
            "deleted a 2001-01-01 2",
            "deleted a 4",
            "deleted b 2001-01-01 3",
            "late d 2001-01-01 7",
            "quarantined 6");
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 2 2 1 1.0");
  }

  @Test
  void theViewInSqlIsTheMergeOfItsPartials() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T15:00:00Z", 4, "SEA", "LAX"));
    run();
    SparkSession session = spark.newSession();
    new LakeCatalog(session, lake).registerTables();
    new LiveCatalog(session, lake).registerViews(contract);
    try {
      assertThat(session.sql("SELECT * FROM live.route_day").collectAsList())
          .extracting(Object::toString)
          .containsExactly("[2001-01-01,SEA,LAX,2,5,4,2.5]");
      assertThat(session.sql("SELECT * FROM live.route_day_partials").count()).isEqualTo(2);
    } finally {
      session.sql("DROP DATABASE live CASCADE");
      session.sql("DROP DATABASE bronze CASCADE");
    }
  }

  @Test
  void aLostCheckpointIsRefusedInsteadOfCountingTwice() throws IOException {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    Files.move(Path.of(lake.checkpoint("live", "flights")), folder.resolve("moved"));
    assertThatThrownBy(this::run)
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("is gone, but " + lake.live("route_day") + " was written with it");
  }

  @Test
  void viewsBuiltAnewTakeTodaysDefinitionAndTheQueryGoesOnBehindThem() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    contract = FlightsContract.withMeasures(List.of(new Measure.Max("worst", "delay_minutes")));
    assertThatThrownBy(this::run)
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("was accumulated under another definition")
        .extracting(e -> ((AssayException) e).mend())
        .asString()
        .contains("run 'assay live rebuild'", "'assay replay'");
    LiveResult anew = rebuild(Steps.SILENT);
    assertThat(anew.counted()).isEqualTo(1);
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 1");
    assertThat(exceptions()).containsExactly("duplicate a @1");
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("late", "2001-01-01T09:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 4, "SEA", "LAX"));
    run();
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 4");
    assertThat(exceptions()).containsExactly("duplicate a @1", "duplicate a @2", "late late @3");
    assertThat(lake.beside("live-flights-1").root())
        .satisfies(f -> assertThat(Path.of(f)).doesNotExist());
  }

  @Test
  void aRebuildThatEndsBeforeItsViewIsReplacedGoesOnAndIsNotSeenBefore() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T09:00:00Z", 1, "SEA", "LAX"));
    run();
    assertThatThrownBy(
            () ->
                rebuild(
                    (stage, step) -> {
                      if (step.endsWith("_exceptions extended")) {
                        throw new IllegalStateException("ended by the test");
                      }
                    }))
        .hasMessage("ended by the test");
    assertThat(exceptions()).containsExactly("late b @1");
    run();
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 1 1 1 1.0");
    rebuild(Steps.SILENT);
    assertThat(exceptions()).containsExactly("late b @1");
    assertThat(new LiveTables(spark, lake, contract).exceptions().read().count()).isEqualTo(1);
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 1 1 1 1.0");
  }

  @Test
  void aQueryThatRunsWhileTheViewsAreBuiltAnewIsToldToBeStartedAgain() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:20Z", "no json");
    boolean[] built = {false};
    Steps meanwhile =
        (stage, step) -> {
          if (!built[0] && step.endsWith("reads committed")) {
            built[0] = true;
            rebuild(Steps.SILENT);
          }
        };
    assertThatThrownBy(() -> new LiveStage(spark, lake, contract, meanwhile).runUntilCaughtUp())
        .isInstanceOf(AssayException.class)
        .extracting(e -> ((AssayException) e).code())
        .isEqualTo(ErrorCode.TRY_AGAIN);
    run();
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 2 2 1 1.0");
  }

  private LiveResult rebuild(Steps steps) {
    return new LiveRebuild(spark, lake, contract, steps).run();
  }

  @Test
  void aMicroBatchThatIsBegunAgainLooksUpWhatItBeganWith() {
    contract = FlightsContract.enriched(originAirport(Missing.QUARANTINE));
    ReferenceTable.airports(spark, lake, "('SEA', 'Seattle', 3)");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("known", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("unknown", "2001-01-01T12:00:00Z", 1, "JFK", "LAX"));
    Steps crash =
        (stage, step) -> {
          if (step.endsWith("exceptions committed")) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> new LiveStage(spark, lake, contract, crash).runUntilCaughtUp())
        .hasMessageContaining("killed");
    ReferenceTable.airports(spark, lake, "('SEA', 'Tacoma', 9)", "('JFK', 'New York', 4)");
    LiveResult result = new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
    assertThat(result.counted()).isEqualTo(1);
    assertThat(exceptions()).containsExactly("quarantined unknown @1");
    LiveView view = new LiveTables(spark, lake, contract).views().get(0);
    assertThat(texts(view.fold(view.table().read()).selectExpr("concat_ws(' ', *)")))
        .containsExactly("2001-01-01 Seattle 1 3");
  }

  @Test
  void aViewThatComesLaterIsBuiltFromBronzeAndThenFedAsTheOthers() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    contract = withSecondView("delay_minutes");
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("late", "2001-01-01T09:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 4, "SEA", "LAX"));
    run();
    assertThat(cells(0)).containsExactly("2001-01-01 SEA LAX 2 5 4 2.5");
    assertThat(cells(1)).containsExactly("2001-01-01 SEA 5");
    bronze.ingest("2026-01-01T00:00:20Z", flight("c", "2001-01-01T12:00:00Z", 8, "SEA", "LAX"));
    run();
    assertThat(cells(1)).containsExactly("2001-01-01 SEA 13");
  }

  @Test
  void aViewThatFailsIsLeftBehindTheOthersGoOnAndItIsToldAtTheEnd() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    contract = withSecondView("10 DIV delay_minutes");
    run();
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T12:00:00Z", 0, "SEA", "LAX"));
    assertThatThrownBy(this::run)
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("the live view origin_day cannot be kept up to date")
        .hasMessageContaining("DIVIDE_BY_ZERO");
    bronze.ingest("2026-01-01T00:00:20Z", flight("c", "2001-01-01T12:00:00Z", 5, "SEA", "LAX"));
    assertThatThrownBy(this::run).hasMessageContaining("origin_day");
    assertThat(cells(0)).containsExactly("2001-01-01 SEA LAX 3 7 5 2.3333333333333335");
    assertThat(cells(1)).containsExactly("2001-01-01 SEA 5");
    contract = withSecondView("10 DIV nullif(delay_minutes, 0)");
    assertThat(new ViewBuild(spark, lake, contract).rebuild("origin_day").rows()).isEqualTo(3);
    assertThat(cells(1)).containsExactly("2001-01-01 SEA 7");
    bronze.ingest("2026-01-01T00:00:30Z", flight("d", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    assertThat(cells(1)).containsExactly("2001-01-01 SEA 17");
    assertThat(cells(0)).containsExactly("2001-01-01 SEA LAX 4 8 5 2.0");
  }

  @Test
  void aViewThatIsBuiltAgainWhileItsQueryRunsIsFedOn() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    boolean[] built = {false};
    Steps meanwhile =
        (stage, step) -> {
          if (!built[0] && step.endsWith("exceptions committed")) {
            built[0] = true;
            new ViewBuild(spark, lake, contract).rebuild("route_day");
          }
        };
    new LiveStage(spark, lake, contract, meanwhile).runUntilCaughtUp();
    assertThat(built[0]).isTrue();
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 2 3 2 1.5");
  }

  @Test
  @Tag("long")
  void aViewThatIsBuiltAgainUnderAnotherDefinitionIsNotFedUnderTheOldOne() {
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    run();
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    Contract mended =
        FlightsContract.withMeasures(List.of(new Measure.Max("worst", "delay_minutes")));
    Steps meanwhile =
        (stage, step) -> {
          if (step.endsWith("exceptions committed")) {
            new ViewBuild(spark, lake, mended).rebuild("route_day");
          }
        };
    assertThatThrownBy(() -> new LiveStage(spark, lake, contract, meanwhile).runUntilCaughtUp())
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("built again under another definition")
        .extracting(e -> ((AssayException) e).code())
        .isEqualTo(ErrorCode.TRY_AGAIN);
    contract = mended;
    run();
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 2");
  }

  @Test
  void aRebuildIsRefusedWhereOtherRowsCountToday() {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    run();
    Contract stricter =
        FlightsContract.withRules(
            List.of(new Rule("short", "delay_minutes < 2", Rule.Otherwise.QUARANTINE)));
    assertThatThrownBy(() -> new ViewBuild(spark, lake, stricter).rebuild("route_day"))
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("counted 2 rows that route_day is to hold, and 1 of them count");
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 2 3 2 1.5");
  }

  @Test
  void withinAMicroBatchRepeatsAreFoundWithoutATableAndAcrossCuts() {
    contract = FlightsContract.dedupWithin(Duration.ZERO);
    String row = flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX");
    bronze.ingest("2026-01-01T00:00:00Z", row, row);
    run();
    // The rest of the same bronze micro-batch, as the engine may hand it over by itself.
    bronze.ingest(1, "2026-01-01T00:00:00Z", row);
    bronze.ingest("2026-01-01T00:00:10Z", row);
    run();
    assertThat(exceptions()).containsExactly("duplicate a @0", "duplicate a @1");
    assertThat(cells()).containsExactly("2001-01-01 SEA LAX 2 2 1 1.0");
    assertThat(new LiveTables(spark, lake, contract).seen().read().count()).isZero();
  }

  private static Contract withSecondView(String summed) {
    MetricSet first = FlightsContract.contract().metrics().get(0);
    MetricSet second =
        MetricSetBuilder.builder()
            .name("origin_day")
            .by(List.of("origin"))
            .measures(List.of(new Measure.Sum("total", summed)))
            .live(first.live())
            .build();
    return FlightsContract.withMetrics(List.of(first, second));
  }

  private LiveResult run() {
    return new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private List<String> exceptions() {
    return exceptions(lake);
  }

  private List<String> exceptions(Lake of) {
    LiveTables tables = new LiveTables(spark, of, contract);
    return texts(
        tables
            .exceptions(tables.lastBatch())
            .selectExpr("concat(disposition, ' ', flight_id, ' @', _offset)"));
  }

  private List<String> cells() {
    return cells(0);
  }

  private List<String> cells(int index) {
    LiveView view = new LiveTables(spark, lake, contract).views().get(index);
    return texts(view.fold(view.table().read()).selectExpr("concat_ws(' ', *)"));
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(row -> row.getString(0)).sorted().toList();
  }
}
