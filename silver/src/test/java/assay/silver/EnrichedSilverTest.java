package assay.silver;

import static assay.core.testing.FlightsContract.flight;
import static assay.core.testing.FlightsContract.originAirport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Enrich.Missing;
import assay.core.testing.FlightsContract;
import assay.core.testing.ReferenceTable;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrichedSilverTest {
  private static final String EIGHT = "2001-01-01T08:00:00Z";
  private static final String FIRST = "2026-01-01T00:00:00Z";
  private static final String SECOND = "2026-01-01T00:00:10Z";
  private static final String ROW =
      "concat_ws(' ', flight_id, delay_minutes, origin_city, origin_runways, '@', _offset)";

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
    ReferenceTable.airports(spark, lake, "('SEA', 'Seattle', 3)");
  }

  @Test
  void aRowThatDiffersOnlyInWhatWasLookedUpIsADuplicate() {
    Contract contract = FlightsContract.enriched(originAirport(Missing.KEEP));
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"), flight("b", EIGHT, 1, "SEA", "LAX"));
    run(contract, Steps.SILENT);
    ReferenceTable.airports(spark, lake, "('SEA', 'Tacoma', 9)");
    bronze.ingest(SECOND, flight("a", EIGHT, 1, "SEA", "LAX"), flight("b", EIGHT, 2, "SEA", "LAX"));
    run(contract, Steps.SILENT);
    assertThat(texts(silver(contract).table().read(), ROW))
        .containsExactly("a 1 Seattle 3 @ 0", "b 2 Tacoma 9 @ 3");
    assertThat(texts(silver(contract).exceptions().read(), "concat(disposition, ' ', " + ROW + ")"))
        .containsExactly("duplicate a 1 Tacoma 9 @ 2", "superseded b 1 Seattle 3 @ 1");
    long newest = silver(contract).table().version();
    assertThat(silver(contract).state(newest).references()).isEqualTo(versions(1));
    assertThat(silver(contract).state(newest - 1).references()).isEqualTo(versions(0));
  }

  @Test
  void aContractThatGainsALookUpLeavesItEmptyInOlderRows() {
    bronze.ingest(FIRST, flight("a", EIGHT, 1, "SEA", "LAX"));
    run(FlightsContract.contract(), Steps.SILENT);
    Contract contract = FlightsContract.enriched(originAirport(Missing.KEEP));
    bronze.ingest(SECOND, flight("b", EIGHT, 1, "SEA", "LAX"));
    run(contract, Steps.SILENT);
    assertThat(texts(silver(contract).table().read(), ROW))
        .containsExactly("a 1 @ 0", "b 1 Seattle 3 @ 1");
    assertThat(silver(contract).state(1).references()).isEmpty();
  }

  @Test
  void aMicroBatchThatIsBegunAgainIsReadAsOfTodayAndNothingOfItsBeginningStays() {
    Contract contract = FlightsContract.enriched(originAirport(Missing.QUARANTINE));
    bronze.ingest(
        FIRST, flight("known", EIGHT, 1, "SEA", "LAX"), flight("unknown", EIGHT, 1, "JFK", "LAX"));
    Steps crash =
        (stage, reached) -> {
          if (reached.endsWith("quarantine committed")) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> run(contract, crash)).hasMessageContaining("killed");
    ReferenceTable.airports(spark, lake, "('SEA', 'Tacoma', 9)", "('JFK', 'New York', 4)");
    run(contract, Steps.SILENT);
    assertThat(texts(silver(contract).table().read(), ROW))
        .containsExactly("known 1 Tacoma 9 @ 0", "unknown 1 New York 4 @ 1");
    assertThat(silver(contract).quarantine(silver(contract).table().version()).isEmpty()).isTrue();
  }

  @Test
  void anHourReadAnewTakesWhatTheReferenceTableSaysToday() {
    Contract contract = FlightsContract.enriched(originAirport(Missing.QUARANTINE));
    bronze.ingest(
        FIRST, flight("known", EIGHT, 1, "SEA", "LAX"), flight("unknown", EIGHT, 1, "JFK", "LAX"));
    run(contract, Steps.SILENT);
    ReferenceTable.airports(spark, lake, "('SEA', 'Tacoma', 9)", "('JFK', 'New York', 4)");
    SilverResult again =
        new SilverStage(spark, lake, contract, Steps.SILENT)
            .reprocess(IngestRange.hour(Instant.parse(FIRST)));
    assertThat(again.rows()).isEqualTo(2);
    assertThat(texts(silver(contract).table().read(), ROW))
        .containsExactly("known 1 Tacoma 9 @ 0", "unknown 1 New York 4 @ 1");
  }

  private static Map<String, Long> versions(long version) {
    return Map.of("origin_airport", version);
  }

  private void run(Contract contract, Steps steps) {
    SilverResult unused = new SilverStage(spark, lake, contract, steps).run();
  }

  private Silver silver(Contract contract) {
    return new Silver(spark, lake, contract);
  }

  private static List<String> texts(Dataset<Row> rows, String expression) {
    return rows.selectExpr(expression).collectAsList().stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }
}
