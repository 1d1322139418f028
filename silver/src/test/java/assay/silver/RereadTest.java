package assay.silver;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Rule;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that silver has read are read anew: an hour, quarantine, everything. */
class RereadTest {
  private static final String ONE = "2026-01-01T01:30:00Z";
  private static final String TWO = "2026-01-01T02:00:00Z";
  private static final String EIGHT = "2001-01-01T08:00:00Z";
  private static final IngestRange HOUR_ONE =
      IngestRange.hour(Instant.parse("2026-01-01T01:00:00Z"));

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private Lake lake;
  private BronzeFixture bronze;
  private Contract contract = FlightsContract.contract();

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  @Test
  void anHourReadAnewUnderTheSameContractWritesNothing() {
    bronze.ingest(ONE, flight("a", EIGHT, 1, "SEA", "LAX"), flight("b", EIGHT, 1, "sea", "LAX"));
    long version = stage().run().version();
    SilverResult again = stage().reprocess(HOUR_ONE);
    assertThat(again.rows()).isZero();
    assertThat(again.version()).isEqualTo(version);
    assertThat(silver().table().version()).isEqualTo(version);
  }

  @Test
  void aRowThatPassesNowComesOutOfQuarantineIntoItsPlaceInTheOrder() {
    bronze.ingest(
        ONE,
        flight("a", EIGHT, 1, "SEA", "LAX"),
        flight("a", EIGHT, 2, "sea", "LAX"),
        flight("a", EIGHT, 2, "sea", "LAX"),
        flight("b", EIGHT, 1, "sea", "LAX"));
    bronze.ingest(TWO, flight("a", EIGHT, 3, "SEA", "LAX"), flight("c", EIGHT, 1, "sea", "LAX"));
    stage().run();
    contract = withoutRules();
    SilverResult result = stage().reprocess(HOUR_ONE);
    assertThat(result.rows()).isEqualTo(3);
    assertThat(rows()).containsExactly("a 3 @4", "b 1 @3");
    assertThat(exceptions())
        .containsExactly("duplicate a 2 @2", "superseded a 1 @0", "superseded a 2 @1");
    // Came in another hour.
    assertThat(quarantined()).containsExactly(5L);
  }

  @Test
  void aRowThatFailsNowLeavesSilverAndTheOneBeforeItStandsAgain() {
    contract = withoutRules();
    bronze.ingest(ONE, flight("a", EIGHT, 1, "SEA", "LAX"), flight("a", EIGHT, 2, "sea", "LAX"));
    stage().run();
    assertThat(rows()).containsExactly("a 2 @1");
    contract = FlightsContract.contract();
    stage().reprocess(HOUR_ONE);
    assertThat(rows()).containsExactly("a 1 @0");
    assertThat(exceptions()).isEmpty();
    assertThat(quarantined()).containsExactly(1L);
  }

  @Test
  void aRetryReadsQuarantineAnewAndEachRowLeavesItOnce() {
    bronze.ingest(
        ONE, flight("a", EIGHT, 1, "sea", "LAX"), "no json", flight("b", EIGHT, 1, "sea", "x"));
    stage().run();
    contract = withoutRules();
    assertThat(stage().retry(Optional.of("no such rule")).rows()).isZero();
    assertThat(stage().retry(Optional.of("airport_codes")).loaded()).isEqualTo(2);
    assertThat(rows()).containsExactly("a 1 @0", "b 1 @2");
    assertThat(quarantined()).containsExactly(1L);
    long version = silver().table().version();
    assertThat(stage().retry(Optional.empty()).rows()).isZero();
    assertThat(silver().table().version()).isEqualTo(version);
  }

