package assay.silver;

import static org.apache.spark.sql.functions.lit;

import assay.core.AssayException;
import java.time.Duration;
import java.time.Instant;
import org.apache.spark.sql.Column;

/**
 * A span of time in which rows came to bronze.
 *
 * @param from inclusive
 * @param to exclusive, after {@code from}
 */
public record IngestRange(Instant from, Instant to) {
  /** As far as the engine's timestamps reach. */
  private static final Instant END = Instant.parse("9999-12-31T23:59:59.999999Z");

  public IngestRange {
    if (!from.isBefore(to)) {
      throw AssayException.usage(
          "the time from " + from + " to " + to + " ends before it begins",
          "give the earlier time first");
    }
  }

  /** The hour that begins at {@code start}. */
  public static IngestRange hour(Instant start) {
    return new IngestRange(start, start.plus(Duration.ofHours(1)));
  }

  /** All that came at {@code from} or later. */
  public static IngestRange since(Instant from) {
    return new IngestRange(from, END);
  }

  /** Whether a time of ingest lies in it. */
  Column contains(Column ingestedAt) {
    return ingestedAt.geq(lit(from)).and(ingestedAt.lt(lit(to)));
  }

  @Override
  public String toString() {
    return to.equals(END) ? "since " + from : from + ".." + to;
  }
}
