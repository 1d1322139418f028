package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.Silver;
import assay.tests.FlightEvents.Sent;
import assay.tests.oracle.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.SparkSession;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that run the batch path are killed, as by {@code kill -9}, at moments that nobody
 * chose; {@link KilledStageTest} kills at the steps that stages tell of.
 */
@Tag("long")
class KilledAnywhereTest {
  private static final int KILLS = 30;

  private static final long SEED = Long.getLong("assay.seed", 9);

  private static final int ROWS_A_BATCH = 120;

  /** About as long as a first round takes in a process that has just started. */
  private static final int MOST_MILLIS = 12_000;

  private static final Duration START = Duration.ofMinutes(2);

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();

  @Test
  void processesKilledAtRandomMomentsLeaveTheTablesOfALakeLeftInPeace(@TempDir Path folder)
      throws Exception {
    Path path = folder.resolve("lake");
    Lake lake = new Lake(path.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, contract.domain());
    List<Sent> events = FlightEvents.generate(SEED, KILLS * ROWS_A_BATCH);
    Random random = new Random(SEED);
    for (int kill = 0; kill < KILLS; kill++) {
      ingest(bronze, kill, events.subList(kill * ROWS_A_BATCH, (kill + 1) * ROWS_A_BATCH));
      killAfter(random.nextInt(MOST_MILLIS), path, "kill %d, seed %d".formatted(kill, SEED));
    }
    PipelineStages.run("silver", spark, lake, contract, Steps.SILENT);
    assertEveryRowStandsOnce(lake);
    // What is in quarantine depends on when the last process died: all is read under one contract.
    PipelineStages.run("reprocess", spark, lake, contract, Steps.SILENT);
    PipelineStages.run("gold", spark, lake, contract, Steps.SILENT);
    PathsAgainstOracle paths = new PathsAgainstOracle(spark, lake, contract);
    Oracle oracle = Oracle.of(paths.bronze());
    paths.assertBatch(oracle);
    paths.assertGold(oracle);
  }

  private void assertEveryRowStandsOnce(Lake lake) {
    Silver silver = new Silver(spark, lake, contract);
    long version = silver.table().version();
    String[] position = {"_partition", "_offset"};
    List<List<Object>> rows = new ArrayList<>(Rows.of(silver.table().readAt(version), position));
    rows.addAll(Rows.of(silver.exceptions(version), position));
    rows.addAll(Rows.of(silver.quarantine(version), position));
    LakeTable bronze = new LakeTable(spark, lake.bronze(contract.domain()));
    Bag.assertEqual("the ledger", Rows.of(bronze.read(), "partition", "offset"), rows);
  }

  private static void ingest(BronzeFixture bronze, int batch, List<Sent> events) {
    Instant at = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(batch * 600L);
    List<byte[]> values = events.stream().map(event -> event.value().orElse(null)).toList();
    bronze.ingestBytes(batch % 2, at.toString(), values);
  }

  private static void killAfter(int millis, Path lake, String which)
      throws IOException, InterruptedException {
    System.out.printf("%s: %d ms after its first stage began%n", which, millis);
    Path log = Files.createTempFile(lake.getParent(), "process", ".log");
    Path begun = lake.resolveSibling(log.getFileName() + ".begun");
    List<String> arguments = List.of(lake.toString(), begun.toString());
    Process process = StageProcess.start(RestlessStages.class, log, arguments);
    try {
      Awaitility.await(which).atMost(START).until(() -> Files.exists(begun));
      Thread.sleep(millis);
      assertThat(process.isAlive())
          .as(() -> "%s: ended by itself:%n%s".formatted(which, read(log)))
          .isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
