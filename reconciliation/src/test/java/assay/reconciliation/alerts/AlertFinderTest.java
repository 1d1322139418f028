package assay.reconciliation.alerts;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.AlertSettings;
import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.BothPaths;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertFinderTest {
  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();

  @Test
  void redAndMissingEvidenceAndSharesAboveTheirLimitsAreFound(@TempDir Path folder) {
    Lake lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 1, "LAX", "SEA"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("c", "2001-01-01T09:00:00Z", 1, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).live();
    batch(lake);
    spark.sql("DELETE FROM delta.`%s` WHERE origin = 'LAX'".formatted(lake.live("route_day")));
    new BothPaths(spark, lake, contract).reconcile();
    Findings red = finder(lake, "2026-01-01T01:00:00Z").ofEvidence();
    assertThat(red.causes()).containsExactlyInAnyOrder("diverged:route_day", "stalled:route_day");
    assertThat(red.found())
        .extracting(Finding::summary)
        .containsExactly("route_day is not fit to be read from the stream: 2001-01-01 is DIVERGED");

    bronze.ingest("2026-01-01T00:00:20Z", flight("d", "2001-01-02T09:00:00Z", 1, "SEA", "LAX"));
    batch(lake);
    assertThat(finder(lake, "2026-01-01T01:00:00Z").ofEvidence().found())
        .extracting(Finding::summary)
        .contains("route_day has no evidence since 2001-01-01, and 2001-01-02 is closed");

    Findings rows = finder(lake, "2026-01-01T01:00:00Z").ofRows();
    assertThat(rows.causes())
        .containsExactlyInAnyOrder("late_share:flights", "quarantine_share:flights");
    assertThat(rows.found())
        .extracting(Finding::summary)
        .containsExactly(
            "flights: 1 of the 3 rows of the last day are late, 33.33 %, the limit is 5 %");
    assertThat(finder(lake, "2026-01-02T01:00:00Z").ofRows().found()).isEmpty();
  }

  private void batch(Lake lake) {
    new BothPaths(spark, lake, contract).batch();
  }

  private AlertFinder finder(Lake lake, String now) {
    return new AlertFinder(
        spark, lake, contract, AlertSettings.NONE, Clock.fixed(Instant.parse(now), ZoneOffset.UTC));
  }
}
