package assay.silver;

import static assay.core.testing.FlightsContract.flight;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first tests read what two runs over one lake left, each by keys of its own; the others make a
 * lake for themselves.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SilverStageTest {
  private static final String FIRST = "2026-01-01T00:00:00Z";
  private static final String SECOND = "2026-01-01T00:00:10Z";
  private static final String EIGHT = "2001-01-01T08:00:00Z";
  private static final String BAD = flight("bad", EIGHT, 9999, "sea", "LAX");

  private static final String ROW = "concat(flight_id, ' ', delay_minutes, ' @', _offset)";
  private static final String EXCEPTION = "concat(disposition, ' ', " + ROW + ")";

  private Path temporary;

  private final SparkSession spark = TestSpark.session();
  private Lake story;
  private SilverResult firstRun;
  private SilverPlan secondPlan;
  private SilverResult secondRun;

  private int lakes;
  private Contract contract;
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeAll
  void runTwice(@TempDir Path folder) {
    temporary = folder;
    makeLake();
    story = lake;
    bronze.ingest(
        FIRST,
        flight("latest", EIGHT, 1, "SEA", "LAX"),
        flight("latest", EIGHT, 2, "SEA", "LAX"),
        flight("other", EIGHT, 3, "SEA", "LAX"),
        flight("equal", EIGHT, 1, "SEA", "LAX"),
        flight("equal", EIGHT, 1, "SEA", "LAX"),
        flight("back", EIGHT, 1, "SEA", "LAX"),
        flight("back", EIGHT, 2, "SEA", "LAX"),
        flight("back", EIGHT, 1, "SEA", "LAX"),
        flight("moves", EIGHT, 1, "SEA", "LAX"),
        BAD,
        null,
        flight("warned", EIGHT, 9999, "SEA", "LAX"));
    firstRun = run();
    bronze.ingest(
        SECOND,
        flight("latest", EIGHT, 9, "SEA", "LAX"),
        flight("equal", EIGHT, 1, "SEA", "LAX"),
        flight("moves", "2001-01-03T08:00:00Z", 1, "SEA", "LAX"));
    secondPlan = new SilverStage(spark, lake, contract, Steps.SILENT).plan();
    secondRun = run();
  }

  @BeforeEach
  void makeLake() {
    lake = new Lake(temporary.resolve("lake-" + lakes++).toString());
    bronze = new BronzeFixture(spark, lake, "flights");
    contract = FlightsContract.contract();
  }

  @Test
  void theLatestRowOfAKeyStandsWhetherItsRowsComeInOneRunOrInTwo() {
    assertThat(silverOf("latest")).containsExactly("latest 9 @12");
    assertThat(silverOf("other")).containsExactly("other 3 @2");
    assertThat(exceptionsOf("latest"))
        .containsExactly("superseded latest 1 @0", "superseded latest 2 @1");
  }

  @Test
  void anEqualRowIsADuplicateAndReplacesNothing() {
    assertThat(silverOf("equal")).containsExactly("equal 1 @3");
    assertThat(exceptionsOf("equal"))
        .containsExactly("duplicate equal 1 @13", "duplicate equal 1 @4");
  }

  @Test
  void aValueThatComesBackIsNoDuplicate() {
    assertThat(silverOf("back")).containsExactly("back 1 @7");
    assertThat(exceptionsOf("back"))
        .containsExactly("superseded back 1 @5", "superseded back 2 @6");
  }

  @Test
  void aCorrectionThatMovesARowToAnotherDayLeavesNoCopyBehind() {
    assertThat(silverOf("moves")).containsExactly("moves 1 @14");
    assertThat(
            silver(story)
                .table()
                .read()
                .where("flight_id = 'moves'")
                .select("event_date")
                .collectAsList())
        .extracting(row -> row.getLocalDate(0).toString())
        .containsExactly("2001-01-03");
  }

  @Test
  void aQuarantinedRowKeepsItsBytesAndTheNamesOfAllRulesThatItFailed() {
    assertThat(silverOf("warned")).containsExactly("warned 9999 @11");
    List<Row> rows =
        quarantine(story)
            .selectExpr("_offset", "CAST(_value AS STRING)", "failed_rules")
            .orderBy("_offset")
            .collectAsList();
    assertThat(rows.get(0).getString(1)).isEqualTo(BAD);
    assertThat(rows.get(0).<String>getList(2)).containsExactly("airport_codes", "sane_delay");
    assertThat(rows.get(1).isNullAt(1)).isTrue();
    assertThat(rows.get(1).<String>getList(2)).containsExactly("value(null)");
  }

  @Test
  void quarantineTellsWhatFailedAndShowsTheRows() {
    Quarantine quarantine = new Quarantine(spark, story, contract);
    assertThat(quarantine.groups())
        .extracting(QuarantineGroup::failedRules, QuarantineGroup::rows)
        .containsExactly(
            tuple(List.of("airport_codes", "sane_delay"), 1L), tuple(List.of("value(null)"), 1L));
    assertThat(quarantine.newest(Optional.of("sane_delay"), 9))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.offset()).isEqualTo(9);
              assertThat(row.value()).contains(BAD);
              assertThat(row.values()).containsEntry("origin", "sea").hasSize(6);
              assertThat(row.failedValues())
                  .isEqualTo(
                      Map.of(
                          "airport_codes",
                          "origin=sea, destination=LAX",
                          "sane_delay",
                          "delay_minutes=9999"));
              assertThat(row.parserMessage()).isEmpty();
            });
    assertThat(quarantine.newest(Optional.empty(), 1))
        .extracting(QuarantinedRow::offset)
        .containsExactly(10L);
  }

  @Test
  void quarantineKeepsWhatTheParserSaidAndTheKafkaKey() {
    String broken = EventParserTest.row("\"delay_minutes\":tru");
    bronze.ingestKeyed(FIRST, "the key", broken);
    run();
    assertThat(new Quarantine(spark, lake, contract).newest(Optional.empty(), 1))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.failedRules()).containsExactly("value(json)");
              assertThat(row.failedValues()).isEmpty();
              assertThat(row.parserMessage().orElseThrow())
                  .startsWith("Unrecognized token 'tru'")
                  .endsWith("at line 1, column 55");
            });
    // Read once more, as reconciliation does, it still has all that a reader needs.
    Dataset<Row> asBronze = Quarantine.asBronze(quarantine(lake));
    assertThat(new EventParser(contract).parse(asBronze).selectExpr("CAST(_key AS STRING)").head())
        .hasToString("[the key]");
  }

  @Test
  void fieldsThatAreNoColumnsStandInSilverAndInItsExceptions() {
    String gate = flight("a", EIGHT, 1, "SEA", "LAX").replace("}", ",\"gate\":\"B4\"}");
    bronze.ingest(FIRST, gate, gate, flight("b", EIGHT, 1, "SEA", "LAX"));
    run();
    String rest = "concat(flight_id, ' ', coalesce(_rest, 'NULL'))";
    assertThat(texts(silver(lake).table().read().selectExpr(rest)))
        .containsExactly("a {\"gate\":\"B4\"}", "b NULL");
    assertThat(texts(exceptions(lake).selectExpr(rest))).containsExactly("a {\"gate\":\"B4\"}");
  }

  @Test
  void aRunCountsWhatItDidAndAPlanWhatItWillRead() {
    assertThat(firstRun)
        .isEqualTo(new SilverResult("flights", 12, 6, 3, 0, 1, 0, 2, Map.of("sane_delay", 2L), 1));
    assertThat(secondPlan.rows()).isEqualTo(3);
    Row bronze = spark.sql("DESCRIBE DETAIL delta.`" + story.bronze("flights") + "`").head();
    assertThat(secondPlan.bytes())
        .as("of the files that hold them")
        .isBetween(1L, bronze.<Long>getAs("sizeInBytes") - 1);
    assertThat(secondRun)
        .isEqualTo(new SilverResult("flights", 3, 2, 2, 2, 1, 0, 0, Map.of("sane_delay", 0L), 2));
  }

  @Test
  void orderByDecidesBeforeTheOffsetAndARowFromThePastLosesAtOnce() {
    contract = FlightsContract.contract(List.of("distance_miles", "delay_minutes"));
    bronze.ingest(FIRST, flight("a", EIGHT, 5, "SEA", "LAX"));
    run();
    bronze.ingest(SECOND, flight("a", EIGHT, 4, "SEA", "LAX"));
    assertThat(run().superseded()).isEqualTo(1);
    assertThat(silver()).containsExactly("a 5 @0");
    assertThat(exceptions()).containsExactly("superseded a 4 @1");
  }

  @Test
  void aRepeatFromAnotherPartitionDoesNotDefendThePlaceOfTheRowThatStands() {
    contract = FlightsContract.contract(List.of("distance_miles"));
    bronze.ingest(0, FIRST, flight("a", EIGHT, 5, "SEA", "LAX"));
    bronze.ingest(1, SECOND, flight("a", EIGHT, 5, "SEA", "LAX"));
    bronze.ingest(0, "2026-01-01T00:00:20Z", flight("a", EIGHT, 6, "SEA", "LAX"));
    assertThat(run().loaded()).isEqualTo(1);
    assertThat(silver()).containsExactly("a 6 @1");
    assertThat(exceptions()).containsExactly("duplicate a 5 @0", "superseded a 5 @0");
  }

  @Test
  void aRunThatLoadsNothingIsKnownToHaveRead() {
    bronze.ingest(FIRST, "no json", flight("a", EIGHT, 1, "sea", "LAX"));
    SilverResult result = run();
    Silver silver = new Silver(spark, lake, contract);
    SilverState state = silver.state(result.version());
    assertThat(state.lastBatch()).hasValue(0);
    assertThat(state.rowsRead()).isEqualTo(2);
    assertThat(state.read().lastOffsets()).containsExactly(Map.entry(0, 1L));
    assertThat(silver()).isEmpty();
  }

  @Test
  void aRunWithNothingNewChangesNothing() {
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"));
    long version = run().version();
    SilverResult again = run();
    assertThat(again.rows()).isZero();
    assertThat(again.version()).isEqualTo(version);
  }

  @Test
  void withoutBronzeItSaysWhatToRunFirst() {
    Lake empty = new Lake(temporary.resolve("empty").toString());
    assertThatThrownBy(() -> new SilverStage(spark, empty, contract, Steps.SILENT).run())
        .isInstanceOf(AssayException.class)
        .hasMessage("there is no " + empty.bronze("flights") + " to read")
        .extracting(e -> ((AssayException) e).mend())
        .isEqualTo("run 'assay ingest' first");
  }

  @Test
  void aCheckpointThatDoesNotBelongToTheTableIsRefusedInsteadOfSkippingRows() throws IOException {
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"));
    run();
    Path checkpoint = Path.of(lake.checkpoint("silver", "flights"));
    Path table = Path.of(lake.silver("flights"));

    Files.move(checkpoint, temporary.resolve("moved"));
    assertRefused("is gone, but " + table + " was written with it");
    Files.move(temporary.resolve("moved"), checkpoint);

    Files.move(table, temporary.resolve("table"));
    assertRefused("holds micro-batch 0 as done, but " + table + " was made without it");
    Files.move(temporary.resolve("table"), table);

    FileUtils.copyDirectory(checkpoint.toFile(), temporary.resolve("copy").toFile());
    bronze.ingest(SECOND, flight("b", EIGHT, 1, "SEA", "LAX"));
    run();
    FileUtils.deleteDirectory(checkpoint.toFile());
    Files.move(temporary.resolve("copy"), checkpoint);
    assertRefused("ends with micro-batch 0, but " + table + " holds micro-batch 1 already");
  }

  @Test
  void aRunThatDiedWhileItMadeTheTablesIsRunAgain() throws IOException {
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"));
    Path exceptions = Path.of(lake.silverExceptions("flights"));
    // No table can be made where a file is.
    Files.createDirectories(exceptions.getParent());
    Files.createFile(exceptions);
    assertThatThrownBy(this::run).isInstanceOf(Exception.class);
    Files.delete(exceptions);
    assertThat(run().loaded()).isEqualTo(1);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(this::run).isInstanceOf(AssayException.class).hasMessageContaining(message);
  }

  @Test
  void rowsOfAKeyFurtherApartThanCorrectionsReachBecomeOneWhenARowBetweenThemMeetsBoth() {
    bronze.ingest(FIRST, flight("a", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"));
    run();
    bronze.ingest(SECOND, flight("a", "2001-02-15T08:00:00Z", 2, "SEA", "LAX"));
    run();
    assertThat(silver()).containsExactly("a 1 @0", "a 2 @1");
    bronze.ingest("2026-01-01T00:00:20Z", flight("a", "2001-01-20T08:00:00Z", 3, "SEA", "LAX"));
    assertThat(run().replaced()).isEqualTo(2);
    assertThat(silver()).containsExactly("a 3 @2");
    assertThat(exceptions()).containsExactly("superseded a 1 @0", "superseded a 2 @1");
  }

  @Test
  void aColumnThatTheContractGainsIsEmptyInOlderRows() {
    contract = FlightsContract.without("distance_miles");
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"), flight("b", EIGHT, 1, "SEA", "LAX"));
    run();
    contract = FlightsContract.contract();
    bronze.ingest(SECOND, flight("b", EIGHT, 2, "SEA", "LAX"), flight("c", EIGHT, 2, "SEA", "LAX"));
    run();
    assertThat(
            texts(
                silver(lake)
                    .table()
                    .read()
                    .selectExpr("concat(flight_id, ' ', coalesce(distance_miles, -1))")))
        .containsExactly("a -1", "b 100", "c 100");
    assertThat(exceptions()).containsExactly("superseded b 1 @1");
  }

  private SilverResult run() {
    return new SilverStage(spark, lake, contract, Steps.SILENT).run();
  }

  private Silver silver(Lake of) {
    return new Silver(spark, of, contract);
  }

  private List<String> silver() {
    return texts(silver(lake).table().read().selectExpr(ROW));
  }

  private List<String> exceptions() {
    return texts(exceptions(lake).selectExpr(EXCEPTION));
  }

  private List<String> silverOf(String key) {
    return texts(silver(story).table().read().where(col("flight_id").equalTo(key)).selectExpr(ROW));
  }

  private List<String> exceptionsOf(String key) {
    return texts(exceptions(story).where(col("flight_id").equalTo(key)).selectExpr(EXCEPTION));
  }

  private Dataset<Row> exceptions(Lake of) {
    return silver(of).exceptions(silver(of).table().version());
  }

  private Dataset<Row> quarantine(Lake of) {
    return silver(of).quarantine(silver(of).table().version());
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(row -> row.getString(0)).sorted().toList();
  }
}
