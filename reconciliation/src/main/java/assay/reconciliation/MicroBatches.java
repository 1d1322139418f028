package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sum;

import assay.ingestion.OffsetRange;
import assay.reconciliation.Ledger.Finding;
import assay.silver.EventParser;
import assay.views.live.BronzeReads;
import assay.views.live.LiveView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Finds the micro-batches of bronze of which a live view holds more or fewer rows than it counted.
 * A view's partials know the micro-batch of their rows, and no row.
 */
final class MicroBatches {
  private static final String READ = "_read";
  private static final String ASIDE = "_aside";
  private static final String HELD = "_held";

  private MicroBatches() {}

  static List<Finding> find(Dataset<Row> reads, Dataset<Row> exceptions, Dataset<Row> partials) {
    Column at = col(EventParser.INGESTED_AT);
    Dataset<Row> read = reads.groupBy(at).agg(sum(col(BronzeReads.ROWS)).as(READ));
    Dataset<Row> aside = exceptions.groupBy(at).agg(count(lit(1)).as(ASIDE));
    Dataset<Row> held = partials.groupBy(at).agg(sum(col(LiveView.ROWS)).as(HELD));
    Column more = orNone(HELD).plus(orNone(ASIDE)).minus(orNone(READ));
    List<Finding> findings = new ArrayList<>();
    for (Row row :
        read.join(aside, EventParser.INGESTED_AT, "full_outer")
            .join(held, EventParser.INGESTED_AT, "full_outer")
            .where(more.notEqual(0))
            .select(at, more)
            .orderBy(at)
            .limit(Misplaced.SHOWN)
            .collectAsList()) {
      Instant ingestedAt = row.getInstant(0);
      long rows = row.getLong(1);
      findings.add(
          new Finding(
              where(reads, ingestedAt),
              Math.abs(rows),
              rows > 0
                  ? "%,d counted too often, or set aside as well".formatted(rows)
                  : "%,d without a disposition".formatted(-rows)));
    }
    return findings;
  }

  private static Column orNone(String column) {
    return coalesce(col(column), lit(0L));
  }

  /** The offsets that came in a micro-batch. */
  private static String where(Dataset<Row> reads, Instant ingestedAt) {
    Column partition = col(EventParser.PARTITION);
    List<String> ranges = new ArrayList<>();
    Dataset<Row> before =
        reads
            .where(col(EventParser.INGESTED_AT).lt(ingestedAt))
            .groupBy(partition)
            .agg(max(col(BronzeReads.LAST_OFFSET)).as("_before"));
    for (Row row :
        reads
            .where(col(EventParser.INGESTED_AT).equalTo(ingestedAt))
            .groupBy(partition)
            .agg(max(col(BronzeReads.LAST_OFFSET)).as("_last"))
            .join(before, EventParser.PARTITION, "left_outer")
            .orderBy(partition)
            .collectAsList()) {
      long first = row.isNullAt(2) ? 0 : row.getLong(2) + 1;
      ranges.add(new OffsetRange(row.getInt(0), first, row.getLong(1)).toString());
    }
    return ranges.isEmpty() ? "ingested at " + ingestedAt : String.join("; ", ranges);
  }
}
