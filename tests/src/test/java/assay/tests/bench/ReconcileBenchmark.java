package assay.tests.bench;

import static org.apache.spark.sql.functions.lit;

import assay.core.DayRange;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.testing.FlightsContract;
import assay.gold.GoldStage;
import assay.reconciliation.DayVerdict;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.silver.SilverStage;
import assay.views.live.LiveStage;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What it costs to reconcile a day of ten million events and 2,500 cells beside what gold of that
 * day costs, in CPU seconds of the process: a day on which both sides agree, and one on which ten
 * thousand rows are late, in a hundred of its cells.
 */
final class ReconcileBenchmark {
  private static final int ROUNDS = 5;
  private static final int BATCHES = 24;
  private static final LocalDate AGREED = LocalDate.of(2025, 1, 1);
  private static final LocalDate LATE = LocalDate.of(2025, 1, 2);
  private static final String GOLD = "gold of the day";
  private static final String EQUAL = "reconcile, both sides agree";
  private static final String ATTRIBUTED = "reconcile, late rows in 100 cells";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final long rows;
  private final long lateRows;
  private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

  ReconcileBenchmark(SparkSession spark, Path folder, double scale) {
    this.spark = spark;
    this.lake = new Lake(folder.resolve("lake").toString());
    MetricSet metrics =
        MetricSetBuilder.builder(FlightsContract.contract().metrics().get(0))
            .by(List.of("origin", "destination", "distance_miles"))
            .build();
    this.contract = FlightsContract.withMetrics(List.of(metrics));
    this.rows = Math.max(1, Math.round(10_000_000 * scale / BATCHES / 4)) * BATCHES * 4;
    this.lateRows = Math.max(100, Math.round(10_000 * scale / 100) * 100);
  }

  String run() {
    fill();
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
    gold(AGREED);
    for (int round = 0; round < ROUNDS; round++) {
      time(GOLD, () -> gold(AGREED));
      time(EQUAL, () -> require(reconcile(AGREED), "MATCH"));
      gold(LATE);
      time(ATTRIBUTED, () -> require(reconcile(LATE), "EXPLAINED"));
    }
    List<List<String>> table = new ArrayList<>();
    for (String what : List.of(GOLD, EQUAL, ATTRIBUTED)) {
      table.add(
          List.of(
              what,
              String.format(Locale.ROOT, "%.2f s", median(what)),
              String.format(Locale.ROOT, "%.1f %%", 100 * median(what) / median(GOLD))));
    }
    return "CPU of reconciling a day of %,d events, median of %d rounds%n%n"
            .formatted(rows, ROUNDS - 1)
        + Timings.markdown(List.of("", "CPU", "of gold"), table);
  }

  /** Two days of events in the order of their time, then some of the second that come late. */
  private void fill() {
    BronzeMaker bronze = new BronzeMaker(spark, lake.bronze(contract.domain()));
    long each = rows / BATCHES;
    long first = AGREED.toEpochDay() * 86_400;
    for (int batch = 0; batch < 2 * BATCHES; batch++) {
      bronze.ingest(
          BronzeMaker.flights(
              spark.range(each),
              "concat('flight-', %d + id)".formatted(batch * each),
              "%d + id %% 3600".formatted(first + batch * 3600L),
              "id % 240 - 30"),
          each);
    }
    Dataset<Row> late =
        BronzeMaker.flights(
                spark.range(lateRows),
                "concat('late-', id)",
                String.valueOf(first + 86_400),
                "id % 100")
            .withColumn("origin", lit("SEA"))
            .withColumn("destination", lit("BOS"))
            .selectExpr(
                "id",
                "flight_id",
                "scheduled_at",
                "delay_minutes",
                "CAST(200 + id % 100 * 20 AS INT) AS distance_miles",
                "origin",
                "destination");
    bronze.ingest(late, lateRows);
  }

  private void gold(LocalDate day) {
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
        .run(Optional.of(new DayRange(day, day)));
  }

  private Reconciliation reconcile(LocalDate day) {
    return new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
        .run(new ReconcileRequest(Optional.of(day), 0));
  }

  private static void require(Reconciliation result, String verdict) {
    for (DayVerdict day : result.days()) {
      if (!day.verdict().label().equals(verdict)) {
        throw new IllegalStateException(day + " is not " + verdict);
      }
    }
  }

  private void time(String what, Runnable work) {
    long begun = cpuNanos();
    work.run();
    double took = (cpuNanos() - begun) / 1e9;
    seconds.computeIfAbsent(what, w -> new ArrayList<>()).add(took);
    System.err.printf(Locale.ROOT, "  %s: %.2f s of CPU%n", what, took);
  }

  /** Of all threads of the process, collector and compiler included. */
  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** The first round warms up. */
  private double median(String what) {
    List<Double> warm = seconds.get(what).subList(1, ROUNDS).stream().sorted().toList();
    return (warm.get(warm.size() / 2 - 1) + warm.get(warm.size() / 2)) / 2;
  }
}
