package assay.core;

import assay.core.local.LocalDiskFileSystem;
import assay.core.local.LocalDiskFs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/** Opens the session that every stage runs in. */
public final class SparkSessions {
  private SparkSessions() {}

  /**
   * A session with the lake's root as its home. Settings of {@code assay.yaml} win over the
   * defaults, but for those that the tables depend on ({@link #FIXED}). Under {@code spark-submit},
   * what it was given wins over the defaults, and says alone where the driver runs.
   */
  public static SparkSession open(String appName, Map<String, String> settings) {
    SparkSession.Builder builder = SparkSession.builder().appName(appName);
    merge(settings, System.getProperties().stringPropertyNames()).forEach(builder::config);
    return builder.getOrCreate();
  }

  /**
   * What the builder is told.
   *
   * @param given names of the JVM's properties; {@code spark-submit} hands over what it was given
   *     in them, and the engine reads them by itself
   */
  static Map<String, String> merge(Map<String, String> settings, Set<String> given) {
    Map<String, String> merged = new TreeMap<>(defaults());
    merged.keySet().removeAll(given);
    merged.putAll(settings);
    if (given.contains("spark.master") || given.contains("spark.submit.deployMode")) {
      DRIVER_PLACE.forEach(merged::remove);
    }
    FIXED.forEach(
        (key, value) -> {
          String asked = settings.get(key);
          if (asked != null && !asked.equals(value)) {
            throw AssayException.usage(
                "spark setting " + key + " is " + asked + ", Assay's tables need " + value,
                "take it out of 'spark:' in assay.yaml");
          }
        });
    merged.putAll(FIXED);
    return merged;
  }

  /** A loopback address, which executors elsewhere would take for their own. */
  private static final List<String> DRIVER_PLACE =
      List.of("spark.master", "spark.driver.bindAddress", "spark.driver.host");

  /** What makes the same rows give the same bytes, and a lost commit answer harmless. */
  static final Map<String, String> FIXED =
      Map.of(
          "spark.sql.session.timeZone", "UTC",
          "spark.sql.ansi.enabled", "true",
          "spark.sql.datetime.java8API.enabled", "true",
          "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension",
          "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog",
          "spark.databricks.delta.commit.idempotencyCheck.enabled", "true");

  private static Map<String, String> defaults() {
    String cores = Integer.toString(Runtime.getRuntime().availableProcessors());
    Map<String, String> defaults = new TreeMap<>();
    defaults.put("spark.master", "local[*]");
    defaults.put("spark.driver.bindAddress", "127.0.0.1");
    defaults.put("spark.driver.host", "127.0.0.1");
    // The UI has no access control and lets anyone stop a job.
    defaults.put("spark.ui.enabled", "false");
    defaults.put("spark.ui.showConsoleProgress", "false");
    // Work that goes on at once shares the cores: a long refresh of a view delays no short one.
    defaults.put("spark.scheduler.mode", "FAIR");
    defaults.put("spark.sql.shuffle.partitions", cores);
    defaults.put("spark.databricks.delta.snapshotPartitions", cores);
    // Delta goes by the age of a version, not by how long ago another took its place: one that a
    // quiet table was read by for a week would be out of reach with the next commit. Its files are
    // there all the same, and what deletes them looks at the latter.
    defaults.put(
        "spark.databricks.delta.vacuum.enforceTimeTravelWithinDeletedFileRetentionDuration",
        "false");
    // The checksum that each commit leaves names the files of a table that has no more than these,
    // so that whoever reads or replaces them runs no job over the log. Each takes some 900 bytes
    // there, with every commit.
    defaults.put("spark.databricks.delta.allFilesInCrc.thresholdNumFiles", "200");
    // Where the clock of the machine is not in UTC, Delta would read the whole log once more at
    // each
    // commit to see whether times before 1883 came out right. Sessions are in UTC here.
    defaults.put(
        "spark.databricks.delta.allFilesInCrc.verificationMode.forceOnNonUTC.enabled", "false");
    // A micro-batch runs the same few hundred generated classes as the one before it. The default
    // keeps 100 of them, so that each is compiled again and again.
    defaults.put("spark.sql.codegen.cache.maxEntries", "5000");
    // What is kept of a micro-batch is read twice or three times and thrown away: to compress it
    // takes longer than it saves.
    defaults.put("spark.sql.inMemoryColumnarStorage.compressed", "false");
    defaults.put("spark.hadoop.fs.file.impl", LocalDiskFileSystem.class.getName());
    defaults.put("spark.hadoop.fs.AbstractFileSystem.file.impl", LocalDiskFs.class.getName());
    defaults.put("spark.sql.parquet.compression.codec", "zstd");
    defaults.put("spark.sql.catalogImplementation", "in-memory");
    defaults.put("spark.sql.streaming.metricsEnabled", "false");
    // Two are enough for a restart; the engine's default keeps a hundred small files a query.
    defaults.put("spark.sql.streaming.minBatchesToRetain", "10");
    defaults.put(
        "spark.redaction.regex",
        "(?i)secret|password|token|access[.]?key|jaas|keystore[.]key|encryption[.]key|account[.]key|credential");
    return defaults;
  }
}
