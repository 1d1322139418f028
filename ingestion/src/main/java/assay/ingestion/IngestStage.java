package assay.ingestion;

import static java.util.Comparator.naturalOrder;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.StreamRun;
import assay.core.TableFiles;
import assay.core.Transaction;
import assay.core.contract.Contract;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Kafka to bronze. Each micro-batch is one commit that carries the query's id and the batch's
 * number, so that a batch which runs again after a crash adds nothing.
 */
public final class IngestStage {
  /** The id of the query that runs, a local property that the engine sets (StreamExecution). */
  private static final String QUERY_ID = "sql.streaming.queryId";

  private static final String TRANSACTIONS = "assay.ingestion.";

  private final SparkSession spark;
  private final Lake lake;
  private final boolean acceptGaps;
  private final Contract contract;
  private final KafkaSource source;
  private final Clock clock;
  private final Steps steps;
  private final LakeTable bronze;
  private final String checkpoint;
  private final AtomicLong batches = new AtomicLong();

  /** The time of the newest micro-batch in bronze, once it was asked for. */
  private Optional<Instant> newest = Optional.empty();

  /**
   * Where the records come from.
   *
   * @param properties of the Kafka client, without the {@code kafka.} prefix
   * @param maxRecordsPerBatch an upper bound for one micro-batch; empty for none
   */
  public record KafkaSource(
      String servers, Map<String, String> properties, Optional<Long> maxRecordsPerBatch) {
    public KafkaSource {
      properties = Map.copyOf(properties);
    }
  }

  /** A stage that ends where Kafka removed records before they were read. */
  public IngestStage(
      SparkSession spark,
      Lake lake,
      Contract contract,
      KafkaSource source,
      Clock clock,
      Steps steps) {
    this(spark, lake, contract, source, clock, steps, false);
  }

  /**
   * A stage.
   *
   * @param acceptGaps whether to go on where Kafka removed records before they were read
   */
  public IngestStage(
      SparkSession spark,
      Lake lake,
      Contract contract,
      KafkaSource source,
      Clock clock,
      Steps steps,
      boolean acceptGaps) {
    this.acceptGaps = acceptGaps;
    this.lake = lake;
    this.spark = spark;
    this.contract = contract;
    this.source = source;
    this.clock = clock;
    this.steps = steps;
    this.bronze = new LakeTable(spark, lake.bronze(contract.domain()));
    this.checkpoint = lake.checkpoint("ingestion", contract.domain());
  }

  /** Reads what Kafka holds now, then ends. */
  public IngestResult runUntilCaughtUp() {
    long before = rowsInBronze();
    batches.set(0);
    StreamingQuery query = start(Trigger.AvailableNow());
    try {
      StreamRun.awaitEnd("ingest", contract.domain(), query);
    } catch (AssayException e) {
      throw becauseOfGaps(e);
    }
    return new IngestResult(
        contract.domain(), rowsInBronze() - before, batches.get(), bronze.version());
  }

  private long rowsInBronze() {
    return new TableFiles(spark, bronze.path()).size(bronze.version()).rows();
  }

  /** Retention may come between the look at the topic and the reading. */
  private AssayException becauseOfGaps(AssayException stopped) {
    List<OffsetRange> removed =
        new RemovedOffsets(spark, bronze, topic(), checkpoint)
            .find(new BronzeGaps(spark, lake, contract).recorded())
            .removed();
    return removed.isEmpty() ? stopped : RemovedOffsets.refused(contract.source().topic(), removed);
  }

  /** Reads on, a micro-batch every {@code interval}, until the query is stopped. */
  public StreamingQuery start(Duration interval) {
    return start(Trigger.ProcessingTime(interval.toMillis()));
  }

  private KafkaTopic topic() {
    return new KafkaTopic(source.servers(), source.properties(), contract.source().topic());
  }

  private StreamingQuery start(Trigger trigger) {
    KafkaTopic topic = topic();
    String topicId = topic.id();
    Map<String, String> properties = new TreeMap<>();
    properties.put(Bronze.TOPIC_ID, topicId);
    properties.put("delta.appendOnly", "true");
    Optional<String> cleanupPolicy = topic.cleanupPolicy();
    cleanupPolicy.ifPresent(policy -> properties.put(Bronze.CLEANUP_POLICY, policy));
    bronze.createOrExtend(Bronze.schema(), Bronze.PARTITIONED_BY, bronze.streamed(properties));
    refuseRecreatedTopic(topicId);
    cleanupPolicy.ifPresent(policy -> bronze.setProperty(Bronze.CLEANUP_POLICY, policy));
    Map<Integer, Long> starting = startBehindGaps(topic);
    StreamRun.queryId(spark, checkpoint)
        .ifPresent(
            id ->
                StreamRun.refuseForeignCheckpoint(
                    spark,
                    checkpoint,
                    bronze,
                    TRANSACTIONS + id,
                    0,
                    "bronze is then read again from what Kafka still holds; without its checkpoint"
                        + " alone, reading goes on behind bronze's last row"));
    DataStreamWriter<Row> writer =
        readKafka(starting).writeStream().option("checkpointLocation", checkpoint).trigger(trigger);
    return StreamRun.start("ingest", contract.domain(), writer.foreachBatch(this::appendBatch));
  }

