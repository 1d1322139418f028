package assay.tests;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each stage is killed at each of its steps, and run again. Two lakes begin alike; one is left in
 * peace. Both have gone through a first round already, so that there is something to merge with.
 */
class KilledStageTest {
  /** What tells when a run was, and differs from run to run. */
  private static final List<String> WHEN_IT_RAN = List.of("reconciled_at");

  /** All steps with {@code mvn verify -Pfaults}; a seeded choice of them otherwise. */
  private static final boolean EVERY_STEP = Boolean.getBoolean("assay.everyStep");

  private static final long SEED = Long.getLong("assay.seed", 137);

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Path peaceful;
  private Path killed;
  private StageProcess processes;

  @BeforeEach
  void makeTwoLakesAlike() throws IOException {
    peaceful = folder.resolve("peaceful");
    killed = folder.resolve("killed");
    processes = new StageProcess(folder);
    Lake lake = new Lake(peaceful.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    firstRound(bronze);
    PipelineStages.ALL.forEach(
        stage -> PipelineStages.run(stage, spark, lake, contract, Steps.SILENT));
    secondRound(bronze);
    copy(peaceful, killed);
  }

  @Test
  void aStageKilledAtAnyStepAndRunAgainLeavesTheSameTables() throws Exception {
    assertThat(processes.run(peaceful, "silver", 0)).isZero();
    List<StageProcess.Step> steps = processes.steps();

    List<StageProcess.Step> deaths = killStepByStep();
    if (EVERY_STEP) {
      assertThat(deaths).containsExactlyElementsOf(steps);
    } else {
      assertThat(steps).as("seed %d", SEED).containsSubsequence(deaths);
      assertThat(deaths)
          .extracting(StageProcess.Step::stage)
          .contains("silver", "live", "reconcile");
    }

    assertSameTables();
    assertThat(rows(killed.resolve("reconciliation/evidence"))).isNotEmpty();
  }

  /**
   * As when a scheduler starts an hour before the last one has ended. Whoever comes second may wait
   * for another hour; nobody may do harm.
   */
  @Test
  void runsAtTheSameTimeLeaveTheSameTables() throws Exception {
    StageProcess other = new StageProcess(Files.createDirectory(folder.resolve("other")));
    assertThat(processes.run(peaceful, "silver", 0, "live")).isZero();
    ExecutorService both = Executors.newFixedThreadPool(2);
    try {
      List<Future<Integer>> exits =
          both.invokeAll(
              List.of(
                  () -> processes.run(killed, "silver", 0, "live"),
                  () -> other.run(killed, "silver", 0, "live")));
      assertThat(List.of(exits.get(0).get(), exits.get(1).get()))
          .allMatch(exit -> exit == 0 || exit == ErrorCode.TRY_AGAIN.exitCode());
    } finally {
      both.shutdownNow();
    }
    assertThat(processes.run(killed, "silver", 0, "live")).isZero();
    assertSameTables();
  }

  /** Kills one process after the other, some steps further each time; the last one lives. */
  private List<StageProcess.Step> killStepByStep() throws IOException, InterruptedException {
    Random random = new Random(SEED);
    List<StageProcess.Step> deaths = new ArrayList<>();
    String stage = "silver";
    int step = 1;
    while (processes.run(killed, stage, step) == KilledStage.KILLED) {
      StageProcess.Step death = processes.steps().get(0);
      deaths.add(death);
      stage = death.stage();
      step = death.number() + 1 + (EVERY_STEP ? 0 : random.nextInt(7));
    }
    return deaths;
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

  private void assertSameTables() throws IOException {
    assertThat(tables(killed)).containsExactlyElementsOf(tables(peaceful));
    for (String table : tables(peaceful)) {
      Bag.assertEqual(table, rows(peaceful.resolve(table)), rows(killed.resolve(table)));
    }
  }

  private List<List<Object>> rows(Path table) {
    return Rows.without(new LakeTable(spark, table.toString()).read(), WHEN_IT_RAN);
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

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
