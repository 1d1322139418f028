package assay.core.contract;

/** Where a domain's events come from: one Kafka topic, one encoding. */
public record Source(String topic, Format format) {
  /** The encoding of a Kafka value. */
  public enum Format {
    /** One JSON object a record. */
    JSON,

    /** Changes of a database's rows as Debezium tells them, in JSON with or without schemas. */
    DEBEZIUM
  }

  /** Whether a record may take rows away, and not only put one in. */
  public boolean tellsDeletes() {
    return format == Format.DEBEZIUM;
  }
}
