package assay.ingestion;

import java.util.Optional;
import org.apache.spark.sql.Column;

/**
 * Offsets of one Kafka partition that follow each other.
 *
 * @param first inclusive
 * @param last inclusive, not before {@code first}
 */
public record OffsetRange(int partition, long first, long last) {
  public OffsetRange {
    if (last < first) {
      throw new IllegalArgumentException(
          "offsets " + first + " to " + last + " of partition " + partition + " are none");
    }
  }

  /** How many offsets these are. */
  public long size() {
    return last - first + 1;
  }

  /** Said in comparisons with literals, so that files whose statistics rule it out stay closed. */
  public Column contains(Column ofPartition, Column offset) {
    return ofPartition.equalTo(partition).and(offset.between(first, last));
  }

  /** What both hold; empty where that is nothing. */
  public Optional<OffsetRange> intersect(OffsetRange other) {
    long from = Math.max(first, other.first);
    long to = Math.min(last, other.last);
    return partition == other.partition && from <= to
        ? Optional.of(new OffsetRange(partition, from, to))
        : Optional.empty();
  }

  /** For people: {@code partition 0, offsets 12-15}. */
  @Override
  public String toString() {
    return first == last
        ? "partition " + partition + ", offset " + first
        : "partition " + partition + ", offsets " + first + "-" + last;
  }
}
