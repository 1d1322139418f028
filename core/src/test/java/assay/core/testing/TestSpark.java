package assay.core.testing;

import assay.core.SparkSessions;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** The session that the command opens, on two cores: one engine a JVM for all tests. */
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

  /** Streaming queries of one session have names of their own, and classes run at once. */
  private static final ThreadLocal<SparkSession> OF_THREAD =
      ThreadLocal.withInitial(SESSION::newSession);

  private TestSpark() {}

  /** The same for all tests of a class, and the one that the engine takes its settings from. */
  public static SparkSession session() {
    SparkSession session = OF_THREAD.get();
    SparkSession.setActiveSession(session);
    return session;
  }
}
