package assay.core.testing;

import assay.core.Lake;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** A table to look things up in, as a job that is not Assay's may write it. */
public final class ReferenceTable {
  private ReferenceTable() {}

  /** {@code silver.airports}, made or replaced, with rows such as {@code ('SEA', 'Seattle', 3)}. */
  public static void airports(SparkSession spark, Lake lake, String... rows) {
    overwrite(
        spark,
        lake.silver("airports"),
        "SELECT * FROM VALUES " + String.join(", ", rows) + " AS t(code, city, runways)");
  }

  /** Makes or replaces a table by the result of a query. */
  public static void overwrite(SparkSession spark, String path, String query) {
    spark
        .sql(query)
        .write()
        .format("delta")
        .mode(SaveMode.Overwrite)
        .option("overwriteSchema", "true")
        .save(path);
  }
}
