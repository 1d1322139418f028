package assay.views.live;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The highest event time that bronze had reached, at one point of bronze. The watermark of a bronze
 * micro-batch is the highest event time in those before it, less the allowed lateness: a function
 * of bronze alone, wherever the live query cuts its own micro-batches.
 *
 * @param before the highest event time in the bronze micro-batches before {@code at}
 * @param at the time of ingest of a bronze micro-batch, which may have been read in part
 * @param within the highest event time of what was read of that one
 */
record BronzeClock(Optional<Instant> before, Instant at, Optional<Instant> within) {
  /** The bronze micro-batch that a watermark is of, by its time of ingest. */
  static final String OF = "_watermark_of";

  static final String WATERMARK = "_watermark";

  private static final StructType SCHEMA =
      new StructType().add(OF, DataTypes.TimestampType).add(WATERMARK, DataTypes.TimestampType);

  /**
   * The clock behind more bronze micro-batches.
   *
   * @param highest event time by time of ingest, none before {@link #at}; not empty
   */
  BronzeClock behind(TreeMap<Instant, Optional<Instant>> highest) {
    BronzeClock clock = this;
    for (Map.Entry<Instant, Optional<Instant>> batch : highest.entrySet()) {
      clock = clock.behind(batch.getKey(), batch.getValue());
    }
    return clock;
  }

  private BronzeClock behind(Instant ingestedAt, Optional<Instant> eventTime) {
    return ingestedAt.equals(at)
        ? new BronzeClock(before, at, later(within, eventTime))
        : new BronzeClock(later(before, within), ingestedAt, eventTime);
  }

  /** The watermark of each of some bronze micro-batches; empty for one that has none. */
  TreeMap<Instant, Optional<Instant>> watermarks(
      TreeMap<Instant, Optional<Instant>> highest, Duration lateness) {
    TreeMap<Instant, Optional<Instant>> watermarks = new TreeMap<>();
    BronzeClock clock = this;
    for (Map.Entry<Instant, Optional<Instant>> batch : highest.entrySet()) {
      clock = clock.behind(batch.getKey(), batch.getValue());
      watermarks.put(batch.getKey(), clock.before.map(time -> time.minus(lateness)));
    }
    return watermarks;
  }

  /** Watermarks as rows of {@link #OF} and {@link #WATERMARK}. */
  static Dataset<Row> rows(SparkSession spark, Map<Instant, Optional<Instant>> watermarks) {
    List<Row> rows = new ArrayList<>();
    watermarks.forEach((at, mark) -> rows.add(RowFactory.create(at, mark.orElse(null))));
    return spark.createDataFrame(rows, SCHEMA);
  }

  static Optional<Instant> later(Optional<Instant> a, Optional<Instant> b) {
    return a.isPresent() && (b.isEmpty() || a.get().isAfter(b.get())) ? a : b;
  }
}
