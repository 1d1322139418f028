package assay.tests.bench;

import assay.core.SparkSessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * Measures and prints Markdown to standard output; how it goes is told on standard error. No time
 * fails it; a replay whose proof fails does.
 *
 * <p>Arguments: one of the names below or {@code all}, and by how much the number of rows is
 * scaled, 1 for the ones that the README speaks of.
 */
public final class Benchmarks {
  private static final List<String> ALL =
      List.of("silver", "bronze-to-silver", "live", "freshness", "views", "reconcile", "replay");

  private Benchmarks() {}

  public static void main(String[] args) throws IOException {
    List<String> names = args[0].equals("all") ? ALL : List.of(args[0]);
    double scale = Double.parseDouble(args[1]);
    // The session that the command opens, on as many cores as the README's numbers are of.
    SparkSession spark = SparkSessions.open("benchmarks", Map.of("spark.master", "local[2]"));
    for (String name : names) {
      Path folder = Files.createTempDirectory("assay-bench");
      try {
        System.out.println(run(name, spark, folder, scale));
      } finally {
        FileUtils.deleteDirectory(folder.toFile());
      }
    }
    spark.stop();
  }

  private static String run(String name, SparkSession spark, Path folder, double scale)
      throws IOException {
    return switch (name) {
      case "silver" -> new SilverScaleBenchmark(spark, folder, scale).run();
      case "bronze-to-silver" -> new BronzeToSilverBenchmark(spark, folder, scale).run();
      case "views" -> new ViewRefreshBenchmark(spark, folder, scale).run();
      case "freshness" -> new FreshnessBenchmark(spark, folder, scale).run();
      case "reconcile" -> new ReconcileBenchmark(spark, folder, scale).run();
      case "live" -> new LiveViewsBenchmark(spark, folder, scale).run();
      case "replay" -> new ReplayBenchmark(spark, folder, scale).run();
      default -> throw new IllegalArgumentException("no benchmark " + name + "; there are " + ALL);
    };
  }
}
