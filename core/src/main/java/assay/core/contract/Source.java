package assay.core.contract;

/** Where a domain's events come from: one Kafka topic, one encoding. */
public record Source(String topic, Format format) {
  /** The encoding of a Kafka value. */
  public enum Format {
    /** One JSON object a record. */
    JSON,
    /**
     * Debezium's change events: creates, updates, deletes and truncates, and Kafka's tombstones.
     */
    DEBEZIUM
  }
}
