package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import assay.core.rows.SharedHashes;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which rows of a micro-batch may repeat another, and what they may repeat. Most rows of most
 * micro-batches are among none, and go past all sorting.
 *
 * @param fingerprints first halves of those that may; empty where it may be any
 * @param seen fingerprints of rows that came before and those may repeat
 * @param rows how many may, at most
 */
record Repeats(Optional<SharedHashes> fingerprints, Dataset<Row> seen, long rows)
    implements AutoCloseable {
  /** As many as one task sorts sooner than several that shuffle. */
  private static final long FEW = 100_000;

  /** Whether a row may. */
  Column possible() {
    return fingerprints
        .map(hashes -> hashes.holds(col(LiveTables.FINGERPRINT_A)))
        .orElse(lit(true));
  }

  boolean none() {
    return rows == 0;
  }

  boolean few() {
    return rows <= FEW;
  }

  @Override
  public void close() {
    fingerprints.ifPresent(SharedHashes::close);
  }
}
