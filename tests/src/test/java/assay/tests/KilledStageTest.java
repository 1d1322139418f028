package assay.tests;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each stage is killed at its steps and run again, and run twice at the same time. All lakes begin
 * as copies of one that has gone through a first round, so that there is something to merge with;
 * one of them is left in peace.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledStageTest {
  /** What tells when a run was, and what files are called, differs from run to run. */
  private static final List<String> OF_THE_RUN =
      List.of("reconciled_at", "gold_files", "silver_files", "live_files", "at", "_as_of");

  private static final List<String> KILLED_STAGES =
      List.of("silver", "live", "reconcile", "serving");

  /**
   * All steps with {@code mvn verify -Pfaults}, each in a process that is killed. A seeded choice
   * of one for each of four stages otherwise: one of them killed, the others ended by an exception.
   */
  private static final boolean EVERY_STEP = Boolean.getBoolean("assay.everyStep");

  private static final long SEED = Long.getLong("assay.seed", 137);

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();

  /** How many steps each stage has. */
  private final Map<String, Integer> steps = new TreeMap<>();

  private Path folder;
  private Path begun;
  private Path peaceful;

  @BeforeAll
  void leaveOneLakeInPeace(@TempDir Path temporary) throws IOException {
    folder = temporary;
    begun = folder.resolve("begun");
    Lake lake = new Lake(begun.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    firstRound(bronze);
    run(begun, PipelineStages.ALL);
    secondRound(bronze);
    peaceful = copyOfTheBegun("peaceful");
    steps.clear();
    run(peaceful, PipelineStages.ALL);
  }

  @Test
  void aStageKilledAtAnyStepAndRunAgainLeavesTheSameTables() throws Exception {
    Path killed = copyOfTheBegun("killed");
    Random random = new Random(SEED);
    String inAProcess = KILLED_STAGES.get(random.nextInt(KILLED_STAGES.size()));
    for (String stage : PipelineStages.ALL) {
      int last = steps.get(stage);
      int chosen = 1 + random.nextInt(last);
      if (EVERY_STEP && stage.equals("serving")) {
        // It does nothing twice: each run dies at the first step that the one before left.
        for (int step = 1; step <= last; step++) {
          assertThat(StageProcess.run(killed, contract, 1, stage))
              .as("%s dies at step %d of %d", stage, step, last)
              .isEqualTo(KilledStage.KILLED);
        }
        run(killed, List.of(stage));
        continue;
      }
      for (int step = 1; step <= last; step++) {
        if (EVERY_STEP || (step == chosen && KILLED_STAGES.contains(stage))) {
          boolean process = EVERY_STEP || stage.equals(inAProcess);
          assertThat(
                  process
                      ? StageProcess.run(killed, contract, step, stage)
                      : KilledStage.fail(spark, new Lake(killed.toString()), contract, step, stage))
              .as("%s dies at step %d of %d, seed %d", stage, step, last, SEED)
              .isEqualTo(KilledStage.KILLED);
        }
      }
      run(killed, List.of(stage));
    }
    assertSameTables(killed);
    assertThat(rows(killed.resolve("reconciliation/evidence"))).isNotEmpty();
    assertThat(
            new LakeTable(spark, new Lake(killed.toString()).stages())
                .read()
                .orderBy("number")
                .select("stage")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly("canary", "primary");
  }

  /**
   * As when a scheduler starts an hour before the last one has ended. Whoever comes second may have
   * to come again; nobody may do harm.
   */
  @Test
  @Tag("long")
  void runsAtTheSameTimeLeaveTheSameTables() throws Exception {
    Path shared = copyOfTheBegun("shared");
    String[] stages = {"silver", "gold", "live"};
    ExecutorService both = Executors.newFixedThreadPool(2);
    try {
      Callable<Integer> one = () -> StageProcess.run(shared, contract, 0, stages);
      for (Future<Integer> exit : both.invokeAll(List.of(one, one))) {
        assertThat(exit.get()).isIn(0, ErrorCode.TRY_AGAIN.exitCode());
      }
    } finally {
      both.shutdownNow();
    }
    run(shared, PipelineStages.ALL);
    assertSameTables(shared);
  }

  private void run(Path lake, List<String> stages) {
    for (String stage : stages) {
      PipelineStages.run(
          stage,
          spark,
          new Lake(lake.toString()),
          contract,
          (of, words) -> steps.merge(of, 1, Integer::sum));
    }
  }

  private static void firstRound(BronzeFixture bronze) {
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 7, "SEA", "LAX"),
        flight("c", "2001-01-02T12:00:00Z", 9, "SEA", "JFK"),
        "no json");
    bronze.ingest(
        1,
        "2026-01-01T00:00:10Z",
        flight("d", "2001-01-02T11:00:00Z", 0, "LAX", "JFK"),
        flight("d", "2001-01-02T11:00:00Z", 0, "LAX", "JFK"),
        flight("e", "2001-01-01T11:00:00Z", 1, "LAX", "JFK"));
  }

  private static void secondRound(BronzeFixture bronze) {
    bronze.ingest(
        "2026-01-01T00:00:20Z",
        // New, late, a correction, a repeat of what stands, a repeat of what does not.
        flight("f", "2001-01-02T13:00:00Z", 5, "SEA", "LAX"),
        flight("g", "2001-01-01T13:00:00Z", 300, "SEA", "LAX"),
        flight("c", "2001-01-02T12:00:00Z", 90, "SEA", "JFK"),
        flight("b", "2001-01-01T12:00:00Z", 7, "SEA", "LAX"),
        flight("c", "2001-01-02T12:00:00Z", 9, "SEA", "JFK"),
        flight("h", "2001-01-02T13:00:00Z", 5, "sea", "LAX"),
        null);
    bronze.ingest(
        1,
        "2026-01-01T00:00:30Z",
        flight("d", "2001-01-02T11:30:00Z", 4, "LAX", "JFK"),
        flight("i", "2001-01-03T11:00:00Z", 3000, "LAX", "ORD"));
  }

  private void assertSameTables(Path lake) throws IOException {
    assertThat(tables(lake)).containsExactlyElementsOf(tables(peaceful));
    for (String table : tables(peaceful)) {
      Bag.assertEqual(table, rows(peaceful.resolve(table)), rows(lake.resolve(table)));
    }
  }

  private List<List<Object>> rows(Path table) {
    return Rows.without(new LakeTable(spark, table.toString()).read(), OF_THE_RUN);
  }

  /** All tables of a lake, by their paths in it. */
  private static List<String> tables(Path lake) throws IOException {
    try (Stream<Path> files = Files.walk(lake)) {
      return files
          .filter(path -> path.endsWith("_delta_log"))
          .map(path -> lake.relativize(path.getParent()).toString())
          .sorted()
          .toList();
    }
  }

  private Path copyOfTheBegun(String name) throws IOException {
    Path to = folder.resolve(name);
    FileUtils.copyDirectory(begun.toFile(), to.toFile());
    return to;
  }
}
