package assay.core.rows;

import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows that are read once and used a few times, kept as they stand. {@link Dataset#persist} would
 * take them apart into columns with statistics, which takes as long as to read them from JSON. Rows
 * that an executor takes with it are read again.
 */
public final class KeptRows implements AutoCloseable {
  private final RDD<InternalRow> kept;
  private final Dataset<Row> rows;

  public KeptRows(Dataset<Row> read) {
    this.kept =
        read.queryExecution()
            .toRdd()
            .toJavaRDD()
            .map(InternalRow::copy)
            .persist(StorageLevel.MEMORY_AND_DISK())
            .rdd();
    org.apache.spark.sql.classic.SparkSession session =
        (org.apache.spark.sql.classic.SparkSession) read.sparkSession();
    this.rows = session.internalCreateDataFrame(kept, read.schema(), false);
  }

  public Dataset<Row> rows() {
    return rows;
  }

  @Override
  public void close() {
    kept.unpersist(false);
  }
}
