package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeletedRowsTest {
  private final SparkSession spark = TestSpark.session();

  @Test
  void aRowThatDeletesIsInTheStreamsLedgerAndInNobodysNumber(@TempDir Path folder) {
    Contract contract = FlightsContract.debezium();
    Lake lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    String row = flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX");
    bronze.ingestKeyed("2026-01-01T00:00:00Z", null, "{\"op\":\"c\",\"after\":" + row + "}");
    new BothPaths(spark, lake, contract).batch();
    // Only the stream has read it, so that batch still counts the row that it deletes.
    bronze.ingestKeyed("2026-01-01T00:00:10Z", null, "{\"op\":\"d\",\"before\":" + row + "}");
    new BothPaths(spark, lake, contract).live();
    Reconciliation result = new BothPaths(spark, lake, contract).reconcile();
    assertThat(result.days())
        .extracting(DayVerdict::verdict)
        .isEqualTo(List.of(new Verdict.Match()));
    assertThat(result.ledgers())
        .filteredOn(ledger -> ledger.path().equals("live.route_day"))
        .singleElement()
        .satisfies(
            ledger -> {
              assertThat(ledger.dispositions()).containsEntry("counted", 1L);
              assertThat(ledger.dispositions()).containsEntry("deleted", 1L);
              assertThat(ledger.addsUp()).isTrue();
            });
  }
}
