package assay.views.live;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeCatalog;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measures and kinds of views beyond sums, each over several micro-batches. */
class LiveKindsTest {
  private static final Duration EVERY = Duration.ofSeconds(10);

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
  void theFirstAndTheLastRowOfACellAreFoundAcrossMicroBatches() {
    contract =
        FlightsContract.withMeasures(
            List.of(
                new Measure.First("first_flight", "flight_id", "scheduled_at"),
                new Measure.First("first_delay", "delay_minutes", "scheduled_at"),
                new Measure.Last("last_flight", "flight_id", "scheduled_at"),
                new Measure.Last("last_delay", "delay_minutes", "scheduled_at")));
    ingest(
        0,
        flight("a", "2001-01-01T12:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T11:00:00Z", 7, "SEA", "LAX"),
        flight("same time, later offset", "2001-01-01T12:00:00Z", -70, "SEA", "LAX"));
    ingest(
        10,
        flight("d", "2001-01-01T11:30:00Z", 9, "SEA", "LAX"),
        withoutDelay(flight("first", "2001-01-01T10:59:00Z", 1, "SEA", "LAX")));
    assertThat(shown("route_day"))
        .containsExactly("[2001-01-01,SEA,LAX,first,null,same time, later offset,-70]");
  }

  @Test
  void distinctNumbersAreCountedExactlyAcrossMicroBatches() {
    contract =
        FlightsContract.withMeasures(
            List.of(
                new Measure.Sum("delay", "delay_minutes"),
                Measure.CountDistinctWhole.ofNumber("delays", "delay_minutes"),
                Measure.CountDistinctWhole.ofDate("days", "CAST(scheduled_at AS DATE)"),
                Measure.CountDistinctWhole.ofNumber("far", "delay_minutes * 4000000000000000L")));
    ingest(
        0,
        flight("a", "2001-01-01T12:00:00Z", -1, "SEA", "LAX"),
        flight("b", "2001-01-01T13:00:00Z", 0, "SEA", "LAX"),
        flight("c", "2001-01-01T12:00:00Z", 63, "SEA", "LAX"),
        withoutDelay(flight("d", "2001-01-01T12:00:00Z", 1, "SEA", "LAX")));
    ingest(
        10,
        flight("e", "2001-01-01T12:30:00Z", -1, "SEA", "LAX"),
        flight("f", "2001-01-01T12:30:00Z", 64, "SEA", "LAX"),
        flight("g", "2001-01-01T12:30:00Z", -64, "SEA", "LAX"),
        flight("h", "2001-01-01T12:30:00Z", -65, "SEA", "LAX"),
        withoutDelay(flight("i", "2001-01-01T12:30:00Z", 1, "SEA", "JFK")));
    assertThat(shown("route_day"))
        .containsExactly("[2001-01-01,SEA,JFK,null,0,1,0]", "[2001-01-01,SEA,LAX,-4,6,1,6]");
    assertThat(LiveView.rows(view("route_day").table().read())).isEqualTo(9);
  }

  @Test
  void estimatesOfFewValuesAreExactAndWithoutAnyTheyAreEmpty() {
    contract =
        FlightsContract.withMeasures(
            List.of(
                new Measure.ApproxCountDistinct("ids", "flight_id"),
                new Measure.ApproxCountDistinct("delays", "delay_minutes"),
                new Measure.ApproxPercentile("low", "delay_minutes", BigDecimal.ZERO),
                new Measure.ApproxPercentile("half", "delay_minutes", new BigDecimal("0.5")),
                new Measure.ApproxPercentile("most", "delay_minutes", new BigDecimal("0.9"))));
    ingest(
        0,
        flight("", "2001-01-01T12:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T13:00:00Z", -70, "SEA", "LAX"),
        withoutDelay(flight("c", "2001-01-01T12:00:00Z", 1, "SEA", "JFK")));
    ingest(
        10,
        flight("b", "2001-01-01T12:30:00Z", 5, "SEA", "LAX"),
        withoutDelay(flight("d", "2001-01-01T12:00:00Z", 1, "SEA", "LAX")));
    assertThat(shown("route_day"))
        .containsExactly(
            "[2001-01-01,SEA,JFK,1,0,null,null,null]", "[2001-01-01,SEA,LAX,3,2,-70.0,5.0,5.0]");
  }

