package assay.tests.bench;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Live;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.testing.FlightsContract;
import assay.views.live.LiveStage;
import assay.views.live.LiveView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;

/**
 * Micro-batches of 50,000 events, ten seconds apart, from bronze into one live view and into five,
 * by one query each time: what five cost beside one, event by event.
 */
final class LiveViewsBenchmark {
  private static final int BATCHES = 14;

  /** The first ones compile the plans. */
  private static final int WARM_UP = 4;

  private static final Live LIVE =
      new Live(Duration.ofSeconds(2), Duration.ofMinutes(5), Duration.ofMinutes(1));

  private final SparkSession spark;
  private final Path folder;
  private final long rows;

  LiveViewsBenchmark(SparkSession spark, Path folder, double scale) {
    this.spark = spark;
    this.folder = folder;
    this.rows = Math.max(1, Math.round(50_000 * scale / 4)) * 4;
  }

  String run() throws IOException {
    List<List<String>> table = new ArrayList<>();
    double one = 0;
    for (int round = 0; round < 2; round++) {
      for (int views : List.of(1, 5)) {
        double seconds = median(secondsOfBatches(views, "round-" + round + "-" + views));
        System.err.printf(Locale.ROOT, "  %d views: %.2f s a micro-batch%n", views, seconds);
        one = views == 1 ? seconds : one;
        table.add(
            List.of(
                round + 1 + "",
                views + "",
                String.format(Locale.ROOT, "%.2f s", seconds),
                String.format(Locale.ROOT, "%.1f µs", seconds / rows * 1e6),
                String.format(Locale.ROOT, "%.2f", seconds / one)));
      }
    }
    return "Micro-batches of %,d events from bronze into live views%n%n".formatted(rows)
        + Timings.markdown(
            List.of("round", "views", "a micro-batch, median", "an event", "of one view"), table);
  }

  private List<Double> secondsOfBatches(int views, String name) throws IOException {
    Contract contract = FlightsContract.withMetrics(metricSets().subList(0, views));
    Lake lake = new Lake(folder.resolve(name).toString());
    BronzeMaker bronze =
        new BronzeMaker(spark, lake.bronze(contract.domain()), Duration.ofSeconds(10));
    bronze.ingest(flights(0), rows);
    StreamingQuery query = new LiveStage(spark, lake, contract, Steps.SILENT).start();
    List<Double> seconds = new ArrayList<>();
    try {
      for (int batch = 1; batch < BATCHES; batch++) {
        query.processAllAvailable();
        bronze.ingest(flights(batch), rows);
      }
      query.processAllAvailable();
      Stream.of(query.recentProgress())
          .filter(progress -> progress.numInputRows() > 0)
          .skip(WARM_UP)
          .forEach(p -> seconds.add(p.durationMs().get("addBatch") / 1e3));
      query.stop();
    } catch (TimeoutException e) {
      throw new IllegalStateException("the live query did not stop", e);
    }
    for (MetricSet metrics : contract.metrics()) {
      long counted = LiveView.rows(new LiveView(spark, lake, contract, metrics).table().read());
      if (counted != BATCHES * rows) {
        throw new IllegalStateException(metrics.name() + " holds " + counted + " rows");
      }
    }
    FileUtils.deleteDirectory(Path.of(lake.root()).toFile());
    return seconds;
  }

  /** Ten seconds of events over some thousand cells of five minutes, each key once. */
  private Dataset<Row> flights(int batch) {
    return BronzeMaker.flights(
        spark.range(rows),
        "concat('flight-', %d + id)".formatted(batch * rows),
        "1735689600 + %d * 10 + id %% 10".formatted(batch),
        "id % 240 - 30");
  }

  /** Five of them, with cells of five minutes. */
  static List<MetricSet> metricSets() {
    return List.of(
        metrics("route_day", "origin", "destination"),
        metrics("origin_day", "origin"),
        metrics("destination_day", "destination"),
        metrics("distance_day", "distance_miles"),
        metrics("all_day"));
  }

  private static MetricSet metrics(String name, String... by) {
    return MetricSetBuilder.builder()
        .name(name)
        .by(List.of(by))
        .measures(
            List.of(
                new Measure.Count("flights", Optional.empty()),
                new Measure.Sum("delay_minutes", "delay_minutes"),
                new Measure.Max("worst_delay", "delay_minutes"),
                new Measure.Avg("avg_delay", "delay_minutes")))
        .live(Optional.of(LIVE))
        .build();
  }

  private static double median(List<Double> seconds) {
    return seconds.stream().sorted().toList().get(seconds.size() / 2);
  }
}
