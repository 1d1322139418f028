package assay.silver;

import static assay.core.testing.FlightsContract.flight;
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
import java.util.Optional;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SilverStageTest {
  private static final String FIRST = "2026-01-01T00:00:00Z";
  private static final String SECOND = "2026-01-01T00:00:10Z";
  private static final String EIGHT = "2001-01-01T08:00:00Z";

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
  void theLatestRowOfAKeyStandsWhetherItsRowsComeInOneRunOrInTwo() {
    bronze.ingest(
        FIRST,
        flight("a", EIGHT, 1, "SEA", "LAX"),
        flight("a", EIGHT, 2, "SEA", "LAX"),
        flight("b", EIGHT, 3, "SEA", "LAX"));
    assertThat(run())
        .extracting(SilverResult::loaded, SilverResult::superseded)
        .containsExactly(2L, 1L);
    bronze.ingest(SECOND, flight("a", EIGHT, 9, "SEA", "LAX"));
    assertThat(new SilverStage(spark, lake, contract, Steps.SILENT).plan().rows()).isEqualTo(1);
    SilverResult second = run();
    assertThat(second.loaded()).isEqualTo(1);
    assertThat(second.replaced()).isEqualTo(1);
    assertThat(silver()).containsExactly("a 9 @3", "b 3 @2");
    assertThat(exceptions()).containsExactly("superseded a 1 @0", "superseded a 2 @1");
  }

  @Test
  void anEqualRowIsADuplicateAndReplacesNothing() {
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"), flight("a", EIGHT, 1, "SEA", "LAX"));
    run();
    bronze.ingest(SECOND, flight("a", EIGHT, 1, "SEA", "LAX"));
    assertThat(run().duplicate()).isEqualTo(1);
    assertThat(silver()).containsExactly("a 1 @0");
    assertThat(exceptions()).containsExactly("duplicate a 1 @1", "duplicate a 1 @2");
  }

  @Test
  void aValueThatComesBackIsNoDuplicate() {
    bronze.ingest(
        FIRST,
        flight("a", EIGHT, 1, "SEA", "LAX"),
        flight("a", EIGHT, 2, "SEA", "LAX"),
        flight("a", EIGHT, 1, "SEA", "LAX"));
    run();
    assertThat(silver()).containsExactly("a 1 @2");
    assertThat(exceptions()).containsExactly("superseded a 1 @0", "superseded a 2 @1");
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
    SilverResult result = run();
    assertThat(result.loaded()).isEqualTo(1);
    assertThat(silver()).containsExactly("a 6 @1");
    assertThat(exceptions()).containsExactly("duplicate a 5 @0", "superseded a 5 @0");
  }

  @Test
  void aCorrectionThatMovesARowToAnotherDayLeavesNoCopyBehind() {
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"));
    run();
    bronze.ingest(SECOND, flight("a", "2001-01-03T08:00:00Z", 1, "SEA", "LAX"));
    run();
    assertThat(silver()).containsExactly("a 1 @1");
    assertThat(
            new Silver(spark, lake, contract).table().read().select("event_date").collectAsList())
        .extracting(row -> row.getLocalDate(0).toString())
        .containsExactly("2001-01-03");
  }

  @Test
  void aQuarantinedRowKeepsItsBytesAndTheNamesOfAllRulesThatItFailed() {
    String bad = flight("a", EIGHT, 9999, "sea", "LAX");
    bronze.ingest(FIRST, bad, null, flight("b", EIGHT, 9999, "SEA", "LAX"));
    SilverResult result = run();
    assertThat(result.quarantined()).isEqualTo(2);
    assertThat(silver()).containsExactly("b 9999 @2");
    List<Row> rows =
        new Silver(spark, lake, contract)
            .quarantine()
            .read()
            .selectExpr("_offset", "CAST(_value AS STRING)", "failed_rules")
            .orderBy("_offset")
            .collectAsList();
    assertThat(rows.get(0).getString(1)).isEqualTo(bad);
    assertThat(rows.get(0).<String>getList(2)).containsExactly("airport_codes", "sane_delay");
    assertThat(rows.get(1).isNullAt(1)).isTrue();
    assertThat(rows.get(1).<String>getList(2)).containsExactly("value(null)");

    Quarantine quarantine = new Quarantine(spark, lake, contract);
    assertThat(quarantine.groups())
        .extracting(QuarantineGroup::failedRules, QuarantineGroup::rows)
        .containsExactly(
            tuple(List.of("airport_codes", "sane_delay"), 1L), tuple(List.of("value(null)"), 1L));
    assertThat(quarantine.newest(Optional.of("sane_delay"), 9))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.offset()).isZero();
              assertThat(row.value()).contains(bad);
              assertThat(row.values()).containsEntry("origin", "sea").hasSize(6);
            });
    assertThat(quarantine.newest(Optional.empty(), 1))
        .extracting(QuarantinedRow::offset)
        .containsExactly(1L);
  }

  @Test
  void aRunThatLoadsNothingIsKnownToHaveRead() {
    bronze.ingest(FIRST, "no json", flight("a", EIGHT, 1, "sea", "LAX"));
    SilverResult result = run();
    Silver silver = new Silver(spark, lake, contract);
    assertThat(silver.lastBatch(result.version())).hasValue(0);
    assertThat(silver.reads().cut(silver.lastBatch(result.version())).lastOffsets())
        .containsExactly(java.util.Map.entry(0, 1L));
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
    Lake empty = new Lake(folder.resolve("empty").toString());
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

    Files.move(checkpoint, folder.resolve("moved"));
    assertRefused("is gone, but " + table + " was written with it");
    Files.move(folder.resolve("moved"), checkpoint);

    Files.move(table, folder.resolve("table"));
    assertRefused("holds micro-batch 0 as done, but " + table + " was made without it");
    Files.move(folder.resolve("table"), table);

    FileUtils.copyDirectory(checkpoint.toFile(), folder.resolve("copy").toFile());
    bronze.ingest(SECOND, flight("b", EIGHT, 1, "SEA", "LAX"));
    run();
    FileUtils.deleteDirectory(checkpoint.toFile());
    Files.move(folder.resolve("copy"), checkpoint);
    assertRefused("ends with micro-batch 0, but " + table + " holds micro-batch 1 already");
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
                new Silver(spark, lake, contract)
                    .table()
                    .read()
                    .selectExpr("concat(flight_id, ' ', coalesce(distance_miles, -1))")
                    .collectAsList()))
        .containsExactly("a -1", "b 100", "c 100");
    assertThat(exceptions()).containsExactly("superseded b 1 @1");
  }

  private SilverResult run() {
    return new SilverStage(spark, lake, contract, Steps.SILENT).run();
  }

  private List<String> silver() {
    return texts(
        new Silver(spark, lake, contract)
            .table()
            .read()
            .selectExpr("concat(flight_id, ' ', delay_minutes, ' @', _offset)")
            .collectAsList());
  }

  private List<String> exceptions() {
    return texts(
        new Silver(spark, lake, contract)
            .exceptions()
            .read()
            .selectExpr("concat(disposition, ' ', flight_id, ' ', delay_minutes, ' @', _offset)")
            .collectAsList());
  }

  private static List<String> texts(List<Row> rows) {
    return rows.stream().map(row -> row.getString(0)).sorted().toList();
  }
}
