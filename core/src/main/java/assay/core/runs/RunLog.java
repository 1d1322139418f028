package assay.core.runs;

import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;
import static org.apache.spark.sql.types.DataTypes.createMapType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Transaction;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The table {@code ops/runs}: one row a run, partitioned by the day on which it began, UTC. */
public final class RunLog {
  static final StructType SCHEMA =
      new StructType()
          .add("run_id", StringType)
          .add("stage", StringType)
          .add("domain", StringType)
          .add("range", StringType)
          .add("started_at", TimestampType)
          .add("seconds", DoubleType)
          .add("outcome", StringType)
          .add("rows", createMapType(StringType, LongType))
          .add("versions", createMapType(StringType, LongType))
          .add("bytes_read", LongType)
          .add("bytes_written", LongType)
          .add("error", StringType)
          .add("run_date", DateType);

  private final SparkSession spark;
  private final LakeTable table;

  public RunLog(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.table = new LakeTable(spark, lake.runs());
  }

  /** Adds a run, once for its id. */
  public void append(RunRecord run) {
    table.createOrExtend(SCHEMA, List.of("run_date"));
    Row row =
        RowFactory.create(
            run.id(),
            run.stage(),
            run.domain(),
            run.range().orElse(null),
            run.startedAt().truncatedTo(ChronoUnit.MICROS),
            run.took().toMillis() / 1000.0,
            run.outcome(),
            run.rows(),
            run.versions(),
            run.bytesRead(),
            run.bytesWritten(),
            run.error().orElse(null),
            LocalDate.ofInstant(run.startedAt(), ZoneOffset.UTC));
    table.append(
        spark.createDataFrame(List.of(row), SCHEMA).coalesce(1),
        new Transaction("assay.runs." + run.id(), 0));
  }
}
