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
              "spark.sql.warehouse.dir",
              System.getProperty("java.io.tmpdir") + "/assay-warehouse"));

  private TestSpark() {}

  public static SparkSession session() {
    return SESSION;
  }
}
