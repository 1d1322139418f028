package assay.core.testing;

import assay.core.SparkSessions;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** One session a JVM for all tests: the one that the command opens, on two cores. */
public final class TestSpark {
  private static final SparkSession SESSION =
      SparkSessions.open(
          "tests",
          Map.of(
              "spark.master",
              "local[2]",
              // A dozen rows are one task's work.
              "spark.sql.shuffle.partitions",
              "1",
              // Compiling a plan takes longer than a dozen rows through it.
              "spark.sql.codegen.wholeStage",
              "false",
              "spark.sql.codegen.factoryMode",
              "NO_CODEGEN",
              "spark.sql.adaptive.enabled",
              "false",
              "spark.databricks.delta.snapshotPartitions",
              "1",
              "spark.sql.warehouse.dir",
              System.getProperty("java.io.tmpdir") + "/assay-warehouse"));

  private TestSpark() {}

  public static SparkSession session() {
    return SESSION;
  }
}
