package assay.ingestion;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The bronze table: every Kafka record once, bytes unchanged. {@code ingested_at} has one value a
 * micro-batch and grows from each to the next, so that it names the micro-batch and its place in
 * the order.
 */
public final class Bronze {
  public static final String TOPIC = "topic";
  public static final String PARTITION = "partition";
  public static final String OFFSET = "offset";
  public static final String KAFKA_TIMESTAMP = "kafka_timestamp";
  public static final String KEY = "key";
  public static final String VALUE = "value";
  public static final String HEADERS = "headers";
  public static final String INGESTED_AT = "ingested_at";
  public static final String INGEST_DATE = "ingest_date";

  /** The topic's id in Kafka, a table property: a re-created topic has another. */
  static final String TOPIC_ID = "assay.kafka.topicId";

  /** The topic's {@code cleanup.policy}, a table property. */
  static final String CLEANUP_POLICY = "assay.kafka.cleanupPolicy";

  private static final StructType SCHEMA =
      new StructType()
          .add(TOPIC, StringType)
          .add(PARTITION, IntegerType)
          .add(OFFSET, LongType)
          .add(KAFKA_TIMESTAMP, TimestampType)
          .add("kafka_timestamp_type", IntegerType)
          .add(KEY, BinaryType)
          .add(VALUE, BinaryType)
          .add(
              HEADERS,
              DataTypes.createArrayType(
                  new StructType().add("key", StringType).add("value", BinaryType)))
          .add(INGESTED_AT, TimestampType)
          .add(INGEST_DATE, DateType);

  static final List<String> PARTITIONED_BY = List.of(INGEST_DATE);

  private Bronze() {}

  public static StructType schema() {
    return SCHEMA;
  }
}