  @Test
  void theLatestRowOfAKeyFollowsTheContractsOrderAndNotTheOrderOfArrival() {
    contract =
        FlightsContract.withLiveViews(
            FlightsContract.contract(List.of("distance_miles")),
            List.of(new LiveDefinition.Latest("newest", List.of("flight_id"), EVERY)));
    ingest(
        0,
        at(300, flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX")),
        at(100, flight("a", "2001-01-01T12:30:00Z", 2, "SEA", "JFK")),
        flight("b", "2001-01-01T12:00:00Z", 1, "SEA", "LAX").replace(":100,", ":null,"));
    ingest(
        10,
        at(200, flight("a", "2001-01-02T13:00:00Z", 3, "SEA", "BOS")),
        flight("b", "2001-01-01T11:00:00Z", 2, "SEA", "LAX").replace(":100,", ":null,"),
        at(5, flight("c", "2001-01-01T12:00:00Z", 1, "SEA", "LAX")));
    assertThat(shown("newest"))
        .containsExactly(
            "[a,2001-01-01T12:00:00Z,1,300,SEA,LAX,2001-01-01]",
            "[b,2001-01-01T11:00:00Z,2,null,SEA,LAX,2001-01-01]",
            "[c,2001-01-01T12:00:00Z,1,5,SEA,LAX,2001-01-01]");
    assertThat(LiveView.rows(view("newest").table().read())).isEqualTo(6);
  }

  @Test
  void aRowBetweenTwoSessionsJoinsThemAndSessionsCrossMidnight() {
    contract =
        FlightsContract.withLiveViews(
            contract,
            List.of(
                new LiveDefinition.Sessions(
                    "visits",
                    List.of("origin"),
                    Duration.ofMinutes(30),
                    List.of(
                        new Measure.Count("flights", Optional.empty()),
                        new Measure.Avg("delay", "delay_minutes"),
                        new Measure.First("first_flight", "flight_id", "scheduled_at")),
                    EVERY)));
    ingest(
        0,
        flight("a", "2001-01-01T23:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T23:30:00Z", 2, "SEA", "LAX"),
        flight("d", "2001-01-02T00:30:00Z", 9, "SEA", "LAX"),
        flight("e", "2001-01-01T23:00:00Z", 5, "LAX", "SEA"),
        flight("f", "2001-01-01T23:30:00.000001Z", 7, "LAX", "SEA"));
    assertThat(shown("visits"))
        .containsExactly(
            "[2001-01-01,LAX,2001-01-01T23:00:00Z,2001-01-01T23:00:00Z,1,5.0,e]",
            "[2001-01-01,LAX,2001-01-01T23:30:00.000001Z,2001-01-01T23:30:00.000001Z,1,7.0,f]",
            "[2001-01-01,SEA,2001-01-01T23:00:00Z,2001-01-01T23:30:00Z,2,1.5,a]",
            "[2001-01-02,SEA,2001-01-02T00:30:00Z,2001-01-02T00:30:00Z,1,9.0,d]");
    ingest(10, flight("c", "2001-01-02T00:00:00Z", 4, "SEA", "LAX"));
    assertThat(shown("visits"))
        .contains("[2001-01-01,SEA,2001-01-01T23:00:00Z,2001-01-02T00:30:00Z,4,4.0,a]")
        .hasSize(3);
  }

  @Test
  void windowsAndTheGreatestCellsAreReadInSql() {
    contract =
        FlightsContract.withLiveViews(
            contract,
            List.of(
                new LiveDefinition.Top("busiest", "route_day", 2, "flights"),
                new LiveDefinition.Latest("newest", List.of("destination"), EVERY)));
    ingest(
        0,
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:59:00Z", 2, "SEA", "LAX"),
        flight("c", "2001-01-01T12:30:00Z", 3, "SEA", "JFK"));
    ingest(
        10,
        flight("d", "2001-01-01T13:00:00Z", 5, "SEA", "LAX"),
        flight("e", "2001-01-01T12:10:00Z", 4, "SEA", "BOS"),
        flight("f", "2001-01-02T12:10:00Z", 4, "SEA", "BOS"));
    SparkSession session = spark.newSession();
    new LakeCatalog(session, lake).registerTables();
    assertThat(new LiveCatalog(session, lake).registerViews(contract)).isEmpty();
    try {
      assertThat(
              texts(session.sql("SELECT * FROM live.route_day_windows WHERE destination = 'LAX'")))
          .containsExactly(
              "[2001-01-01,2001-01-01T12:00:00Z,SEA,LAX,2,3,2,1.5]",
              "[2001-01-01,2001-01-01T13:00:00Z,SEA,LAX,1,5,5,5.0]");
      assertThat(texts(session.sql("SELECT * FROM live.busiest")))
          .containsExactly(
              "[2001-01-01,1,SEA,LAX,3,8,5,2.6666666666666665]",
              "[2001-01-01,2,SEA,BOS,1,4,4,4.0]",
              "[2001-01-02,1,SEA,BOS,1,4,4,4.0]");
      assertThat(texts(session.sql("SELECT destination, flight_id FROM live.newest")))
          .containsExactly("[BOS,f]", "[JFK,c]", "[LAX,d]");
    } finally {
      session.sql("DROP DATABASE live CASCADE");
      session.sql("DROP DATABASE bronze CASCADE");
    }
  }

  private void ingest(int second, String... rows) {
    bronze.ingest("2026-01-01T00:00:%02dZ".formatted(second), rows);
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private static String withoutDelay(String flight) {
    return flight.replaceFirst("\"delay_minutes\":-?[0-9]+", "\"delay_minutes\":null");
  }

  private static String at(int miles, String flight) {
    return flight.replace(":100,", ":" + miles + ",");
  }

  private LiveView view(String name) {
    return new LiveTables(spark, lake, contract)
        .views().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  private List<String> shown(String name) {
    LiveView view = view(name);
    List<String> rows = texts(view.fold(view.table().read()));
    // The text of the view in SQL is made of the same steps, in another way.
    assertThat(texts(spark.sql(view.foldSql("delta.`" + view.table().path() + "`"))))
        .isEqualTo(rows);
    return rows;
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(Row::toString).sorted().toList();
  }
}
