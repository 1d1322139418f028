package assay.tests.bench;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.ingestion.IngestStage;
import assay.ingestion.IngestStage.KafkaSource;
import assay.ingestion.KafkaBroker;
import assay.views.live.LiveStage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/**
 * 5,000 events a second for ten minutes from a Kafka producer into five live views, by way of a
 * broker process, ingestion and one live query, all on the same cores: how long rows take from
 * Kafka's timestamp to the commit that shows them, as the system itself measures it.
 */
final class FreshnessBenchmark {
  private static final int EVENTS_A_SECOND = 5_000;
  private static final int PARTITIONS = 2;

  /** The first minute compiles the plans and opens the tables. */
  private static final int WARM_UP_MINUTES = 1;

  private final SparkSession spark;
  private final Path folder;
  private final long minutes;
  private long sent;

  FreshnessBenchmark(SparkSession spark, Path folder, double scale) {
    this.spark = spark;
    this.folder = folder;
    this.minutes = WARM_UP_MINUTES + Math.max(1, Math.round(10 * scale));
  }

  String run() {
    Contract contract = FlightsContract.withMetrics(LiveViewsBenchmark.metricSets());
    Lake lake = new Lake(folder.resolve("freshness").toString());
    Duration ingestEvery = Duration.ofSeconds(2);
    Duration liveEvery = contract.liveEvery().orElseThrow();
    List<Long> heap = new ArrayList<>();
    try (KafkaBroker broker = KafkaBroker.start(folder.resolve("kafka"))) {
      broker.createTopic(contract.source().topic(), PARTITIONS);
      KafkaSource source = new KafkaSource(broker.bootstrapServers(), Map.of(), Optional.empty());
      StreamingQuery ingest =
          new IngestStage(spark, lake, contract, source, Clock.systemUTC(), Steps.SILENT)
              .start(ingestEvery);
      produce(broker, contract, Duration.ofSeconds(5));
      ingest.processAllAvailable();
      StreamingQuery live = new LiveStage(spark, lake, contract, Steps.SILENT).start();
      for (int minute = 0; minute < minutes; minute++) {
        produce(broker, contract, Duration.ofMinutes(1));
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        heap.add((runtime.totalMemory() - runtime.freeMemory()) >> 20);
        System.err.printf("  minute %d: %,d events sent%n", minute, sent);
      }
      ingest.processAllAvailable();
      ingest.stop();
      live.processAllAvailable();
      live.stop();
    } catch (TimeoutException e) {
      throw new IllegalStateException("a query did not stop", e);
    }
    return report(lake, ingestEvery.plus(liveEvery), heap);
  }

  private String report(Lake lake, Duration intervals, List<Long> heap) {
    Map<Instant, List<Row>> byMinute = new TreeMap<>();
    new LakeTable(spark, lake.freshness())
        .read()
        .collectAsList()
        .forEach(
            row -> byMinute.computeIfAbsent(row.getAs("to"), to -> new ArrayList<>()).add(row));
    List<List<String>> table = new ArrayList<>();
    int minute = 0;
    for (List<Row> views : byMinute.values()) {
      long p50 = views.stream().mapToLong(row -> row.<Long>getAs("p50_ms")).max().orElse(0);
      long p99 = views.stream().mapToLong(row -> row.<Long>getAs("p99_ms")).max().orElse(0);
      table.add(
          List.of(
              minute + (minute < WARM_UP_MINUTES ? " (warm-up)" : ""),
              "%,d".formatted(views.get(0).<Long>getAs("rows")),
              seconds(p50),
              seconds(p99),
              "%,d kB".formatted(views.get(0).<Long>getAs("state_bytes") >> 10),
              "%,d MB".formatted(heap.get(Math.min(minute, heap.size() - 1)))));
      minute++;
    }
    return ("%,d events a second into five live views, triggers of %s s together; the slowest view"
                + " of each minute%n%n")
            .formatted(EVENTS_A_SECOND, intervals.toSeconds())
        + Timings.markdown(
            List.of("minute", "rows", "p50", "p99", "look-back", "heap after a collection"), table);
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.2f s", millis / 1000.0);
  }

  private void produce(KafkaBroker broker, Contract contract, Duration time) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      long begun = System.nanoTime();
      long end = begun + time.toNanos();
      long due = 0;
      while (System.nanoTime() < end) {
        long target = (System.nanoTime() - begun) / (1_000_000_000L / EVENTS_A_SECOND);
        for (; due < target; due++) {
          byte[] key = ("flight-" + sent).getBytes(StandardCharsets.UTF_8);
          Future<RecordMetadata> unused =
              producer.send(new ProducerRecord<>(contract.source().topic(), key, event()));
          sent++;
        }
        LockSupport.parkNanos(5_000_000);
      }
    }
  }

  private byte[] event() {
    return FlightsContract.flight(
            "flight-" + sent,
            Instant.now().toString(),
            (int) (sent % 240) - 30,
            List.of("SEA", "LAX", "JFK", "ORD", "DFW").get((int) (sent % 5)),
            List.of("BOS", "SFO", "DEN", "ATL").get((int) (sent % 4)))
        .getBytes(StandardCharsets.UTF_8);
  }
}
