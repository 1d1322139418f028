package assay.views.live;

import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * How long rows took from Kafka's timestamp to the commit that shows them, view by view: a row a
 * view and minute in {@code ops/freshness}, partitioned by day, UTC. Times are in milliseconds, two
 * digits of them count.
 */
public final class FreshnessLog {
  public static final StructType SCHEMA =
      new StructType()
          .add("domain", StringType)
          .add("view", StringType)
          .add("from", TimestampType)
          .add("to", TimestampType)
          .add("rows", LongType)
          .add("p50_ms", LongType)
          .add("p99_ms", LongType)
          .add("max_ms", LongType)
          .add("state_bytes", LongType)
          .add("error", StringType)
          .add("run_date", DateType);

  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final int DIGITS = 2;

  private final Lake lake;
  private final String domain;
  private final Map<String, Measured> measured = new TreeMap<>();
  private Instant since = Instant.now();

  /** The log of a domain's views. */
  FreshnessLog(Lake lake, String domain) {
    this.lake = lake;
    this.domain = domain;
  }

  private static final class Measured {
    private final Histogram latencies = new Histogram(DIGITS);
    private long stateBytes;
    private String error;
  }

  /**
   * Takes in what a commit made visible.
   *
   * @param ages of its rows, see {@link Arrivals#ages}
   * @param visible when it had landed
   * @param state bytes of memory that the query holds between micro-batches
   */
  synchronized void record(String view, Histogram ages, Instant visible, long state) {
    Measured of = measured.computeIfAbsent(view, name -> new Measured());
    long since = Math.max(0, visible.toEpochMilli() - ages.getStartTimeStamp());
    for (HistogramIterationValue value : ages.recordedValues()) {
      of.latencies.recordValueWithCount(
          value.getValueIteratedTo() + since, value.getCountAddedInThisIterationStep());
    }
    of.stateBytes = state;
    of.error = null;
  }

  /** Takes in that a view's circuit is open. */
  synchronized void failed(String view, Throwable cause) {
    measured.computeIfAbsent(view, name -> new Measured()).error = ViewBuild.why(cause);
  }

  /** Writes what was taken in, once a minute. */
  synchronized void flush(SparkSession spark, Instant now) {
    if (Duration.between(since, now).compareTo(EVERY) < 0 || measured.isEmpty()) {
      return;
    }
    List<Row> rows = new ArrayList<>();
    measured.forEach((view, of) -> rows.add(row(view, of, now)));
    LakeTable table = new LakeTable(spark, lake.freshness());
    table.createOrExtend(SCHEMA, List.of("run_date"));
    table.append(
        spark.createDataFrame(rows, SCHEMA).coalesce(1),
        new Transaction("assay.freshness." + domain, now.getEpochSecond()));
    measured.clear();
    since = now;
  }

  private Row row(String view, Measured of, Instant now) {
    boolean none = of.latencies.getTotalCount() == 0;
    return RowFactory.create(
        domain,
        view,
        since.truncatedTo(ChronoUnit.MICROS),
        now.truncatedTo(ChronoUnit.MICROS),
        of.latencies.getTotalCount(),
        none ? null : of.latencies.getValueAtPercentile(50),
        none ? null : of.latencies.getValueAtPercentile(99),
        none ? null : of.latencies.getMaxValue(),
        of.stateBytes,
        of.error,
        LocalDate.ofInstant(now, ZoneOffset.UTC));
  }
}
