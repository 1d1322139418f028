package assay.views.live;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeCatalog;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.RowFilter;
import assay.core.contract.RowFilter.Condition;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Views of some rows, of each kind, over two micro-batches. */
class FilteredViewsTest {
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final RowFilter FAR = filter("far", "distance_miles > 150");

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();

  @Tag("long")
  @Test
  void viewsShowTheRowsThatPassAndCountTheOthersByRuleWhateverHappens() {
    Lake lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    Contract contract = contract(100);
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        far(flight("a", "2001-01-01T12:00:00Z", 5, "SEA", "LAX")),
        far(undelayed(flight("b", "2001-01-01T12:10:00Z", 0, "SEA", "LAX"))),
        undelayed(flight("c", "2001-01-01T12:00:00Z", 0, "SEA", "JFK")).replace(":100,", ":null,"),
        flight("e", "2001-01-02T12:05:00Z", 9, "SEA", "LAX"));
    LiveResult first = run(lake, contract, Steps.SILENT);
    assertThat(first.counted()).isEqualTo(4);
    assertThat(first.filtered())
        .isEqualTo(
            Map.of(
                "route_day", Map.of("flown", 2L, "some_way", 2L),
                "newest", Map.of("far", 2L),
                "visits", Map.of("far", 2L)));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("a", "2001-01-02T12:30:00Z", 7, "SEA", "LAX"),
        far(flight("d", "2001-01-02T12:20:00Z", 1, "SEA", "BOS")));
    Steps crash =
        (stage, step) -> {
          if (step.endsWith("exceptions committed")) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> run(lake, contract, crash)).hasMessageContaining("killed");
    LiveResult second = run(lake, contract, Steps.SILENT);
    assertThat(second.counted()).isEqualTo(2);
    assertThat(second.filtered().get("route_day")).isEqualTo(Map.of("flown", 0L, "some_way", 1L));
    assertViews(lake, contract);

    Contract other = contract(90);
    assertThatThrownBy(() -> run(lake, other, Steps.SILENT))
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("was accumulated under another definition");
    ViewBuild.Built built = new ViewBuild(spark, lake, other).rebuild("route_day");
    assertThat(built.rows()).isEqualTo(6);
    assertThat(built.filtered()).isEqualTo(Map.of("flown", 2L, "some_way", 1L));
    assertThat(shown(lake, other, "route_day"))
        .containsExactly(
            "[2001-01-01,SEA,LAX,1,5,5,5.0]",
            "[2001-01-02,SEA,BOS,1,1,1,1.0]",
            "[2001-01-02,SEA,LAX,2,16,9,8.0]");

    new LiveRebuild(spark, lake, contract, Steps.SILENT).run();
    assertViews(lake, contract);
    assertSql(lake, contract);
  }

  private void assertViews(Lake lake, Contract contract) {
    assertThat(shown(lake, contract, "route_day"))
        .containsExactly("[2001-01-01,SEA,LAX,1,5,5,5.0]", "[2001-01-02,SEA,BOS,1,1,1,1.0]");
    assertThat(shown(lake, contract, "newest"))
        .as("a later row that is kept out takes no place")
        .containsExactly(
            "[a,2001-01-01T12:00:00Z,5,500,SEA,LAX,2001-01-01]",
            "[b,2001-01-01T12:10:00Z,null,500,SEA,LAX,2001-01-01]",
            "[d,2001-01-02T12:20:00Z,1,500,SEA,BOS,2001-01-02]");
    assertThat(shown(lake, contract, "visits"))
        .containsExactly(
            "[2001-01-01,SEA,2001-01-01T12:00:00Z,2001-01-01T12:10:00Z,2]",
            "[2001-01-02,SEA,2001-01-02T12:20:00Z,2001-01-02T12:20:00Z,1]");
    for (String name : contract.liveTables()) {
      assertThat(LiveView.rows(view(lake, contract, name).table().read())).as(name).isEqualTo(6);
    }
  }

  /** The last of a lake: dropping what a session knows takes its tables away. */
  private void assertSql(Lake lake, Contract contract) {
    SparkSession session = spark.newSession();
    new LakeCatalog(session, lake).registerTables();
    new LiveCatalog(session, lake).registerViews(contract);
    try {
      assertThat(texts(session.sql("SELECT * FROM live.route_day_filtered")))
          .containsExactly(
              "[2001-01-01,flown,2]",
              "[2001-01-01,some_way,1]",
              "[2001-01-02,flown,0]",
              "[2001-01-02,some_way,2]");
      assertThat(texts(session.sql("SELECT rule, sum(rows) FROM live.visits_filtered GROUP BY 1")))
          .containsExactly("[far,3]");
      assertThat(texts(session.sql("SELECT * FROM live.route_day_windows"))).hasSize(2);
      assertThat(texts(session.sql("SELECT destination, flights FROM live.busiest")))
          .containsExactly("[BOS,1]", "[LAX,1]");
    } finally {
      session.sql("DROP DATABASE live CASCADE");
      session.sql("DROP DATABASE bronze CASCADE");
    }
  }

  private static Contract contract(int miles) {
    Contract all = FlightsContract.contract();
    MetricSet routes =
        MetricSetBuilder.builder(all.metrics().get(0))
            .filter(
                new RowFilter(
                    List.of(
                        new Condition("flown", "delay_minutes IS NOT NULL"),
                        new Condition("some_way", "distance_miles > " + miles))))
            .build();
    return ContractBuilder.builder(all)
        .metrics(List.of(routes))
        .liveViews(
            List.of(
                new LiveDefinition.Latest("newest", List.of("flight_id"), FAR, EVERY),
                new LiveDefinition.Sessions(
                    "visits",
                    List.of("origin"),
                    FAR,
                    Duration.ofMinutes(15),
                    List.of(new Measure.Count("flights", Optional.empty())),
                    EVERY),
                new LiveDefinition.Top("busiest", "route_day", 5, "flights")))
        .hash("beyond " + miles)
        .build();
  }

  private static RowFilter filter(String name, String check) {
    return new RowFilter(List.of(new Condition(name, check)));
  }

  private static String far(String flight) {
    return flight.replace(":100,", ":500,");
  }

  private static String undelayed(String flight) {
    return flight.replace("\"delay_minutes\":0", "\"delay_minutes\":null");
  }

  private LiveResult run(Lake lake, Contract contract, Steps steps) {
    return new LiveStage(spark, lake, contract, steps).runUntilCaughtUp();
  }

  private LiveView view(Lake lake, Contract contract, String name) {
    return new LiveTables(spark, lake, contract)
        .views().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  private List<String> shown(Lake lake, Contract contract, String name) {
    LiveView view = view(lake, contract, name);
    List<String> rows = texts(view.fold(view.table().read()));
    assertThat(texts(spark.sql(view.foldSql("delta.`" + view.table().path() + "`"))))
        .isEqualTo(rows);
    return rows;
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(Row::toString).sorted().toList();
  }
}
