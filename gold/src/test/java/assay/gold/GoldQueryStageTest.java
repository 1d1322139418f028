package assay.gold;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.core.contract.Definitions;
import assay.core.testing.TestSpark;
import assay.gold.GoldQueryPlan.Reason;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldQueryStageTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("assay.root", ".."), "examples", "flights");

  /** Half an hour into a day: the last one that has ended is 2002-01-01. */
  private static final Instant NOW = Instant.parse("2002-01-02T00:30:00Z");

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private Lake lake;
  private BronzeFixture bronze;
  private Path contracts;

  @BeforeEach
  void makeLake() throws IOException {
    lake = new Lake(folder.resolve("lake").toString());
    contracts = Files.createDirectories(folder.resolve("contracts").resolve("gold")).getParent();
    Files.copy(EXAMPLES.resolve("contract.yaml"), contracts.resolve("flights.yaml"));
    bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2002-01-02T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-02T09:00:00Z", 8, "SEA", "LAX"),
        flight("c", "2002-01-01T09:00:00Z", 1, "SEA", "SFO"),
        flight("d", "2002-01-01T10:00:00Z", 2, "LAX", "SEA"),
        flight("e", "2002-01-02T00:10:00Z", 3, "LAX", "SEA"),
        flight("f", "2001-01-01T08:00:00Z", 5, "nowhere", "LAX"));
  }

  @Test
  void theExamplesCountLifetimeTwelveMonthsAndYearOverYear() throws IOException {
    for (String name :
        List.of("airport_lifetime", "airport_twelve_months", "airport_year_over_year")) {
      Files.copy(
          EXAMPLES.resolve("gold").resolve(name + ".sql"),
          contracts.resolve("gold").resolve(name + ".sql"));
    }
    silverAndGold();
    assertThat(refresh(NOW)).containsOnly(Reason.FIRST_RUN);
    assertThat(rows("airport_lifetime"))
        .containsExactly("LAX 2002-01-01 2002-01-02 2 5 3", "SEA 2001-01-01 2002-01-01 3 14 8");
    assertThat(rows("airport_twelve_months"))
        .as("from 2001-01-02 to 2002-01-01")
        .containsExactly("LAX 2002-01-01 1 2", "SEA 2002-01-01 2 9");
    assertThat(rows("airport_year_over_year"))
        .containsExactly("2001 1 SEA 2 NULL", "2002 1 LAX 2 NULL", "2002 1 SEA 1 2");
    for (String name : List.of("airport_lifetime", "airport_year_over_year")) {
      Row detail = spark.sql("DESCRIBE DETAIL delta.`" + lake.gold(name) + "`").head();
      assertThat(detail.<Integer>getAs("minReaderVersion")).as(name).isEqualTo(1);
      assertThat(detail.<Object>getAs("partitionColumns").toString())
          .contains(name.endsWith("year") ? "year" : "()");
    }
  }

  @Test
  @Tag("long")
  void aTableIsMadeAgainOnlyWhereItsOutcomeMayBeAnother() {
    write("places", "SELECT DISTINCT origin FROM silver.flights");
    write("recent", "SELECT count(*) AS n FROM gold.route_day WHERE event_date >= :as_of");
    write("places_count", "SELECT :as_of AS day, count(*) AS n FROM gold.places");
    silverAndGold();
    assertThat(refresh(NOW)).containsExactly(Reason.FIRST_RUN, Reason.FIRST_RUN, Reason.FIRST_RUN);
    assertThat(rows("places_count")).containsExactly("2002-01-01 2");
    Map<String, Long> versions = versions();

    assertThat(refresh(NOW)).containsOnly(Reason.NOTHING);
    silverAndGold();
    spark.sql("OPTIMIZE delta.`" + lake.silver("flights") + "`");
    assertThat(refresh(NOW)).as("the same rows in other files").containsOnly(Reason.NOTHING);
    write("places", "-- description: where from\n", "SELECT DISTINCT origin FROM silver.flights\n");
    assertThat(refresh(NOW)).as("the header alone changed").containsOnly(Reason.NOTHING);
    assertThat(versions()).isEqualTo(versions);

    Instant tomorrow = NOW.plusSeconds(24 * 3600);
    assertThat(plan(tomorrow, List.of()))
        .containsExactly("places NOTHING", "places_count DAY", "recent DAY");
    assertThat(versions()).as("a plan writes nothing").isEqualTo(versions);
    assertThat(refresh(tomorrow)).containsExactly(Reason.NOTHING, Reason.DAY, Reason.DAY);
    assertThat(rows("recent")).containsExactly("1");
    assertThat(rows("places_count")).containsExactly("2002-01-02 2");

    bronze.ingest("2002-01-03T00:00:00Z", flight("g", "2002-01-02T08:00:00Z", 0, "PDX", "SEA"));
    silver();
    assertThat(refresh(tomorrow)).as("gold has not reached it").containsOnly(Reason.NOTHING);
    assertThat(plan(tomorrow, goldPlans()))
        .containsExactly("places SOURCES", "places_count SOURCES", "recent SOURCES");
    silverAndGold();
    assertThat(refresh(tomorrow)).containsOnly(Reason.SOURCES);
    assertThat(rows("places_count")).containsExactly("2002-01-02 3");

    write("recent", "SELECT 7 AS n");
    assertThat(refresh(tomorrow))
        .containsExactly(Reason.NOTHING, Reason.NOTHING, Reason.OTHER_QUERY);
    assertThat(rows("recent")).containsExactly("7");
  }

  @Test
  void silverIsReadAsGoldHasItAndWhatStandsBesideItAsFar() {
    write(
        "ledger",
        """
        SELECT
          (SELECT sum(flights) FROM gold.route_day) AS in_gold,
          (SELECT count(*) FROM silver.flights) AS loaded,
          (SELECT count(*) FROM silver.flights_exceptions) AS set_aside,
          (SELECT count(*) FROM quarantine.flights) AS quarantined
        """);
    silverAndGold();
    bronze.ingest(
        "2002-01-02T01:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 6, "SEA", "LAX"),
        flight("h", "2001-01-01T08:00:00Z", 6, "SEA", "LAX"),
        flight("i", "2001-01-01T08:00:00Z", 5, "nowhere", "LAX"));
    silver();
    refresh(NOW);
    assertThat(rows("ledger")).containsExactly("5 5 0 1");
    silverAndGold();
    assertThat(refresh(NOW)).containsExactly(Reason.SOURCES);
    assertThat(rows("ledger")).containsExactly("6 6 1 2");
  }

  @Test
  void troubleOfOneQueryLeavesTheOthersTheirTurn() {
    write("a_wrong", "SELECT orign FROM gold.route_day");
    write("b_over_wrong", "SELECT * FROM gold.a_wrong");
    write("c_fine", "SELECT count(*) AS n FROM gold.route_day");
    silverAndGold();
    Definitions definitions = ContractReader.readDefinitions(contracts);
    GoldQueryStage stage = stage(definitions, NOW);
    assertThatThrownBy(() -> stage.refresh(definitions.goldQueries().get(0)))
        .isInstanceOfSatisfying(
            AssayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
              assertThat(e)
                  .hasMessageStartingWith(contracts.resolve("gold").resolve("a_wrong.sql") + ":2: ")
                  .hasMessageContaining("`orign` cannot be resolved");
            });
    assertThatThrownBy(() -> stage.refresh(definitions.goldQueries().get(1)))
        .hasMessage("gold.b_over_wrong reads gold.a_wrong, which could not be made in this run");
    assertThat(stage.refresh(definitions.goldQueries().get(2)).rows()).isEqualTo(1);
    assertThat(new LakeTable(spark, lake.gold("a_wrong")).exists()).isFalse();
  }

  @Test
  void aResultThatMakesNoPlainTableIsRefused() {
    assertRefused("SELECT count(*) FROM range(3)", "a column `count(1)`, which cannot be a name");
    assertRefused("SELECT 1 AS x, 2 AS X", "the result has two columns `X`");
    assertRefused("SELECT NULL AS x", "column `x` is of type void");
    assertRefused(
        "SELECT array(TIMESTAMP_NTZ'2001-01-01 00:00:00') AS x",
        "column `x` is of type timestamp_ntz");
    assertRefused(
        "-- partition_by: y\n", "SELECT 1 AS x", "`partition_by` names `y`, which is no column");
    assertRefused("-- partition_by: x\n", "SELECT 1 AS x", "names every column of the result");
  }

  @Test
  void beforeThereIsAnythingAPlanSaysWhatIsMissing() {
    write("n", "SELECT count(*) AS n FROM gold.route_day");
    assertThat(plan(NOW, List.of())).containsExactly("n MISSING");
    Definitions definitions = ContractReader.readDefinitions(contracts);
    assertThatThrownBy(() -> stage(definitions, NOW).refresh(definitions.goldQueries().get(0)))
        .hasMessage("gold.n reads gold.route_day, which is not there yet");
    silver();
    assertThat(plan(NOW, goldPlans())).containsExactly("n FIRST_RUN");
    silverAndGold();
    // As a crash between the table and its rows leaves it.
    new LakeTable(spark, lake.gold("n"))
        .createOrExtend(spark.sql("SELECT 1L AS n").schema(), List.of());
    GoldQueryStage stage = stage(definitions, NOW);
    GoldQueryPlan plan = stage.plan(definitions.goldQueries(), goldPlans()).get(0);
    assertThat(plan.reason()).isEqualTo(Reason.FIRST_RUN);
    assertThat(plan.sources()).containsOnlyKeys("gold.route_day");
    assertThat(stage.cost(plan).reads().rows()).as("cells of gold").isEqualTo(5);
    assertThat(refresh(NOW)).containsExactly(Reason.FIRST_RUN);
    assertThat(rows("n")).containsExactly("5");
  }

  private void assertRefused(String sql, String message) {
    assertRefused("", sql, message);
  }

  private void assertRefused(String header, String sql, String message) {
    write("refused", header, sql);
    Definitions definitions = ContractReader.readDefinitions(contracts);
    assertThatThrownBy(() -> stage(definitions, NOW).refresh(definitions.goldQueries().get(0)))
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("refused.sql: ")
        .hasMessageContaining(message);
  }

  private void write(String name, String sql) {
    write(name, "", sql);
  }

  private void write(String name, String header, String sql) {
    try {
      Files.writeString(
          contracts.resolve("gold").resolve(name + ".sql"), "-- every: day\n" + header + sql);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Contract contract() {
    return ContractReader.read(contracts.resolve("flights.yaml"));
  }

  private void silver() {
    new SilverStage(spark, lake, contract(), Steps.SILENT).run();
  }

  private void silverAndGold() {
    silver();
    goldStage().run(Optional.empty());
  }

  private GoldStage goldStage() {
    return new GoldStage(spark, lake, contract(), Clock.systemUTC(), Steps.SILENT);
  }

  private List<GoldPlan> goldPlans() {
    return goldStage().plan(Optional.empty());
  }

  private GoldQueryStage stage(Definitions definitions, Instant now) {
    return new GoldQueryStage(
        spark, lake, definitions, Clock.fixed(now, ZoneOffset.UTC), Steps.SILENT);
  }

  /** A run of all queries: why each was made, in their order. */
  private List<Reason> refresh(Instant now) {
    Definitions definitions = ContractReader.readDefinitions(contracts);
    GoldQueryStage stage = stage(definitions, now);
    List<Reason> reasons = new ArrayList<>();
    definitions.goldQueries().forEach(query -> reasons.add(stage.refresh(query).reason()));
    return reasons;
  }

  private List<String> plan(Instant now, List<GoldPlan> metricSets) {
    Definitions definitions = ContractReader.readDefinitions(contracts);
    return stage(definitions, now).plan(definitions.goldQueries(), metricSets).stream()
        .map(plan -> plan.name() + " " + plan.reason())
        .toList();
  }

  private Map<String, Long> versions() {
    return Map.of(
        "places",
        new LakeTable(spark, lake.gold("places")).version(),
        "places_count",
        new LakeTable(spark, lake.gold("places_count")).version(),
        "recent",
        new LakeTable(spark, lake.gold("recent")).version());
  }

  /** The rows of a table in ascending order, each with its values as text. */
  private List<String> rows(String name) {
    return new LakeTable(spark, lake.gold(name))
        .read().collectAsList().stream().map(GoldQueryStageTest::text).sorted().toList();
  }

  private static String text(Row row) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(row.isNullAt(i) ? "NULL" : row.get(i).toString());
    }
    return String.join(" ", values);
  }
}
