package assay.reconciliation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Transaction;
import assay.ingestion.Gap;
import assay.ingestion.OffsetRange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The ledgers by range of offsets. Each run adds what a path has read since the run before it, so
 * that none reads more of bronze than what is new. A range that does not add up is looked at again
 * by the next run.
 */
public final class LedgerTable {
  private static final StructType GAP =
      new StructType()
          .add("first_offset", LongType)
          .add("last_offset", LongType)
          .add("cause", StringType);

  static final StructType SCHEMA =
      new StructType()
          .add("domain", StringType)
          .add("path", StringType)
          .add("bronze_id", StringType)
          .add("bronze_version", LongType)
          .add("partition", IntegerType)
          .add("first_offset", LongType)
          .add("last_offset", LongType)
          .add("rows", LongType)
          .add("dispositions", DataTypes.createMapType(StringType, LongType))
          .add("gaps", DataTypes.createArrayType(GAP))
          .add("missing", DataTypes.createMapType(StringType, LongType))
          .add("unaccounted", LongType)
          .add("reconciled_at", TimestampType);

  private final SparkSession spark;
  private final LakeTable table;

  public LedgerTable(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.table = new LakeTable(spark, lake.reconciliation("ledger"));
  }

  public LakeTable table() {
    return table;
  }

  /**
   * What was reconciled before of one path and added up.
   *
   * @param bronzeId of the table that it was about
   */
  List<LedgerRange> known(String domain, String path, String bronzeId) {
    if (!table.exists()) {
      return List.of();
    }
    List<LedgerRange> ranges = new ArrayList<>();
    table
        .read()
        .where(col("domain").equalTo(domain).and(col("path").equalTo(path)))
        .where(col("bronze_id").equalTo(bronzeId).and(col("unaccounted").equalTo(0)))
        .collectAsList()
        .forEach(row -> ranges.add(range(row)));
    return ranges;
  }

  private static LedgerRange range(Row row) {
    int partition = row.<Integer>getAs("partition");
    List<Gap> gaps = new ArrayList<>();
    for (Row gap : row.<Row>getList(row.fieldIndex("gaps"))) {
      gaps.add(
          new Gap(
              new OffsetRange(partition, gap.getLong(0), gap.getLong(1)),
              Gap.Cause.of(gap.getString(2))));
    }
    return new LedgerRange(
        new OffsetRange(partition, row.<Long>getAs("first_offset"), row.<Long>getAs("last_offset")),
        row.<Long>getAs("rows"),
        Map.copyOf(row.<String, Long>getJavaMap(row.fieldIndex("dispositions"))),
        gaps,
        Map.copyOf(row.<String, Long>getJavaMap(row.fieldIndex("missing"))));
  }

  /**
   * Adds ranges of one path.
   *
   * @param unaccounted rows that do not have one disposition; with any the ranges are not known
   *     later
   */
  void append(
      String domain,
      String path,
      String bronzeId,
      long bronzeVersion,
      List<LedgerRange> ranges,
      long unaccounted,
      Instant now) {
    if (ranges.isEmpty()) {
      return;
    }
    table.createOrExtend(SCHEMA, List.of());
    // Two runs that found the same table add the same ranges, and one of them does.
    Transaction once = new Transaction("assay.ledger." + domain + "." + path, table.version());
    List<Row> rows =
        ranges.stream()
            .map(
                r ->
                    RowFactory.create(
                        domain,
                        path,
                        bronzeId,
                        bronzeVersion,
                        r.range().partition(),
                        r.range().first(),
                        r.range().last(),
                        r.rows(),
                        r.dispositions(),
                        r.gaps().stream().map(LedgerTable::row).toList(),
                        r.missing(),
                        unaccounted,
                        now))
            .toList();
    table.append(spark.createDataFrame(rows, SCHEMA).coalesce(1), once);
  }

  private static Row row(Gap gap) {
    return RowFactory.create(gap.range().first(), gap.range().last(), gap.cause().label());
  }
}