  @Test
  void aColumnThatCameLaterIsFilledWhereAnHourIsReadAnew() {
    contract = FlightsContract.without("distance_miles");
    bronze.ingest(ONE, flight("a", EIGHT, 1, "SEA", "LAX"));
    bronze.ingest(TWO, flight("b", EIGHT, 1, "SEA", "LAX"));
    stage().run();
    contract = FlightsContract.contract();
    stage().reprocess(HOUR_ONE);
    assertThat(
            texts(
                silver()
                    .table()
                    .read()
                    .selectExpr("concat(flight_id, ' ', coalesce(distance_miles, -1))")))
        .containsExactly("a 100", "b -1");
  }

  @Test
  void aRowOfAKeyThatMovedAcrossDaysIsFoundWhereItStands() {
    bronze.ingest(ONE, flight("a", EIGHT, 1, "SEA", "LAX"));
    bronze.ingest(TWO, flight("a", "2001-01-20T08:00:00Z", 2, "sea", "LAX"));
    stage().run();
    contract = withoutRules();
    stage().reprocess(IngestRange.since(Instant.parse(TWO)));
    assertThat(rows()).containsExactly("a 2 @1");
    assertThat(exceptions()).containsExactly("superseded a 1 @0");
  }

  @Test
  void everythingReadAnewTakesATypeThatCouldNotBeWidenedTo() {
    contract = FlightsContract.withText("delay_minutes");
    bronze.ingest(ONE, flight("a", EIGHT, 1, "SEA", "LAX"), flight("b", EIGHT, 1, "sea", "LAX"));
    stage().run();
    contract = FlightsContract.contract();
    assertThatThrownBy(() -> stage().run())
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("holds delay_minutes as string, the contract now makes it int")
        .extracting(e -> ((AssayException) e).mend())
        .asString()
        .contains("run 'assay replay'");
    SilverResult result = stage().rebuild();
    assertThat(result.rows()).isEqualTo(2);
    assertThat(silver().table().schemaAt(result.version()).apply("delay_minutes").dataType())
        .hasToString("IntegerType");
    assertThat(rows()).containsExactly("a 1 @0");
    assertThat(quarantined()).containsExactly(1L);
    bronze.ingest(TWO, flight("a", EIGHT, 2, "SEA", "LAX"));
    stage().run();
    assertThat(rows()).containsExactly("a 2 @2");
    assertThat(exceptions()).containsExactly("superseded a 1 @0");
  }

  @Test
  void whatAnUnfinishedRunLeftBesideSilverIsNobodysAndIsWrittenOver() {
    bronze.ingest(
        ONE, flight("a", EIGHT, 1, "SEA", "LAX"), flight("a", EIGHT, 1, "SEA", "LAX"), "no json");
    stage().run();
    contract = withoutRules();
    bronze.ingest(TWO, flight("a", EIGHT, 2, "sea", "LAX"), "no json either");
    assertThatThrownBy(() -> stageThatEndsAfter("exceptions committed").run())
        .hasMessageContaining("ended by the test");
    assertThat(quarantined()).containsExactly(2L);
    assertThat(exceptions()).containsExactly("duplicate a 1 @1");
    assertThat(silver().quarantine().read().count()).isEqualTo(2);
    stage().reprocess(HOUR_ONE);
    stage().run();
    assertThat(quarantined()).containsExactly(2L, 4L);
    assertThat(exceptions()).containsExactly("duplicate a 1 @1", "superseded a 1 @0");
    assertThat(rows()).containsExactly("a 2 @3");
    assertThat(silver().quarantine().read().count()).isEqualTo(2);
  }

  @Test
  void ofTwoRunsAtOnceTheOneThatComesSecondJudgesAnew() {
    bronze.ingest(ONE, flight("a", EIGHT, 1, "sea", "LAX"));
    stage().run();
    bronze.ingest(TWO, flight("a", EIGHT, 2, "SEA", "LAX"));
    contract = withoutRules();
    boolean[] met = {false};
    Steps meeting =
        (stage, step) -> {
          if (!met[0]) {
            met[0] = true;
            // The other one ends while this one is between two commits.
            new SilverStage(spark, lake, contract, Steps.SILENT).retry(Optional.empty());
          }
        };
    bronze.ingest(TWO, "no json");
    new SilverStage(spark, lake, contract, meeting).run();
    assertThat(met[0]).isTrue();
    assertThat(rows()).containsExactly("a 2 @1");
    assertThat(exceptions()).containsExactly("superseded a 1 @0");
    assertThat(quarantined()).containsExactly(2L);
  }

