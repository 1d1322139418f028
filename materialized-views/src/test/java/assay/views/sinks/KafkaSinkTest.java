package assay.views.sinks;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Measure;
import assay.core.contract.Sink;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.IngestStage.KafkaSource;
import assay.ingestion.KafkaBroker;
import assay.ingestion.testing.BronzeFixture;
import assay.views.live.LiveStage;
import assay.views.sinks.LiveSinks.Surroundings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSinkTest {
  private static final Patience ONCE =
      new Patience(Duration.ofMillis(5), Duration.ofMillis(50), 1, Duration.ofSeconds(15));

  @TempDir static Path brokerFolder;
  private static KafkaBroker broker;

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeAll
  static void startBroker() {
    broker = KafkaBroker.start(brokerFolder);
    broker.createTopic("cells", 2);
    broker.createTopic("aside", 2);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  @Test
  void aRunThatIsKilledBetweenSendingAndKeepingLosesNothingAndTheNewestOfEachKeyIsTheView() {
    Contract contract =
        with(new Sink("cells", new Sink.View("route_day"), new Sink.Topic("cells")));
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 2, "JFK", "LAX"));
    Steps killed =
        (stage, step) -> {
          if (step.equals("sink cells: 2 messages taken")) {
            throw new IllegalStateException("killed by the test");
          }
        };
    assertThatThrownBy(() -> catchUp(contract, killed)).hasMessageContaining("killed by the test");
    bronze.ingest("2026-01-01T00:00:10Z", flight("c", "2001-01-01T13:00:00Z", 4, "SEA", "LAX"));
    catchUp(contract, Steps.SILENT);
    bronze.ingest("2026-01-01T00:00:20Z", flight("d", "2001-01-01T14:00:00Z", 8, "SEA", "LAX"));
    catchUp(contract, Steps.SILENT);
    Contract missing =
        with(
            new Sink("missing", new Sink.View("route_day"), new Sink.Topic("nowhere")),
            contract.sinks().get(0));
    assertThatThrownBy(() -> send(missing, Steps.SILENT, () -> true))
        .isInstanceOf(AssayException.class)
        .hasMessage(
            "the sink missing of flights is behind: Kafka at %s has no topic nowhere"
                .formatted(broker.bootstrapServers()));
    List<ConsumerRecord<byte[], byte[]>> records = consume("cells");
    // What was not known to have arrived is sent again before anything newer.
    assertThat(records).hasSize(2 + 2 + 1 + 1);
    Map<String, String> newest = new TreeMap<>();
    Map<String, Long> versions = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      newest.put(text(record.key()), text(record.value()));
      assertThat(header(record, "assay-view")).isEqualTo("route_day");
      assertThat(header(record, "assay-table")).isNotEmpty();
      long version = Long.parseLong(header(record, "assay-version"));
      assertThat(version).isGreaterThanOrEqualTo(versions.getOrDefault(text(record.key()), -1L));
      versions.put(text(record.key()), version);
    }
    assertThat(newest)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(key("SEA"), value("SEA", 3), key("JFK"), value("JFK", 1)));
  }

  @Test
  void rowsThatWereSetAsideArriveByteForByteWithWhereTheyCameFrom() {
    Contract contract =
        with(
            new Sink("late", new Sink.SetAside("late"), new Sink.Topic("aside")),
            new Sink("bad", new Sink.SetAside("quarantined"), new Sink.Topic("aside")));
    String late = " " + flight("l", "2001-01-01T09:00:00Z", 1, "SEA", "LAX").replace(":", " : ");
    late = late.replace("09 : 00 : 00", "09:00:00");
    bronze.ingestKeyed(
        "2026-01-01T00:00:00Z", "k1", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    bronze.ingestKeyed("2026-01-01T00:00:10Z", "k2", late, null, "no json");
    catchUp(contract, Steps.SILENT);
    byte[] noUtf8 = {(byte) 0xC3, 0x28, 0};
    bronze.ingestBytes(1, "2026-01-01T00:00:20Z", List.of(noUtf8));
    catchUp(contract, Steps.SILENT);
    List<ConsumerRecord<byte[], byte[]>> records = consume("aside");
    assertThat(records).hasSize(3);
    ConsumerRecord<byte[], byte[]> first = of(records, "late");
    assertThat(text(first.key())).isEqualTo("k2");
    assertThat(text(first.value())).isEqualTo(late);
    assertThat(header(first, "assay-source-topic")).isEqualTo("topic");
    assertThat(header(first, "assay-source-partition")).isEqualTo("0");
    assertThat(header(first, "assay-source-offset")).isEqualTo("1");
    assertThat(header(first, "assay-source-timestamp")).isEqualTo("2026-01-01T00:00:10Z");
    assertThat(header(first, "assay-event-time")).isEqualTo("2001-01-01T09:00:00Z");
    assertThat(records)
        .filteredOn(r -> header(r, "assay-disposition").equals("quarantined"))
        .allSatisfy(r -> assertThat(r.key()).isNull())
        .extracting(ConsumerRecord::value)
        .containsExactlyInAnyOrder("no json".getBytes(StandardCharsets.UTF_8), noUtf8);
  }

  private static Contract with(Sink... sinks) {
    Contract counted =
        FlightsContract.withMeasures(List.of(new Measure.Count("flights", Optional.empty())));
    return ContractBuilder.builder(counted).sinks(List.of(sinks)).build();
  }

  private void catchUp(Contract contract, Steps steps) {
    send(
        contract,
        steps,
        () -> new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp());
  }

  private <T> void send(Contract contract, Steps steps, Supplier<T> work) {
    Surroundings surroundings =
        new Surroundings(
            spark,
            lake,
            () -> new KafkaSource(broker.bootstrapServers(), Map.of(), Optional.empty()),
            Map.of(),
            steps,
            line -> {
              throw new AssertionError(line);
            });
    try (LiveSinks sinks = new LiveSinks(contract, surroundings, ONCE)) {
      T unused = sinks.catchUpAfter(work);
    }
  }

  /** All records of a topic, by partition and offset. */
  private static List<ConsumerRecord<byte[], byte[]>> consume(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          List.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = consumer.endOffsets(partitions).values().stream().mapToLong(v -> v).sum();
      while (records.size() < end) {
        consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
      }
    }
    return records;
  }

  private static ConsumerRecord<byte[], byte[]> of(
      List<ConsumerRecord<byte[], byte[]>> records, String disposition) {
    return records.stream()
        .filter(r -> header(r, "assay-disposition").equals(disposition))
        .findFirst()
        .orElseThrow();
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return text(record.headers().lastHeader(name).value());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String key(String origin) {
    return "{\"event_date\":\"2001-01-01\",\"origin\":\"%s\",\"destination\":\"LAX\"}"
        .formatted(origin);
  }

  private static String value(String origin, int flights) {
    return key(origin).replace("}", ",\"flights\":" + flights + "}");
  }
}
