package assay.ingestion;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Transaction;
import assay.core.contract.Contract;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Why offsets are missing in bronze. What Kafka had removed is recorded when ingestion finds it
 * out, since nobody can tell later. All else that Kafka's connector passes over is no record that a
 * consumer gets: it ends with an error where one is missing for another reason.
 */
public final class BronzeGaps {
  private static final StructType SCHEMA =
      new StructType()
          .add("partition", IntegerType)
          .add("first_offset", LongType)
          .add("last_offset", LongType)
          .add("cause", StringType)
          .add("recorded_at", TimestampType);

  private final SparkSession spark;
  private final LakeTable table;
  private final LakeTable bronze;

  public BronzeGaps(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.table = new LakeTable(spark, lake.bronzeGaps(contract.domain()));
    this.bronze = new LakeTable(spark, lake.bronze(contract.domain()));
  }

  /** What was recorded, by partition and offset. */
  public List<Gap> recorded() {
    if (!table.exists()) {
      return List.of();
    }
    return table.read().orderBy(col("partition"), col("first_offset")).collectAsList().stream()
        .map(
            row ->
                new Gap(
                    new OffsetRange(row.getInt(0), row.getLong(1), row.getLong(2)),
                    Gap.Cause.of(row.getString(3))))
        .toList();
  }

  /** Why offsets between two records of bronze are missing that were not recorded. */
  public Gap.Cause between() {
    return bronze
        .property(Bronze.CLEANUP_POLICY)
        .map(policy -> policy.contains("compact") ? Gap.Cause.COMPACTION : Gap.Cause.TRANSACTION)
        .orElse(Gap.Cause.UNKNOWN);
  }

  /** Records offsets that retention removed. */
  void record(List<OffsetRange> removed, Instant now) {
    table.createOrExtend(SCHEMA, List.of());
    List<Row> rows =
        removed.stream()
            .map(
                range ->
                    RowFactory.create(
                        range.partition(),
                        range.first(),
                        range.last(),
                        Gap.Cause.RETENTION.label(),
                        now.truncatedTo(ChronoUnit.MICROS)))
            .toList();
    // Two runs that find the same out at the same time record it once.
    table.append(
        spark.createDataFrame(rows, SCHEMA).coalesce(1),
        new Transaction("assay.ingestion.gaps", table.version()));
  }
}
