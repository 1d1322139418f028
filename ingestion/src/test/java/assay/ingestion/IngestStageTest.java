package assay.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.IngestStage.KafkaSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class IngestStageTest {
  @RegisterExtension static final FlightsTopic TOPIC = new FlightsTopic();

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;

  @BeforeEach
  void nameLake() {
    lake = new Lake(folder.resolve("lake").toString());
  }

  @Test
  void everyRecordLandsOnceWithItsBytesUnchanged() throws Exception {
    byte[] noUtf8 = {(byte) 0xC3, 0x28, 0};
    produce(0, null, null);
    produce(0, "k".getBytes(StandardCharsets.UTF_8), noUtf8);
    produce(1, new byte[0], new byte[0]);
    IngestResult result = stage(Clock.systemUTC(), Optional.empty()).runUntilCaughtUp();
    assertThat(result.rows()).isEqualTo(3);
    List<Row> rows = bronze().read().orderBy("partition", "offset").collectAsList();
    assertThat(rows.get(0).isNullAt(rows.get(0).fieldIndex("key"))).isTrue();
    assertThat(rows.get(0).isNullAt(rows.get(0).fieldIndex("value"))).isTrue();
    assertThat(rows.get(1).<byte[]>getAs("value")).isEqualTo(noUtf8);
    Row header = (Row) rows.get(1).getList(rows.get(1).fieldIndex("headers")).get(0);
    assertThat(header.getString(0)).isEqualTo("trace");
    assertThat((byte[]) header.get(1)).containsExactly(7);
    assertThat(rows.get(2).<byte[]>getAs("value")).isEmpty();
    assertThat(rows.get(2).<Integer>getAs("partition")).isEqualTo(1);
    assertThat(stage(Clock.systemUTC(), Optional.empty()).runUntilCaughtUp().rows()).isZero();
  }

  @Test
  void theTimeOfIngestGrowsAlsoWhenTheClockGoesBack() throws Exception {
    produceMany(2);
    Clock dayBefore = Clock.fixed(Instant.parse("2025-12-31T12:00:00Z"), ZoneOffset.UTC);
    stage(dayBefore, Optional.empty()).runUntilCaughtUp();
    produceMany(6);
    Clock stands = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
    IngestResult result = stage(stands, Optional.of(2L)).runUntilCaughtUp();
    assertThat(result.batches()).isEqualTo(3);
    assertThat(result.rows()).isEqualTo(6);
    produceMany(2);
    Clock back = Clock.fixed(Instant.parse("2025-01-01T00:00:00Z"), ZoneOffset.UTC);
    stage(back, Optional.of(2L)).runUntilCaughtUp();
    assertThat(
            bronze().read().select("ingested_at").distinct().orderBy("ingested_at").collectAsList())
        .extracting(row -> row.getInstant(0).toString())
        .containsExactly(
            "2025-12-31T12:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000001Z",
            "2026-01-01T00:00:00.000002Z",
            "2026-01-01T00:00:00.000003Z");
  }

  @Test
  void withoutItsCheckpointItReadsOnBehindTheLastRow() throws Exception {
    produceMany(5);
    stage(Clock.systemUTC(), Optional.of(2L)).runUntilCaughtUp();
    Files.move(Path.of(lake.checkpoint("ingestion", "flights")), folder.resolve("moved"));
    produceMany(3);
    assertThat(stage(Clock.systemUTC(), Optional.empty()).runUntilCaughtUp().rows()).isEqualTo(3);
    assertThat(bronze().read().count()).isEqualTo(8);
    assertThat(bronze().read().select("partition", "offset").distinct().count()).isEqualTo(8);
  }

  @Test
  void aTopicThatWasMadeAnewIsRefused() throws Exception {
    produceMany(2);
    stage(Clock.systemUTC(), Optional.empty()).runUntilCaughtUp();
    TOPIC.broker().deleteTopic("flights");
    TOPIC.broker().createTopic("flights", 2);
    produceMany(9);
    assertThatThrownBy(() -> stage(Clock.systemUTC(), Optional.empty()).runUntilCaughtUp())
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("topic flights was re-created");
    assertThat(bronze().read().count()).isEqualTo(2);
  }

  @Test
  void whatIsNotThereIsSaid() {
    KafkaSource source =
        new KafkaSource(TOPIC.broker().bootstrapServers(), Map.of(), Optional.empty());
    assertThatThrownBy(() -> new KafkaTopic(source.servers(), Map.of(), "nowhere").id())
        .isInstanceOf(AssayException.class)
        .hasMessage("Kafka at " + source.servers() + " has no topic nowhere")
        .extracting(e -> ((AssayException) e).code())
        .isEqualTo(ErrorCode.FAILED);
  }

  private IngestStage stage(Clock clock, Optional<Long> maxRecords) {
    KafkaSource source = new KafkaSource(TOPIC.broker().bootstrapServers(), Map.of(), maxRecords);
    return new IngestStage(spark, lake, contract, source, clock, Steps.SILENT);
  }

  private LakeTable bronze() {
    return new LakeTable(spark, lake.bronze("flights"));
  }

  private static void produceMany(int records) throws Exception {
    for (int i = 0; i < records; i++) {
      produce(i % 2, null, ("v" + i).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void produce(int partition, byte[] key, byte[] value) throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", TOPIC.broker().bootstrapServers()), bytes, bytes)) {
      producer
          .send(
              new ProducerRecord<>(
                  "flights",
                  partition,
                  key,
                  value,
                  List.of(new RecordHeader("trace", new byte[] {7}))))
          .get();
    }
  }
}
