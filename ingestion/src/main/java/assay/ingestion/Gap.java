package assay.ingestion;

import java.util.Locale;

/** Offsets that lie between records of bronze, or before the first, and have none. */
public record Gap(OffsetRange range, Cause cause) {

  /** Why there is no record. */
  public enum Cause {
    /** Markers of transactions, and records of transactions that were given up. */
    TRANSACTION,

    /** The topic keeps the last record of a key only; or a marker of a transaction. */
    COMPACTION,

    /** Kafka had removed the records before they were read. */
    RETENTION,

    /** One of the first two: what the topic's cleanup policy is was never told. */
    UNKNOWN;

    /** The other way round of {@link #label}. */
    public static Cause of(String label) {
      return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** As it stands in tables and on the terminal. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
