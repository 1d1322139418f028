package assay.tests.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.to_date;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.ContractReader;
import assay.core.contract.Definitions;
import assay.core.contract.ViewQuery;
import assay.views.materialized.MaterializedViews;
import assay.views.materialized.RefreshResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Refreshes of views over a table of ten million rows in a hundred days: in full, after one percent
 * new rows, and where nothing changed; beside the query itself, written to nowhere.
 */
final class ViewRefreshBenchmark {
  private static final int ROUNDS = 4;
  private static final int DAYS = 100;
  private static final String FIRST_DAY = "TIMESTAMP'2025-01-01 00:00:00'";
  private static final Instant AS_OF = Instant.parse("2025-04-10T12:00:00Z");

  private static final String BY_ROUTE =
      "SELECT event_date, origin, destination, count(*) AS flights, sum(delay_minutes) AS delay,"
          + " avg(delay_minutes) AS mean, max(delay_minutes) AS worst"
          + " FROM gold.route_day GROUP BY event_date, origin, destination";

  /** The second is the first in partitions, so that a refresh writes only those it touches. */
  private static final List<String> VIEWS =
      List.of(
          BY_ROUTE,
          "-- partition_by: event_date\n" + BY_ROUTE,
          "SELECT date_trunc('HOUR', scheduled_at) AS hour, count(*) AS flights,"
              + " sum(delay_minutes) AS delay FROM gold.route_day"
              + " WHERE scheduled_at >= :as_of - INTERVAL 30 DAYS AND scheduled_at < :as_of"
              + " GROUP BY date_trunc('HOUR', scheduled_at)");

  private final SparkSession spark;
  private final Path folder;
  private final long rows;

  ViewRefreshBenchmark(SparkSession spark, Path folder, double scale) {
    this.spark = spark;
    this.folder = folder;
    this.rows = Math.max(10_000, Math.round(10_000_000 * scale));
  }

  String run() throws IOException {
    Lake lake = new Lake(folder.resolve("lake").toString());
    LakeTable source = new LakeTable(spark, lake.gold("route_day"));
    Dataset<Row> all = rows("r", rows, "id % " + DAYS);
    source.createOrExtend(all.schema(), List.of("event_date"));
    source.append(all.repartitionByRange(8, col("event_date")), new Transaction("bench", 0));
    Definitions definitions = definitions();
    MaterializedViews views =
        new MaterializedViews(spark, lake, definitions, Clock.systemUTC(), Steps.SILENT);
    List<List<String>> table = new ArrayList<>();
    for (ViewQuery view : definitions.views()) {
      table.add(measure(source, views, view));
    }
    return "Refreshes of a view over %,d rows, median seconds of %d warm rounds%n%n"
            .formatted(rows, ROUNDS - 1)
        + Timings.markdown(
            List.of(
                "view", "query to nowhere", "full", "1 % new rows", "of full", "nothing changed"),
            table);
  }

  private List<String> measure(LakeTable source, MaterializedViews views, ViewQuery view) {
    Timings timings = new Timings();
    for (int round = 0; round < ROUNDS; round++) {
      timings.time(
          "query",
          () ->
              spark
                  .sql(
                      VIEWS
                          .get(view.name().charAt(1) - '0')
                          .replaceFirst("(?s)^--.*\n", "")
                          .replace("gold.route_day", "delta.`" + source.path() + "`")
                          .replace(":as_of", "TIMESTAMP'" + AS_OF + "'"))
                  .write()
                  .format("noop")
                  .mode("overwrite")
                  .save());
      timings.time("full", () -> expect(views.refresh(view, AS_OF, true), "full"));
      source.append(
          rows(view.name() + round, rows / 100, "" + (DAYS - 1)).coalesce(2),
          new Transaction("bench." + view.name(), round));
      timings.time("1 %", () -> expect(views.refresh(view, AS_OF, false), "additive"));
      timings.time("nothing", () -> expect(views.refresh(view, AS_OF, false), "none"));
    }
    double full = timings.median("full");
    double some = timings.median("1 %");
    return List.of(
        view.name(),
        seconds(timings.median("query")),
        seconds(full),
        seconds(some),
        String.format(Locale.ROOT, "%.1f %%", 100 * some / full),
        String.format(Locale.ROOT, "%.4f", timings.median("nothing")));
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds);
  }

  /** What is compared does what it is called. */
  private static void expect(RefreshResult result, String strategy) {
    if (!result.plan().strategy().word().equals(strategy)) {
      throw new IllegalStateException("no " + strategy + " refresh, but " + result.plan());
    }
  }

  private Dataset<Row> rows(String name, long count, String day) {
    return spark
        .range(count)
        .selectExpr(
            "concat('" + name + "', id) AS flight_id",
            FIRST_DAY
                + " + make_dt_interval(CAST("
                + day
                + " AS INT), 0, CAST(hash(id) % 720 + 720 AS INT)) AS scheduled_at",
            "CAST(hash(id, 1) % 120 AS INT) AS delay_minutes",
            "concat('O', pmod(hash(id, 2), 20)) AS origin",
            "concat('D', pmod(hash(id, 3), 20)) AS destination")
        .withColumn("event_date", to_date(col("scheduled_at")));
  }

  private Definitions definitions() throws IOException {
    Path contracts = Files.createDirectories(folder.resolve("contracts").resolve("views"));
    Files.copy(
        Path.of(System.getProperty("assay.root", ".."), "examples", "flights", "contract.yaml"),
        folder.resolve("contracts").resolve("flights.yaml"));
    for (int i = 0; i < VIEWS.size(); i++) {
      Files.writeString(contracts.resolve("v" + i + ".sql"), "-- every: 1 minute\n" + VIEWS.get(i));
    }
    return ContractReader.readDefinitions(folder.resolve("contracts"));
  }
}
