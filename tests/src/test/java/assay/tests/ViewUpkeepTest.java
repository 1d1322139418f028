package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableFiles;
import assay.core.contract.ContractReader;
import assay.core.contract.Definitions;
import assay.core.contract.ViewQuery;
import assay.core.testing.TestSpark;
import assay.gold.upkeep.Compaction;
import assay.gold.upkeep.MaintainRequest;
import assay.gold.upkeep.MaintainRequest.Vacuum;
import assay.gold.upkeep.Vacuumed;
import assay.gold.upkeep.ViewUpkeep;
import assay.gold.upkeep.ViewUpkeepResult;
import assay.views.materialized.MaterializedViews;
import assay.views.materialized.RefreshResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upkeep of a view, of one that reads it, and of one that nobody defines any more. */
class ViewUpkeepTest {
  private static final MaintainRequest VACUUM =
      new MaintainRequest(false, Optional.of(new Vacuum(Duration.ofDays(7), false)));

  private final SparkSession spark = TestSpark.session();

  @TempDir Path folder;

  private Path views;
  private Lake lake;

  @BeforeEach
  void makeViews() throws IOException {
    Path root = Path.of(System.getProperty("assay.root"));
    views = Files.createDirectories(folder.resolve("contracts/views"));
    Files.copy(
        root.resolve("examples/flights/contract.yaml"), views.resolveSibling("flights.yaml"));
    lake = new Lake(folder.resolve("lake").toString());
    define(
        "by_route",
        "SELECT origin, destination, sum(flights) AS flights, count(*) AS days"
            + " FROM gold.route_day GROUP BY origin, destination");
    define("total", "SELECT sum(flights) AS flights FROM materialized_views.by_route");
    sql(
        "CREATE TABLE {t} (event_date DATE, origin STRING, destination STRING, flights BIGINT)"
            + " USING delta PARTITIONED BY (event_date)");
    sql("INSERT INTO {t} SELECT DATE'2001-01-01', 'SEA', 'A' || id, id FROM range(100)");
  }

  @Test
  void aRefreshTakesUpkeepForNoChange() {
    assertThat(refresh("by_route")).isEqualTo("full");
    assertThat(refresh("total")).isEqualTo("full");
    // The same rows in many files, as a query over more cores leaves them.
    spark
        .read()
        .format("delta")
        .load(lake.materializedView("by_route"))
        .repartition(16)
        .write()
        .format("delta")
        .mode("overwrite")
        .option("dataChange", "false")
        .save(lake.materializedView("by_route"));
    assertThat(files("by_route")).isEqualTo(16);

    ViewUpkeepResult planned = upkeep(Clock.systemUTC()).plan(MaintainRequest.USUAL);
    assertThat(planned.compactions())
        .singleElement()
        .satisfies(c -> assertThat(c.plan().files()).isEqualTo(16));
    assertThat(files("by_route")).isEqualTo(16);
    List<Compaction> done = upkeep(Clock.systemUTC()).run(MaintainRequest.USUAL).compactions();
    assertThat(done).singleElement().satisfies(c -> assertThat(c.filesAfter()).hasValue(1));
    assertThat(files("by_route")).isEqualTo(1);
    assertThat(views().state(query("total")).behind()).isEmpty();
    assertThat(refresh("by_route")).isEqualTo("none");
    assertThat(refresh("total")).isEqualTo("none");

    sql("INSERT INTO {t} VALUES (DATE'2001-01-02', 'SEA', 'A7', 1000)");
    assertThat(refresh("by_route")).isEqualTo("additive");
    assertThat(flightsTo("A7")).isEqualTo("1007 2");
    assertThat(refresh("total")).isNotEqualTo("none");
    assertThat(total()).isEqualTo(4950 + 1000);
  }

  @Test
  void aVacuumLeavesWhatARefreshGoesOnFrom() {
    refresh("by_route");
    refresh("total");
    sql("INSERT INTO {t} VALUES (DATE'2001-01-02', 'SEA', 'A7', 1000)");
    refresh("by_route");
    sql("DELETE FROM {t} WHERE destination = 'A9'");
    refresh("by_route");
    String view = lake.materializedView("by_route");
    String partials = lake.viewState("by_route");
    assertThat(upkeep(Clock.systemUTC()).run(VACUUM).vacuumed())
        .allSatisfy(table -> assertThat(table.files()).as(table.table()).isZero());

    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(8));
    assertThat(upkeep(later).run(VACUUM).vacuumed())
        .filteredOn(vacuumed -> vacuumed.files() > 0)
        .extracting(Vacuumed::table)
        .containsExactly(view, partials);
    assertThat(upkeep(later).run(VACUUM).vacuumed())
        .allSatisfy(table -> assertThat(table.files()).isZero());
    assertThat(refresh("by_route")).isEqualTo("none");
    sql("INSERT INTO {t} VALUES (DATE'2001-01-02', 'SEA', 'A7', 1)");
    assertThat(refresh("by_route")).isEqualTo("additive");
    assertThat(flightsTo("A7")).isEqualTo("1008 3");
    refresh("total");
    assertThat(total()).isEqualTo(4950 + 1000 - 9 + 1);
  }

  @Test
  void aViewThatIsNotDefinedAnyMoreIsNamedAndLeftAlone() {
    List<String> gone = List.of(lake.materializedView("gone"), lake.viewState("gone"));
    for (String table : gone) {
      spark.range(2).repartition(2).write().format("delta").save(table);
      spark.range(1).write().format("delta").mode("overwrite").save(table);
    }
    ViewUpkeep upkeep = upkeep(Clock.offset(Clock.systemUTC(), Duration.ofDays(8)));
    assertThat(upkeep.any()).isTrue();
    assertThat(upkeep.run(VACUUM)).isEqualTo(new ViewUpkeepResult(List.of(), List.of(), gone));
    for (String table : gone) {
      assertThat(new LakeTable(spark, table).readAt(0).count()).as(table).isEqualTo(2);
    }
  }

  private void define(String name, String query) throws IOException {
    Files.writeString(views.resolve(name + ".sql"), "-- every: 1 minute\n" + query + "\n");
  }

  private Definitions definitions() {
    return ContractReader.readDefinitions(views.getParent());
  }

  private ViewUpkeep upkeep(Clock clock) {
    return new ViewUpkeep(spark, lake, definitions(), clock, Steps.SILENT);
  }

  /** The strategy that it took. */
  private String refresh(String name) {
    RefreshResult result =
        views().refresh(query(name), Instant.parse("2001-02-01T00:00:00Z"), false);
    return result.plan().strategy().word();
  }

  private MaterializedViews views() {
    return new MaterializedViews(spark, lake, definitions(), Clock.systemUTC(), Steps.SILENT);
  }

  private ViewQuery query(String name) {
    return definitions().views().stream()
        .filter(v -> v.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void sql(String text) {
    var unused = spark.sql(text.replace("{t}", "delta.`" + lake.gold("route_day") + "`"));
  }

  private long files(String view) {
    String path = lake.materializedView(view);
    return new TableFiles(spark, path).size(new LakeTable(spark, path).version()).files();
  }

  private String flightsTo(String destination) {
    return new LakeTable(spark, lake.materializedView("by_route"))
        .read()
        .where("destination = '" + destination + "'")
        .selectExpr("concat_ws(' ', flights, days)")
        .head()
        .getString(0);
  }

  private long total() {
    return new LakeTable(spark, lake.materializedView("total")).read().head().getLong(0);
  }
}
