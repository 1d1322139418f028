package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.TestSpark;
import assay.gold.GoldStage;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.reconciliation.Verdict;
import assay.silver.SilverStage;
import assay.tests.oracle.CountedEvents;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Oracle;
import assay.views.live.LiveRebuild;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows out of order, repeats, late rows and rows that fail, across midnight; cut into micro-batches
 * in one way and another.
 */
class LiveKindsAgainstOracleTest {
  private static final long SEED = Long.getLong("assay.seed", 23);

  private final SparkSession spark = TestSpark.session();
  private final Random random = new Random(SEED);
  private final LiveKinds kinds = new LiveKinds(spark, SEED);

  @TempDir Path folder;

  @Test
  void everyViewIsWhatItsRowsMakeHoweverBronzeIsCut() throws IOException {
    Contract contract = LiveKinds.CONTRACT;
    Lake lake = new Lake(folder.resolve("source").toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    LiveKinds.Feed feed = new LiveKinds.Feed(random);
    for (int batch = 0; batch < 12; batch++) {
      bronze.ingest(batch % 2, at.plusSeconds(batch * 200L).toString(), feed.next());
    }
    Oracle oracle =
        Oracle.of(new PathsAgainstOracle(spark, lake, contract).bronze(), LiveKinds.ORDER);
    assertThat(oracle.countLive())
        .as("seed %d", SEED)
        .containsOnlyKeys(
            Disposition.COUNTED, Disposition.DUPLICATE, Disposition.LATE, Disposition.QUARANTINED);
    CountedEvents expected = CountedEvents.ofLive(oracle);

    BronzeReplay once = new BronzeReplay(lake, folder.resolve("once"), contract);
    once.commitUpTo(once.commits());
    kinds.run(once.lake());
    kinds.assertViews(once.lake(), expected);

    assertProof(once.lake(), contract, CountedEvents.ofBatch(oracle));

    BronzeReplay often = new BronzeReplay(lake, folder.resolve("often"), contract);
    for (int read = 0; read < often.commits(); ) {
      read = Math.min(often.commits(), read + 1 + random.nextInt(3));
      often.commitUpTo(read);
      kinds.run(often.lake());
    }
    kinds.assertViews(often.lake(), expected);

    new LiveRebuild(spark, often.lake(), contract, Steps.SILENT).run();
    kinds.assertViews(often.lake(), expected);
  }

  /** Gold is exact, and every difference to it is made of rows. */
  private void assertProof(Lake lake, Contract contract, CountedEvents batch) {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
    kinds.assertCells("gold", new LakeTable(spark, lake.gold("route_day")).read(), batch);
    Reconciliation proof =
        new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
            .run(ReconcileRequest.ALL);
    assertThat(proof.days())
        .as("seed %d", SEED)
        .isNotEmpty()
        .allSatisfy(
            day -> {
              assertThat(day.verdict()).isEqualTo(new Verdict.Explained());
              assertThat(day.unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
            });
  }
}