  private void refuseRecreatedTopic(String topicId) {
    String known = bronze.property(Bronze.TOPIC_ID).orElse(topicId);
    if (!known.equals(topicId)) {
      throw new AssayException(
          ErrorCode.FAILED,
          "topic "
              + contract.source().topic()
              + " was re-created: bronze holds topic id "
              + known
              + ", Kafka now has "
              + topicId
              + "; its offsets start again and would be taken for old ones",
          "read the new topic as a new domain, or move "
              + bronze.path()
              + " and "
              + checkpoint
              + " away to start over");
    }
  }

  private Dataset<Row> readKafka(Map<Integer, Long> starting) {
    DataStreamReader reader =
        spark
            .readStream()
            .format("kafka")
            .option("kafka.bootstrap.servers", source.servers())
            .option("subscribe", contract.source().topic())
            .option("startingOffsets", startingOffsets(starting))
            .option("includeHeaders", "true")
            // Offsets that retention took away end the query instead of passing unseen.
            .option("failOnDataLoss", "true")
            .option("kafka.isolation.level", "read_committed");
    source.properties().forEach((key, value) -> reader.option("kafka." + key, value));
    source.maxRecordsPerBatch().ifPresent(n -> reader.option("maxOffsetsPerTrigger", n));
    return reader.load();
  }

  /** The engine asks for these only where it has no checkpoint. */
  private String startingOffsets(Map<Integer, Long> starting) {
    return starting.isEmpty()
        ? "earliest"
        : starting.entrySet().stream()
            .map(e -> "\"" + e.getKey() + "\":" + e.getValue())
            .collect(Collectors.joining(",", "{\"" + contract.source().topic() + "\":{", "}}"));
  }

  /**
   * Where reading goes on: behind the checkpoint, or, where that was lost, behind the last row of
   * each partition. Offsets that Kafka removed before they were read end the run, unless the gap is
   * accepted; it is recorded first, so that a crash behind that leaves nothing to be told again.
   * The checkpoint then goes, since the engine would ask for what it names.
   */
  private Map<Integer, Long> startBehindGaps(KafkaTopic topic) {
    BronzeGaps gaps = new BronzeGaps(spark, lake, contract);
    RemovedOffsets.Found found =
        new RemovedOffsets(spark, bronze, topic, checkpoint).find(gaps.recorded());
    if (!found.removed().isEmpty()) {
      // What was gone before Assay came was never to be had.
      if (!acceptGaps && !found.isFirstStart()) {
        throw RemovedOffsets.refused(contract.source().topic(), found.removed());
      }
      gaps.record(found.removed(), clock.instant());
      found.removed().forEach(range -> steps.reached("ingest", "gap recorded: " + range));
    }
    if (found.checkpointFails()) {
      StreamRun.removeCheckpoint(spark, checkpoint);
    }
    return found.starting();
  }

  private void appendBatch(Dataset<Row> batch, Long batchId) {
    SparkSession session = batch.sparkSession();
    Instant ingestedAt = nextIngestedAt();
    LocalDate ingestDate = LocalDate.ofInstant(ingestedAt, ZoneOffset.UTC);
    Dataset<Row> records =
        batch.select(
            col("topic").as(Bronze.TOPIC),
            col("partition").as(Bronze.PARTITION),
            col("offset").as(Bronze.OFFSET),
            col("timestamp").as(Bronze.KAFKA_TIMESTAMP),
            col("timestampType").as("kafka_timestamp_type"),
            col("key").as(Bronze.KEY),
            col("value").as(Bronze.VALUE),
            coalesce(col("headers"), array()).as(Bronze.HEADERS),
            lit(ingestedAt).as(Bronze.INGESTED_AT),
            lit(ingestDate).as(Bronze.INGEST_DATE));
    // The query's id is part of the transaction: a query that starts over counts its batches from
    // zero again, and under one fixed name its first commits would be taken for old ones.
    String queryId = session.sparkContext().getLocalProperty(QUERY_ID);
    new LakeTable(session, bronze.path())
        .append(records, new Transaction(TRANSACTIONS + queryId, batchId));
    newest = Optional.of(ingestedAt);
    batches.incrementAndGet();
    steps.reached("ingest", "batch " + batchId + ": bronze committed");
  }

  /** Now, but always after the newest micro-batch in bronze, whatever the machine's clock does. */
  private Instant nextIngestedAt() {
    if (newest.isEmpty()) {
      newest = Optional.of(newestInBronze());
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Instant earliest = newest.get().plus(1, ChronoUnit.MICROS);
    return now.isBefore(earliest) ? earliest : now;
  }

  /** The newest day of ingest has it, so that no other is read. */
  private Instant newestInBronze() {
    return new TableFiles(spark, bronze.path())
        .partitions(bronze.version(), Bronze.INGEST_DATE).stream()
            .max(naturalOrder())
            .map(day -> bronze.read().where(col(Bronze.INGEST_DATE).equalTo(day)))
            .map(rows -> rows.agg(max(col(Bronze.INGESTED_AT))).head().getInstant(0))
            .orElse(Instant.EPOCH);
  }
}
