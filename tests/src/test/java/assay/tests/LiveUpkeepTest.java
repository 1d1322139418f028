package assay.tests;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableFiles;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.upkeep.MaintainRequest;
import assay.gold.upkeep.MaintainStage;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import assay.views.live.LiveStage;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upkeep of a live view between its query's micro-batches. */
class LiveUpkeepTest {
  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();

  @Test
  void partialsOfAClosedDayArePutTogetherAndTheQueryGoesOn(@TempDir Path folder) {
    Lake lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    live(lake);
    bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    live(lake);
    bronze.ingest("2026-01-03T00:00:20Z", flight("c", "2001-01-03T12:00:00Z", 4, "SEA", "LAX"));
    live(lake);
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    LiveView view = new LiveTables(spark, lake, contract).views().get(0);
    assertThat(files(view)).isEqualTo(3);
    List<String> cells = cells(view);

    new MaintainStage(
            spark,
            lake,
            contract,
            Clock.fixed(Instant.parse("2026-01-04T00:00:00Z"), ZoneOffset.UTC),
            Steps.SILENT)
        .run(new MaintainRequest(false, Optional.empty()));

    assertThat(files(view)).isEqualTo(2);
    assertThat(cells(view)).isEqualTo(cells);
    assertThat(new LakeTable(spark, lake.liveSeen("flights")).read().count()).isEqualTo(1);
    bronze.ingest(
        "2026-01-03T00:00:30Z",
        flight("c", "2001-01-03T12:00:00Z", 4, "SEA", "LAX"),
        flight("d", "2001-01-03T13:00:00Z", 8, "SEA", "LAX"));
    live(lake);
    assertThat(cells(view))
        .containsExactly("2001-01-01 SEA LAX 2 3 2 1.5", "2001-01-03 SEA LAX 2 12 8 6.0");
  }

  private void live(Lake lake) {
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private long files(LiveView view) {
    LakeTable table = view.table();
    return new TableFiles(spark, table.path()).size(table.version()).files();
  }

  private static List<String> cells(LiveView view) {
    return view.fold(view.table().read()).selectExpr("concat_ws(' ', *)").collectAsList().stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }
}
