package assay.silver;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import java.time.Instant;
import org.apache.spark.sql.Column;

/** Where a row stands in the order of bronze: by micro-batch, then partition, then offset. */
record Arrival(Instant ingestedAt, int partition, long offset) {

  /** A struct that compares as arrivals do. */
  Column literal() {
    return struct(
        lit(ingestedAt).as(EventParser.INGESTED_AT),
        lit(partition).as(EventParser.PARTITION),
        lit(offset).as(EventParser.OFFSET));
  }
}
