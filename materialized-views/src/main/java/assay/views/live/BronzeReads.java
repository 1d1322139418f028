package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.LakeTable;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.silver.Cut;
import assay.silver.EventParser;
import assay.silver.Silver;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/**
 * What each micro-batch of the live query read from bronze: a few rows a micro-batch, written
 * before its data. Together with the micro-batch's number that stands in a data table's own commits
 * it tells, for any version of that table, up to which offsets the table has read.
 */
public final class BronzeReads {
  public static final String ROWS = "rows";
  public static final String LAST_OFFSET = "last_offset";
  public static final String MAX_EVENT_TIME = "max_event_time";

  /** The version of the reference table that each look-up of the contract read, by its name. */
  public static final String REFERENCE_VERSIONS = "reference_versions";

  private static final MapType VERSIONS = DataTypes.createMapType(StringType, LongType);

  /** One row for each micro-batch, bronze micro-batch in it and Kafka partition. */
  public static final StructType SCHEMA =
      new StructType()
          .add(Silver.BATCH_ID, LongType)
          .add(EventParser.INGESTED_AT, TimestampType)
          .add(EventParser.PARTITION, IntegerType)
          .add(LAST_OFFSET, LongType)
          .add(ROWS, LongType)
          .add(MAX_EVENT_TIME, TimestampType)
          .add(REFERENCE_VERSIONS, VERSIONS);

  private final LakeTable table;

  public BronzeReads(LakeTable table) {
    this.table = table;
  }

  public LakeTable table() {
    return table;
  }

  /** What {@link #REFERENCE_VERSIONS} says of a micro-batch; empty where it looked nothing up. */
  public Map<String, Long> referenceVersions(long batchId) {
    return table
        .read()
        .where(col(Silver.BATCH_ID).equalTo(batchId).and(col(REFERENCE_VERSIONS).isNotNull()))
        .select(REFERENCE_VERSIONS)
        .limit(1)
        .collectAsList()
        .stream()
        .findFirst()
        .map(row -> Map.copyOf(row.<String, Long>getJavaMap(0)))
        .orElse(Map.of());
  }

  /**
   * The versions that a micro-batch began to read with; empty where it was not begun before. Some
   * of its rows may stand in tables already, and must not be judged in another way.
   */
  Map<String, Long> versionsOfBegun(Contract contract, Transaction transaction) {
    boolean begun =
        !contract.enrich().isEmpty()
            && table.lastTransaction(transaction.appId()).orElse(-1) >= transaction.version();
    return begun ? referenceVersions(transaction.version()) : Map.of();
  }

  public void append(Dataset<Row> summary, Transaction transaction) {
    table.append(summary, transaction);
  }

  /** The rows of micro-batches up to {@code lastBatch}, inclusive; none where it is empty. */
  public Dataset<Row> upTo(OptionalLong lastBatch) {
    return table.read().where(Generation.upTo(lastBatch));
  }

  /**
   * Up to which offset of each Kafka partition the micro-batches up to {@code lastBatch} read.
   * Bronze keeps one file a partition and micro-batch, and they are read in order, so that
   * everything up to there was read and nothing behind it.
   */
  public Cut cut(OptionalLong lastBatch) {
    Map<Integer, Long> offsets = new TreeMap<>();
    upTo(lastBatch)
        .groupBy(col(EventParser.PARTITION))
        .agg(max(col(LAST_OFFSET)))
        .collectAsList()
        .forEach(row -> offsets.put(row.getInt(0), row.getLong(1)));
    return new Cut(offsets);
  }
}
