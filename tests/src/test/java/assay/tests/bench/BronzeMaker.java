package assay.tests.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import assay.core.LakeTable;
import assay.core.Transaction;
import assay.ingestion.Bronze;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;

/** Bronze as ingestion leaves it, of rows that Spark makes up: a commit a micro-batch. */
final class BronzeMaker {
  private static final int PARTITIONS = 4;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final LakeTable bronze;
  private final Duration between;
  private long nextOffset;
  private long batches;

  /** Micro-batches an hour apart, out of each other's look-back. */
  BronzeMaker(SparkSession spark, String path) {
    this(spark, path, Duration.ofHours(1));
  }

  /**
   * @param between the time of ingest of one micro-batch and that of the next
   */
  BronzeMaker(SparkSession spark, String path, Duration between) {
    this.between = between;
    this.bronze = new LakeTable(spark, path);
    bronze.createOrExtend(Bronze.schema(), List.of(Bronze.INGEST_DATE));
  }

  /**
   * Appends a micro-batch to four Kafka partitions.
   *
   * @param flights with the contract's columns and an {@code id}, from zero, without gaps
   * @param rows how many they are, a multiple of four
   * @return when the micro-batch was ingested, which no other shares
   */
  Instant ingest(Dataset<Row> flights, long rows) {
    Instant at = START.plus(between.multipliedBy(batches));
    Dataset<Row> records =
        flights
            .withColumn(Bronze.TOPIC, lit("flights"))
            .withColumn(Bronze.PARTITION, expr("CAST(id % " + PARTITIONS + " AS INT)"))
            .withColumn(Bronze.OFFSET, expr(nextOffset + " + id DIV " + PARTITIONS))
            .withColumn(Bronze.KAFKA_TIMESTAMP, lit(at))
            .withColumn("kafka_timestamp_type", lit(0))
            .withColumn(Bronze.KEY, col("flight_id").cast("binary"))
            .withColumn(Bronze.VALUE, to_json(struct(payload())).cast("binary"))
            .withColumn(Bronze.HEADERS, headers())
            .withColumn(Bronze.INGESTED_AT, lit(at))
            .withColumn(Bronze.INGEST_DATE, lit(LocalDate.ofInstant(at, ZoneOffset.UTC)))
            .selectExpr(Bronze.schema().fieldNames())
            // A file a Kafka partition, its rows in the order of their offsets.
            .repartitionByRange(PARTITIONS, col(Bronze.PARTITION))
            .sortWithinPartitions(Bronze.PARTITION, Bronze.OFFSET);
    bronze.append(records, new Transaction("bench", batches++));
    nextOffset += rows / PARTITIONS;
    return at;
  }

  private static Column[] payload() {
    return new Column[] {
      col("flight_id"),
      col("scheduled_at"),
      col("delay_minutes"),
      col("distance_miles"),
      col("origin"),
      col("destination")
    };
  }

  private static Column headers() {
    StructField field = Bronze.schema().apply(Bronze.HEADERS);
    return expr("CAST(array() AS " + field.dataType().sql() + ")");
  }

  /**
   * A flight a row.
   *
   * @param key SQL of the flight's id, over {@code id}
   * @param second SQL of its time, in seconds since the epoch, over {@code id}
   * @param delay SQL of its delay, over {@code id}
   */
  static Dataset<Row> flights(Dataset<?> ids, String key, String second, String delay) {
    return ids.selectExpr(
        "id",
        key + " AS flight_id",
        "timestamp_seconds(" + second + ") AS scheduled_at",
        "CAST(" + delay + " AS INT) AS delay_minutes",
        "CAST(200 + id % 2500 AS INT) AS distance_miles",
        "element_at(array('SEA', 'LAX', 'JFK', 'ORD', 'DFW'), CAST(id % 5 + 1 AS INT)) AS origin",
        "element_at(array('BOS', 'SFO', 'DEN', 'ATL'), CAST(id % 4 + 1 AS INT)) AS destination");
  }
}
