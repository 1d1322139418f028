package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.when;
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
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
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

  /** Where bronze stood before a micro-batch of its own, see {@link #clock}. */
  public static final String CLOCK = "_clock";

  private static final String HIGHEST = "_highest";

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
   * By time of ingest of a bronze micro-batch, the highest event time in those before it, as {@link
   * #CLOCK}, which less the allowed lateness is its watermark; NULL for the first.
   *
   * @param lastBatch up to which the live query's micro-batches are known
   * @param from the time of ingest to begin with
   */
  public Dataset<Row> clock(OptionalLong lastBatch, Instant from) {
    // All that came before is one row, so that what is ordered does not grow with the lake.
    Column at =
        when(col(EventParser.INGESTED_AT).lt(lit(from)), lit(Instant.EPOCH))
            .otherwise(col(EventParser.INGESTED_AT));
    WindowSpec before =
        Window.orderBy(EventParser.INGESTED_AT).rowsBetween(Window.unboundedPreceding(), -1);
    return upTo(lastBatch)
        .groupBy(at.as(EventParser.INGESTED_AT))
        .agg(max(col(MAX_EVENT_TIME)).as(HIGHEST))
        .select(col(EventParser.INGESTED_AT), max(col(HIGHEST)).over(before).as(CLOCK));
  }

  /** The highest event time in micro-batches up to {@code lastBatch}; empty where none has one. */
  public Optional<Instant> highestEventTime(OptionalLong lastBatch) {
    return Optional.ofNullable(upTo(lastBatch).agg(max(col(MAX_EVENT_TIME))).head().getInstant(0));
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
