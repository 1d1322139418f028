package assay.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Offsets of Kafka that have no record, or have none any more when ingestion comes to them. */
class GapsTest {
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
  void whatRetentionRemovedUnreadEndsTheRunUntilTheGapIsAccepted() throws Exception {
    produce(0, 3);
    produce(1, 1);
    assertThat(ingest(false)).isEqualTo(4);
    produce(0, 5);
    removeUpTo(0, 6);
    assertThatThrownBy(() -> ingest(false))
        .isInstanceOf(AssayException.class)
        .hasMessage(
            "Kafka removed 3 offsets of topic flights before they were read:"
                + " partition 0, offsets 3-5");
    assertThat(gaps().recorded()).isEmpty();
    Steps killed =
        (stage, step) -> {
          if (step.startsWith("gap recorded")) {
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> stage(true, killed).runUntilCaughtUp()).hasMessage("killed");
    // It was recorded before the kill, and nobody is asked twice.
    assertThat(ingest(false)).isEqualTo(2);
    assertThat(offsets(0)).containsExactly(0L, 1L, 2L, 6L, 7L);
    assertThat(gaps().recorded()).containsExactly(removed(0, 3, 5));

    Files.move(Path.of(lake.checkpoint("ingestion", "flights")), folder.resolve("moved"));
    produce(0, 2);
    removeUpTo(0, 9);
    assertThatThrownBy(() -> ingest(false)).hasMessageContaining("partition 0, offset 8");
    assertThat(ingest(true)).isEqualTo(1);
    assertThat(offsets(0)).containsExactly(0L, 1L, 2L, 6L, 7L, 9L);
    assertThat(offsets(1)).containsExactly(0L);
    assertThat(gaps().recorded()).containsExactly(removed(0, 3, 5), removed(0, 8, 8));
  }

  @Test
  void whatWasGoneBeforeTheFirstStartAndWhatNoConsumerGetsIsNoLoss() throws Exception {
    produce(1, 4);
    removeUpTo(1, 3);
    produceInTransactions();
    assertThat(ingest(false)).isEqualTo(3);
    assertThat(offsets(0)).containsExactly(0L, 5L);
    assertThat(offsets(1)).containsExactly(3L);
    assertThat(gaps().recorded()).containsExactly(removed(1, 0, 2));
    assertThat(gaps().between()).isEqualTo(Gap.Cause.TRANSACTION);
    setPolicy("compact");
    assertThat(ingest(false)).isZero();
    assertThat(gaps().recorded()).hasSize(1);
    assertThat(gaps().between()).isEqualTo(Gap.Cause.COMPACTION);
  }

  @Test
  void aQueryThatWasKilledInItsFirstMicroBatchGoesOnBehindWhatWasRemovedSince() throws Exception {
    produce(0, 3);
    Steps killed =
        (stage, step) -> {
          throw new IllegalStateException("killed");
        };
    assertThatThrownBy(() -> stage(false, killed).runUntilCaughtUp())
        .hasStackTraceContaining("killed");
    List<Long> held = offsets(0);
    produce(0, 2);
    removeUpTo(0, 4);
    int lost = 4 - held.size();
    assertThatThrownBy(() -> ingest(false))
        .hasMessageContaining("Kafka removed %d offsets".formatted(lost));
    assertThat(ingest(true)).isEqualTo(1);
    assertThat(offsets(0)).endsWith(4L).hasSize(held.size() + 1).doesNotHaveDuplicates();
    assertThat(gaps().recorded()).containsExactly(removed(0, held.size(), 3));
  }

  /** Offsets 0 and 5 of partition 0; 2 and 3 are aborted, the others are markers. */
  private static void produceInTransactions() throws Exception {
    Map<String, Object> config =
        Map.of("bootstrap.servers", TOPIC.broker().bootstrapServers(), "transactional.id", "t");
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(record(0, "0")).get();
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(record(0, "2")).get();
      producer.send(record(0, "3")).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(record(0, "5")).get();
      producer.commitTransaction();
    }
  }

  private static Gap removed(int partition, long first, long last) {
    return new Gap(new OffsetRange(partition, first, last), Gap.Cause.RETENTION);
  }

  private BronzeGaps gaps() {
    return new BronzeGaps(spark, lake, contract);
  }

  private long ingest(boolean acceptGaps) {
    return stage(acceptGaps, Steps.SILENT).runUntilCaughtUp().rows();
  }

  private IngestStage stage(boolean acceptGaps, Steps steps) {
    KafkaSource source =
        new KafkaSource(TOPIC.broker().bootstrapServers(), Map.of(), Optional.empty());
    return new IngestStage(spark, lake, contract, source, Clock.systemUTC(), steps, acceptGaps);
  }

  private List<Long> offsets(int partition) {
    return new LakeTable(spark, lake.bronze("flights"))
            .read()
            .where("partition = " + partition)
            .orderBy("offset")
            .select("offset")
            .collectAsList()
            .stream()
            .map(row -> row.getLong(0))
            .toList();
  }

  private static void produce(int partition, int records) throws Exception {
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", TOPIC.broker().bootstrapServers()), bytes, bytes)) {
      for (int i = 0; i < records; i++) {
        producer.send(record(partition, "v")).get();
      }
    }
  }

  private static ProducerRecord<byte[], byte[]> record(int partition, String value) {
    return new ProducerRecord<>("flights", partition, null, value.getBytes(StandardCharsets.UTF_8));
  }

  /** As retention does it, at once. */
  private static void removeUpTo(int partition, long offset) throws Exception {
    try (Admin admin = admin()) {
      admin
          .deleteRecords(
              Map.of(
                  new TopicPartition("flights", partition), RecordsToDelete.beforeOffset(offset)))
          .all()
          .get();
    }
  }

  private static void setPolicy(String policy) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "flights");
    AlterConfigOp set =
        new AlterConfigOp(new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET);
    try (Admin admin = admin()) {
      admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
    }
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", TOPIC.broker().bootstrapServers()));
  }
}
