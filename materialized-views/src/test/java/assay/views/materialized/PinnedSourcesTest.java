package assay.views.materialized;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Steps;
import assay.core.contract.Contract;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.Silver;
import assay.silver.SilverStage;
import assay.views.live.LiveStage;
import java.nio.file.Path;
import java.time.Instant;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Views over what the stages really leave: silver, what stands beside it, and live views. */
class PinnedSourcesTest {
  private static final Instant NOON = Instant.parse("2001-01-03T12:00:00Z");

  @TempDir Path folder;

  private ViewFixture lake;
  private BronzeFixture bronze;
  private Contract contract;

  @BeforeEach
  void makeLake() {
    lake = new ViewFixture(folder);
    contract = lake.definitions().contracts().get(0);
    bronze = new BronzeFixture(lake.spark, lake.lake, "flights");
    bronze.ingest(
        "2001-01-03T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-02T09:00:00Z", 8, "SEA", "LAX"),
        flight("c", "2001-01-02T09:00:00Z", 8, "nowhere", "LAX"));
    stages();
  }

  @Test
  void silverAndWhatStandsBesideItAndLiveViewsAreReadAtOneMoment() {
    lake.view(
        "ledger",
        """
        SELECT (SELECT count(*) FROM silver.flights) AS loaded,
          (SELECT count(*) FROM quarantine.flights) AS quarantined,
          (SELECT sum(flights) FROM live.route_day) AS counted
        """);
    assertThat(refresh("ledger")).startsWith("FULL: ");
    assertThat(lake.rows("ledger")).containsExactly("2 1 2");
    // As a run of silver leaves it that was killed before its last commit.
    Silver silver = new Silver(lake.spark, lake.lake, contract);
    silver
        .quarantine()
        .rewriteWhere(
            silver.quarantine().read().withColumn("_offset", functions.lit(99L)), "_offset = 99");
    assertThat(refresh("ledger")).isEqualTo("NONE: nothing that it reads changed");
    bronze.ingest("2001-01-03T00:00:10Z", flight("d", "2001-01-02T10:00:00Z", 1, "SEA", "LAX"));
    stages();
    assertThat(refresh("ledger")).startsWith("FULL: ").endsWith("reads more than one table");
    assertThat(lake.rows("ledger")).containsExactly("3 1 3");
  }

  @Test
  void correctionsInSilverRestateTheirDayAlone() {
    lake.view(
        "origins",
        "SELECT origin, count(*) AS n, sum(delay_minutes) AS d FROM silver.flights GROUP BY origin");
    refresh("origins");
    bronze.ingest("2001-01-03T00:00:10Z", flight("d", "2001-01-02T10:00:00Z", 1, "SFO", "LAX"));
    stages();
    assertThat(refresh("origins")).startsWith("ADDITIVE: ");
    bronze.ingest("2001-01-03T00:00:20Z", flight("a", "2001-01-01T08:00:00Z", 7, "SEA", "LAX"));
    stages();
    assertThat(refresh("origins"))
        .isEqualTo("PARTITION: rows of silver.flights changed, in 1 partition");
    assertThat(lake.rows("origins")).containsExactly("SEA 2 15", "SFO 1 1");
  }

  @Test
  void aViewOverALiveViewIsComputedByDay() {
    lake.view(
        "days",
        "SELECT event_date, sum(flights) AS n, max(worst_delay) AS worst FROM live.route_day"
            + " GROUP BY event_date");
    refresh("days");
    bronze.ingest("2001-01-03T00:00:10Z", flight("d", "2001-01-02T10:00:00Z", 30, "SFO", "LAX"));
    stages();
    assertThat(refresh("days"))
        .isEqualTo("PARTITION: rows of live.route_day only came, in 1 partition");
    assertThat(lake.rows("days")).containsExactly("2001-01-01 1 5", "2001-01-02 2 30");
  }

  private void stages() {
    new SilverStage(lake.spark, lake.lake, contract, Steps.SILENT).run();
    new LiveStage(lake.spark, lake.lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private String refresh(String name) {
    RefreshPlan plan = lake.views(Steps.SILENT).refresh(lake.query(name), NOON, false).plan();
    return plan.strategy() + ": " + plan.reason();
  }
}
