package assay.cli.demo;

import java.util.Objects;
import java.util.Optional;

/**
 * One record that the demo produces.
 *
 * @param key the Kafka key, a flight's id, so that all records of a flight stand in one partition
 * @param value the Kafka value as UTF-8 text; empty for a record whose value is null
 */
public record DemoRecord(Kind kind, String key, Optional<String> value) {
  /** What the demo made the record for. */
  public enum Kind {
    /** A real flight as it is in the file. */
    FLIGHT,
    /** A real flight once more, to the byte. */
    REPEAT,
    /** A real flight with another delay, after the first report of it. */
    CORRECTION,
    /** The first half of a real flight's JSON. */
    MALFORMED,
    /** A flight from no airport: fails {@code airport_codes}. */
    FAILED_RULE,
    /** A flight from no airport, weeks late: fails {@code airport_codes} and {@code sane_delay}. */
    FAILED_BOTH_RULES,
    /** A flight whose delay is a word. */
    WRONG_TYPE,
    /** A flight without a destination. */
    MISSING_REQUIRED,
    /** A flight's key with a null value. */
    NULL_VALUE
  }

  public DemoRecord {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
  }
}
