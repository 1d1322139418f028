package assay.reconciliation.serving;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.LakeTable;
import assay.core.contract.Promotion.Approval;
import assay.core.runs.NewestRows;
import assay.core.testing.TestSpark;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers never see two sources at once, whoever reads and however often a writer switches. */
class SwitchingReadersTest {
  private final SparkSession spark = TestSpark.session();

  @TempDir Path folder;

  /** What a reader is shown of one cell. */
  private record Cell(String source, long asOf, long flights) {}

  @Test
  void noReaderSeesAMixtureWhileAWriterSwitches() throws Exception {
    switchAndRead(8);
  }

  @Test
  @Tag("long")
  void noReaderSeesAMixtureOverAHundredSwitches() throws Exception {
    switchAndRead(100);
  }

  private void switchAndRead(int switches) throws Exception {
    ServingLake flights = new ServingLake(folder, Approval.MANUAL);
    // Days that are not over by the clock of the publisher: the stream shows them as they are.
    flights.fly("2026-01-01");
    flights.fly("2026-01-02");
    flights.batch();
    flights.live();
    ServingSources sources =
        new ServingSources(spark, flights.lake(), flights.contract(), flights.metrics());
    sources.pin(flights.later(Duration.ofMinutes(1)).instant(), Set.of());
    ServingTable table = new ServingTable(flights.main(), "route_day");
    assertThat(table.publish(-1, Side.BATCH, 0, sources)).isPresent();
    String path = flights.main().path();
    Dataset<Row> open = spark.read().format("delta").load(path);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> reads = new ArrayList<>();
      for (Supplier<List<Cell>> reader :
          List.<Supplier<List<Cell>>>of(
              () -> bySpark(open),
              () -> bySpark(spark.read().format("delta").load(path)),
              () -> byKernel(path),
              () -> byKernel(path))) {
        reads.add(readers.submit(readUntil(done, reader)));
      }
      for (int stage = 1; stage <= switches; stage++) {
        Side side = stage % 2 == 0 ? Side.BATCH : Side.LIVE;
        assertThat(table.publish(flights.main().version(), side, stage, sources)).isPresent();
      }
      done.set(true);
      for (Future<Integer> read : reads) {
        assertThat(read.get()).as("reads").isGreaterThan(1);
      }
    } finally {
      done.set(true);
      readers.shutdownNow();
    }
    assertThat(new LakeTable(spark, path).version()).isGreaterThanOrEqualTo(switches);
  }

  private static Callable<Integer> readUntil(AtomicBoolean done, Supplier<List<Cell>> reader) {
    return () -> {
      // Of two days with a flight from LAX, and from SEA three by batch and two by the stream.
      Map<String, Long> totals = Map.of("batch", 8L, "live", 6L);
      int reads = 0;
      while (!done.get()) {
        List<Cell> cells = reader.get();
        Set<String> sources = new HashSet<>();
        Set<Long> times = new HashSet<>();
        cells.forEach(
            cell -> {
              sources.add(cell.source());
              times.add(cell.asOf());
            });
        assertThat(sources).as("sources of " + cells).hasSize(1);
        assertThat(times).as("times of " + cells).hasSize(1);
        assertThat(cells.stream().mapToLong(Cell::flights).sum())
            .as("total of " + cells)
            .isEqualTo(totals.get(sources.iterator().next()));
        reads++;
        // Two cores are to be left to the writer as well.
        Thread.sleep(100);
      }
      return reads;
    };
  }

  private static List<Cell> bySpark(Dataset<Row> table) {
    return table.select("_source", "_as_of", "flights").collectAsList().stream()
        .map(row -> new Cell(row.getString(0), row.getInstant(1).toEpochMilli(), row.getLong(2)))
        .toList();
  }

  private List<Cell> byKernel(String path) {
    return new NewestRows(path, spark.sessionState().newHadoopConf())
        .read(
            row ->
                new Cell(
                    row.getString(row.getSchema().indexOf("_source")),
                    row.getLong(row.getSchema().indexOf("_as_of")) / 1000,
                    row.getLong(row.getSchema().indexOf("flights"))));
  }
}