  @Test
  void aTableBesideSilverThatWasMovedAwayIsToldAndMadeAnewByAReplay() throws IOException {
    bronze.ingest(
        ONE, flight("a", EIGHT, 1, "SEA", "LAX"), flight("a", EIGHT, 1, "SEA", "LAX"), "no json");
    stage().run();
    Files.move(Path.of(lake.silverExceptions("flights")), folder.resolve("moved"));
    bronze.ingest(TWO, flight("a", EIGHT, 1, "SEA", "LAX"));
    assertThatThrownBy(() -> stage().run())
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("is gone, but")
        .extracting(e -> ((AssayException) e).mend())
        .asString()
        .contains("run 'assay replay flights'");
    stage().rebuild();
    assertThat(exceptions()).containsExactly("duplicate a 1 @1");
    stage().run();
    assertThat(exceptions()).containsExactly("duplicate a 1 @1", "duplicate a 1 @3");
  }

  @Test
  void rowsLeaveTablesWhoseFilesWerePutTogetherSince() {
    bronze.ingest(ONE, flight("a", EIGHT, 1, "sea", "LAX"));
    stage().run();
    bronze.ingest(TWO, flight("b", EIGHT, 1, "sea", "LAX"), flight("c", EIGHT, 1, "sea", "x"));
    stage().run();
    spark.sql("OPTIMIZE delta.`" + lake.quarantine("flights") + "`");
    contract = withoutRules();
    assertThat(stage().retry(Optional.empty()).loaded()).isEqualTo(3);
    assertThat(quarantined()).isEmpty();
  }

  @Test
  void oneRowOfAnotherCenturyDoesNotHideTheRowsThatStand() {
    bronze.ingest(ONE, flight("a", EIGHT, 1, "SEA", "LAX"));
    stage().run();
    bronze.ingest(
        TWO,
        flight("old", "1970-01-01T00:00:00Z", 1, "SEA", "LAX"),
        flight("a", "2001-01-20T08:00:00Z", 2, "SEA", "LAX"));
    stage().run();
    assertThat(rows()).containsExactly("a 2 @2", "old 1 @1");
    assertThat(exceptions()).containsExactly("superseded a 1 @0");
  }

  private SilverStage stageThatEndsAfter(String step) {
    return new SilverStage(
        spark,
        lake,
        contract,
        (stage, reached) -> {
          if (reached.contains(step)) {
            throw new IllegalStateException("ended by the test");
          }
        });
  }

  private Contract withoutRules() {
    return FlightsContract.withRules(
        List.of(new Rule("sane_delay", "delay_minutes < 2880", Rule.Otherwise.WARN)));
  }

  private SilverStage stage() {
    return new SilverStage(spark, lake, contract, Steps.SILENT);
  }

  private Silver silver() {
    return new Silver(spark, lake, contract);
  }

  private List<String> rows() {
    return texts(
        silver().table().read().selectExpr("concat(flight_id, ' ', delay_minutes, ' @', _offset)"));
  }

  private List<String> exceptions() {
    return texts(
        silver()
            .exceptions(silver().table().version())
            .selectExpr("concat(disposition, ' ', flight_id, ' ', delay_minutes, ' @', _offset)"));
  }

  private List<Long> quarantined() {
    return silver()
        .quarantine(silver().table().version())
        .select("_offset")
        .orderBy("_offset")
        .collectAsList()
        .stream()
        .map(row -> row.getLong(0))
        .toList();
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(row -> row.getString(0)).sorted().toList();
  }
}
