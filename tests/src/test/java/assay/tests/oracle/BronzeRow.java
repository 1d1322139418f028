package assay.tests.oracle;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * A Kafka record and the micro-batch that brought it.
 *
 * @param ingestedAt names the micro-batch
 * @param key Kafka's; empty for a record without one
 * @param value empty for a record without a value
 */
public record BronzeRow(
    int partition,
    long offset,
    Instant ingestedAt,
    Optional<ByteBuffer> key,
    Optional<ByteBuffer> value) {

  /** The order in which rows are judged. */
  public static final Comparator<BronzeRow> ORDER =
      Comparator.comparing(BronzeRow::ingestedAt)
          .thenComparing(BronzeRow::partition)
          .thenComparing(BronzeRow::offset);

  /** A record without a key. */
  public BronzeRow(int partition, long offset, Instant ingestedAt, Optional<ByteBuffer> value) {
    this(partition, offset, ingestedAt, Optional.empty(), value);
  }

  public Position position() {
    return new Position(partition, offset);
  }
}
