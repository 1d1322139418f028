package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.when;

import assay.silver.EventParser;
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
 * The watermark of each bronze micro-batch: the highest event time in those before it, less the
 * allowed lateness. A function of bronze alone, wherever the live query cuts its own micro-batches.
 */
final class Watermarks {
  /** The bronze micro-batch, by its time of ingest. */
  static final String OF = "_watermark_of";

  static final String WATERMARK = "_watermark";

  private static final StructType SCHEMA =
      new StructType().add(OF, DataTypes.TimestampType).add(WATERMARK, DataTypes.TimestampType);

  private Watermarks() {}

  /**
   * One row for each bronze micro-batch of a live one: when it came, and its watermark.
   *
   * @param summary of the live micro-batch at hand, with the columns of {@link BronzeReads}
   * @param before what earlier live micro-batches read
   */
  static Dataset<Row> of(
      SparkSession spark, List<Row> summary, Dataset<Row> before, Duration lateness) {
    TreeMap<Instant, Optional<Instant>> highest = new TreeMap<>();
    for (Row row : summary) {
      put(highest, row.getAs(EventParser.INGESTED_AT), row.getAs(BronzeReads.MAX_EVENT_TIME));
    }
    if (highest.isEmpty()) {
      return spark.createDataFrame(List.of(), SCHEMA);
    }
    Instant first = highest.firstKey();
    Optional<Instant> running = Optional.empty();
    // All that came before the first one in one row; a bronze micro-batch that an earlier live one
    // read in part in a row of its own.
    for (Row row :
        before
            .groupBy(
                when(col(EventParser.INGESTED_AT).lt(lit(first)), lit(null))
                    .otherwise(col(EventParser.INGESTED_AT)))
            .agg(max(col(BronzeReads.MAX_EVENT_TIME)))
            .collectAsList()) {
      if (row.isNullAt(0)) {
        running = Optional.ofNullable(row.getInstant(1));
      } else {
        put(highest, row.getInstant(0), row.getInstant(1));
      }
    }
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<Instant, Optional<Instant>> batch : highest.entrySet()) {
      rows.add(RowFactory.create(batch.getKey(), running.map(r -> r.minus(lateness)).orElse(null)));
      running = later(running, batch.getValue());
    }
    return spark.createDataFrame(rows, SCHEMA);
  }

  private static void put(
      Map<Instant, Optional<Instant>> highest, Instant ingestedAt, Instant eventTime) {
    highest.merge(ingestedAt, Optional.ofNullable(eventTime), Watermarks::later);
  }

  private static Optional<Instant> later(Optional<Instant> a, Optional<Instant> b) {
    return a.isPresent() && (b.isEmpty() || a.get().isAfter(b.get())) ? a : b;
  }
}
