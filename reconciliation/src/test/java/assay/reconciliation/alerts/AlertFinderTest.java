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
import assay.reconciliation.DualRead;
import assay.reconciliation.KeyDifference;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
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

  @Test
  void keysThatDifferMoreThanTheyShouldOrUnexplainedAreFound() {
    KeyDifference late = difference("late", true);
    KeyDifference wrong = difference("wrong", false);
    Findings found =
        AlertFinder.ofKeys(
            List.of(
                read("borne", "0.5", late),
                read("many", "0.4", late),
                read("wrong", "0.5", wrong)));
    assertThat(found.causes())
        .containsExactlyInAnyOrder("mismatch:borne", "mismatch:many", "mismatch:wrong");
    assertThat(found.found())
        .extracting(Finding::summary)
        .containsExactly(
            "many: 1 of 2 keys stand otherwise in silver, 0 of them unexplained; the limit is 40 %",
            "wrong: 1 of 2 keys stand otherwise in silver, 1 of them unexplained; the limit is 50 %");
  }

  private static KeyDifference difference(String key, boolean explained) {
    return new KeyDifference("newest", key, "{}", "", List.of(), List.of(), explained);
  }

  private static DualRead read(String view, String limit, KeyDifference difference) {
    return new DualRead(view, 2, List.of(difference), "", "", new BigDecimal(limit));
  }

  private void batch(Lake lake) {
    new BothPaths(spark, lake, contract).batch();
  }

  private AlertFinder finder(Lake lake, String now) {
    return new AlertFinder(
        spark, lake, contract, AlertSettings.NONE, Clock.fixed(Instant.parse(now), ZoneOffset.UTC));
  }
}
