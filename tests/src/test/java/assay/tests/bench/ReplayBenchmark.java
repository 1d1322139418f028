package assay.tests.bench;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.gold.GoldStage;
import assay.ingestion.IngestStage;
import assay.ingestion.IngestStage.KafkaSource;
import assay.ingestion.KafkaBroker;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.silver.SilverStage;
import assay.tests.bench.FlightArrivals.Arrival;
import assay.views.live.LiveStage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/**
 * Real flights replayed in the order and, divided by {@code -Dspeed}, at the distances in which
 * they happened, through a broker process, ingestion and the live query side by side; then silver,
 * gold and the proof. Fails where anything in which the live view and gold differ is not made of
 * rows.
 *
 * <p>{@code -Dflights} names a file of flights, or a folder of such files, {@code -Ddays} how many
 * days of them; all days of the example's flights otherwise.
 */
final class ReplayBenchmark {
  private static final int PARTITIONS = 2;
  private static final Duration INGEST_EVERY = Duration.ofSeconds(2);
  private static final Duration A_DAY = Duration.ofDays(1);

  private final SparkSession spark;
  private final Path folder;
  private final Path examples;
  private final Path flights;
  private final double speed;
  private final Duration most;

  ReplayBenchmark(SparkSession spark, Path folder, double scale) {
    this.spark = spark;
    this.folder = folder;
    this.examples = Path.of(System.getProperty("assay.root"), "examples", "flights");
    this.flights = setting("flights").map(Path::of).orElse(examples.resolve("flights.jsonl.gz"));
    this.speed = setting("speed").map(Double::valueOf).orElse(1000.0);
    double days = setting("days").map(Double::valueOf).orElse(366.0);
    this.most = Duration.ofSeconds(Math.round(days * scale * A_DAY.toSeconds()));
  }

  /** A system property; the build sets it to nothing where it is not given. */
  private static Optional<String> setting(String name) {
    return Optional.ofNullable(System.getProperty(name)).filter(value -> !value.isBlank());
  }

  String run() throws IOException {
    Contract contract = ContractReader.read(examples.resolve("contract.yaml"));
    List<Arrival> arrivals = FlightArrivals.read(flights, most);
    Duration span = Duration.between(arrivals.get(0).at(), arrivals.get(arrivals.size() - 1).at());
    System.err.printf(
        "  %,d records of %s%s, from %s on, in %d s%n",
        arrivals.size(),
        flights.getFileName(),
        setting("flights").isPresent() ? "" : " (-Dflights=FOLDER names others)",
        arrivals.get(0).at(),
        Math.round(span.toSeconds() / speed));
    Lake lake = new Lake(folder.resolve("replay").toString());
    Duration behind;
    try (KafkaBroker broker = KafkaBroker.start(folder.resolve("kafka"))) {
      broker.createTopic(contract.source().topic(), PARTITIONS);
      behind = stream(broker.bootstrapServers(), lake, contract, arrivals);
    } catch (TimeoutException e) {
      throw new IllegalStateException("a query did not stop", e);
    }
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
    Reconciliation proof =
        new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
            .run(ReconcileRequest.ALL);
    return ("%,d records at %,.0f times their speed, none sent more than %.1f s behind its time;"
                + " micro-batches every %d s into bronze, every %d s into the live view%n%n")
            .formatted(
                arrivals.size(),
                speed,
                behind.toMillis() / 1000.0,
                INGEST_EVERY.toSeconds(),
                contract.liveEvery().orElseThrow().toSeconds())
        + new ReplayProof(spark, lake, contract).check(arrivals.size(), proof);
  }

  /** Sends all while both queries run, and ends them once all is read. */
  private Duration stream(String servers, Lake lake, Contract contract, List<Arrival> arrivals)
      throws TimeoutException {
    KafkaSource source = new KafkaSource(servers, Map.of(), Optional.empty());
    StreamingQuery ingest =
        new IngestStage(spark, lake, contract, source, Clock.systemUTC(), Steps.SILENT)
            .start(INGEST_EVERY);
    StreamingQuery live = new LiveStage(spark, lake, contract, Steps.SILENT).start();
    Duration behind = send(servers, contract.source().topic(), arrivals, List.of(ingest, live));
    ingest.processAllAvailable();
    ingest.stop();
    live.processAllAvailable();
    live.stop();
    return behind;
  }

  /** How far the record that was sent the latest stood behind its time. */
  private Duration send(
      String servers, String topic, List<Arrival> arrivals, List<StreamingQuery> queries) {
    AtomicReference<Exception> refused = new AtomicReference<>();
    long most = 0;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers, "enable.idempotence", "true", "linger.ms", "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      Instant first = arrivals.get(0).at();
      LocalDate day = LocalDate.MIN;
      long begun = System.nanoTime();
      for (Arrival arrival : arrivals) {
        long due = begun + (long) (Duration.between(first, arrival.at()).toNanos() / speed);
        for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
          LockSupport.parkNanos(due - now);
        }
        most = Math.max(most, System.nanoTime() - due);
        Future<RecordMetadata> unused =
            producer.send(
                new ProducerRecord<>(topic, bytes(arrival.flight()), bytes(arrival.value())),
                (metadata, e) -> refused.compareAndSet(null, e));
        LocalDate today = LocalDate.ofInstant(arrival.at(), ZoneOffset.UTC);
        if (!today.equals(day)) {
          day = today;
          System.err.println("  " + day);
          queries.forEach(ReplayBenchmark::refuseEnded);
        }
      }
    }
    if (refused.get() != null) {
      throw new IllegalStateException("the broker did not take a record", refused.get());
    }
    return Duration.ofNanos(most);
  }

  private static void refuseEnded(StreamingQuery query) {
    if (!query.isActive()) {
      throw AssayException.failed(
          query.name() + " ended while flights were sent: " + query.exception(), "see its log");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
