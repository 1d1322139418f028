package assay.ingestion.testing;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Transaction;
import assay.ingestion.Bronze;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Bronze as ingestion leaves it, for tests of the stages behind: one commit a micro-batch, one
 * value of {@code ingested_at}, offsets that grow by partition.
 */
public final class BronzeFixture {
  private static final String TRANSACTION = "fixture";

  private final SparkSession spark;
  private final LakeTable bronze;
  private final Map<Integer, Long> nextOffsets = new TreeMap<>();
  private long batches;

  /** Goes on behind what is there. */
  public BronzeFixture(SparkSession spark, Lake lake, String domain) {
    this.spark = spark;
    this.bronze = new LakeTable(spark, lake.bronze(domain));
    bronze.createOrExtend(Bronze.schema(), List.of(Bronze.INGEST_DATE));
    this.batches = bronze.lastTransaction(TRANSACTION).orElse(-1) + 1;
    if (batches > 0) {
      bronze
          .read()
          .groupBy(Bronze.PARTITION)
          .agg(functions.max(Bronze.OFFSET))
          .collectAsList()
          .forEach(row -> nextOffsets.put(row.getInt(0), row.getLong(1) + 1));
    }
  }

  /** Appends a micro-batch to partition 0. */
  public void ingest(String ingestedAt, String... values) {
    ingest(0, ingestedAt, values);
  }

  /** Appends a micro-batch; {@code null} stands for a record without a value. */
  public void ingest(int partition, String ingestedAt, String... values) {
    ingestBytes(partition, ingestedAt, Arrays.stream(values).map(BronzeFixture::bytes).toList());
  }

  /**
   * Appends a micro-batch to partition 0, of keys and values in turn; {@code null} stands for a
   * record without the one or the other.
   */
  public void ingestKeyed(String ingestedAt, String... keysAndValues) {
    List<byte[]> keys = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      keys.add(bytes(keysAndValues[i]));
      values.add(bytes(keysAndValues[i + 1]));
    }
    ingest(0, ingestedAt, keys, values);
  }

  /** Appends a micro-batch of raw bytes. */
  public void ingestBytes(int partition, String ingestedAt, List<byte[]> values) {
    ingest(partition, ingestedAt, Collections.nCopies(values.size(), null), values);
  }

  /**
   * Appends several micro-batches to partition 0 in one commit: quicker, and for the stages behind
   * the same, as they go by when a row was ingested.
   */
  public void ingestAll(SortedMap<Instant, List<String>> batchesByTime) {
    List<Row> rows = new ArrayList<>();
    batchesByTime.forEach(
        (at, values) ->
            rows.addAll(
                rows(
                    0,
                    at,
                    Collections.nCopies(values.size(), null),
                    values.stream().map(BronzeFixture::bytes).toList())));
    append(rows);
  }

  /** Leaves offsets out, as markers of transactions do. */
  public void skip(int partition, long offsets) {
    nextOffsets.merge(partition, offsets, Long::sum);
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private void ingest(int partition, String ingestedAt, List<byte[]> keys, List<byte[]> values) {
    append(rows(partition, Instant.parse(ingestedAt), keys, values));
  }

  private List<Row> rows(int partition, Instant at, List<byte[]> keys, List<byte[]> values) {
    List<Row> rows = new ArrayList<>();
    long offset = nextOffsets.getOrDefault(partition, 0L);
    for (int i = 0; i < values.size(); i++) {
      rows.add(
          RowFactory.create(
              "topic",
              partition,
              offset++,
              at,
              0,
              keys.get(i),
              values.get(i),
              List.of(),
              at,
              LocalDate.ofInstant(at, ZoneOffset.UTC)));
    }
    nextOffsets.put(partition, offset);
    return rows;
  }

  private void append(List<Row> rows) {
    StructType schema = Bronze.schema();
    Dataset<Row> batch = spark.createDataFrame(rows, schema).coalesce(1);
    bronze.append(batch, new Transaction(TRANSACTION, batches++));
  }
}
