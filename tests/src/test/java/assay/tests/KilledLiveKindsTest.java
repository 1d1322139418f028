package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.Disposition;
import assay.tests.oracle.CountedEvents;
import assay.tests.oracle.Oracle;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The live query over views of each kind is killed at its steps, with rows that came since, and
 * started again: every view is what the rows that count make of it, and every row has one
 * disposition.
 */
class KilledLiveKindsTest {
  /**
   * With {@code mvn verify -Pfaults} at every step, each in a process, and so is a replay.
   * Otherwise at three: one process is killed, the others are ended by an exception.
   */
  private static final boolean EVERY_STEP = Boolean.getBoolean("assay.everyStep");

  private static final long SEED = Long.getLong("assay.seed", 29);

  private final SparkSession spark = TestSpark.session();
  private final LiveKinds kinds = new LiveKinds(spark, SEED);
  private final Random random = new Random(SEED);
  private final LiveKinds.Feed feed = new LiveKinds.Feed(random);

  @TempDir Path folder;

  private Path path;
  private Lake lake;
  private BronzeFixture bronze;
  private int batches;

  @Tag("long")
  @Test
  void viewsOfEveryKindAreWhatTheirRowsMakeWhereverTheQueryIsKilled() throws Exception {
    path = folder.resolve("lake");
    lake = new Lake(path.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
    int steps = stepsInPeace("live");
    // Reads, exceptions, three views and fingerprints.
    assertThat(steps).isEqualTo(6);
    if (EVERY_STEP) {
      for (int step = 1; step <= steps; step++) {
        dieAt(step, "live", true);
        kinds.run(lake);
        assertAll();
      }
    }
    // Killed while it makes up for what a killed one left, and no recovery in between.
    int first = random.nextInt(steps);
    for (int next = 0; next < 3; next++) {
      dieAt(1 + (first + next) % steps, "live", EVERY_STEP || next == 0);
    }
    kinds.run(lake);
    assertThat(assertAll())
        .as("seed %d", SEED)
        .containsOnlyKeys(Disposition.DUPLICATE, Disposition.LATE, Disposition.QUARANTINED);
    if (EVERY_STEP) {
      int replay = stepsInPeace("replay");
      for (int step = 1; step <= replay; step++) {
        dieAt(step, "replay", true);
        PipelineStages.run("replay", spark, lake, LiveKinds.CONTRACT, Steps.SILENT);
        assertAll();
      }
    }
  }

  private int stepsInPeace(String stage) {
    AtomicInteger steps = new AtomicInteger();
    ingest();
    PipelineStages.run(
        stage, spark, lake, LiveKinds.CONTRACT, (of, words) -> steps.incrementAndGet());
    return steps.get();
  }

  private void dieAt(int step, String stage, boolean process) throws Exception {
    ingest();
    int exit =
        process
            ? StageProcess.run(path, LiveKinds.CONTRACT, step, stage)
            : KilledStage.fail(spark, lake, LiveKinds.CONTRACT, step, stage);
    assertThat(exit)
        .as("%s dies at step %d, seed %d", stage, step, SEED)
        .isEqualTo(KilledStage.KILLED);
  }

  private void ingest() {
    Instant at = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(batches * 200L);
    bronze.ingest(batches % 2, at.toString(), feed.next());
    batches++;
  }

  /** Rows set aside by disposition. */
  private Map<String, Long> assertAll() {
    Oracle oracle =
        Oracle.of(
            new PathsAgainstOracle(spark, lake, LiveKinds.CONTRACT).bronze(), LiveKinds.ORDER);
    CountedEvents counted = CountedEvents.ofLive(oracle);
    kinds.assertViews(lake, counted);
    kinds.assertTop(lake, counted);
    Map<String, Long> aside =
        new LakeTable(spark, lake.liveExceptions("flights"))
            .read().groupBy(Disposition.COLUMN).count().collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
    assertThat(aside)
        .as("seed %d", SEED)
        .isEqualTo(
            oracle.countLive().entrySet().stream()
                .filter(e -> e.getKey() != assay.tests.oracle.Disposition.COUNTED)
                .collect(Collectors.toMap(e -> e.getKey().label(), Map.Entry::getValue)));
    return aside;
  }
}
