package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import assay.silver.Silver;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;

/**
 * One of a domain's live queries, of which there is another each time the views are built anew. The
 * numbers of its micro-batches, as they stand in the tables, are those of no other, so that the
 * rows of two can stand beside each other in the tables that the views share.
 *
 * @param number 0 for the first, one more for each that followed
 */
record Generation(long number) {
  /** More micro-batches than a query lives to see. */
  private static final int BITS = 32;

  /** The generation of a micro-batch's number; the first where there is none. */
  static Generation of(OptionalLong batch) {
    return new Generation(batch.orElse(0) >> BITS);
  }

  /** The rows of the tables that the views share that belong to a view which ends with a batch. */
  static Column upTo(OptionalLong lastBatch) {
    return lastBatch.isEmpty()
        ? lit(false)
        : col(Silver.BATCH_ID).between(of(lastBatch).first(), lastBatch.getAsLong());
  }

  Generation next() {
    return new Generation(number + 1);
  }

  /** The number of its first micro-batch. */
  long first() {
    return number << BITS;
  }

  /** What its checkpoint is called. */
  String checkpointOf(String domain) {
    return number == 0 ? domain : domain + "-" + number;
  }
}
