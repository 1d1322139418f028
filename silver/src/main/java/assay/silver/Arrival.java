package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.time.Instant;
import org.apache.spark.sql.Column;

/** Where a row stands in the order of bronze: by micro-batch, then partition, then offset. */
record Arrival(Instant ingestedAt, int partition, long offset) {

  /** Whether a row of a parsed dataset came after this one. */
  Column isBefore() {
    Column at = col(EventParser.INGESTED_AT);
    Column of = col(EventParser.PARTITION);
    return at.gt(lit(ingestedAt))
        .or(
            at.equalTo(lit(ingestedAt))
                .and(
                    of.gt(partition)
                        .or(of.equalTo(partition).and(col(EventParser.OFFSET).gt(offset)))));
  }
}
