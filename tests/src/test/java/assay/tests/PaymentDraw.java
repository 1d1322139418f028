package assay.tests;

/**
 * What is drawn of a record; each value is ready to stand in JSON.
 *
 * @param key one of the few of its group
 * @param day of the event time
 * @param wrapped whether change data capture wraps key and value with their schemas
 */
record PaymentDraw(
    Shape shape,
    int key,
    int day,
    String revision,
    String amount,
    String kind,
    String note,
    boolean wrapped) {

  /** Those from {@link #DELETE} on are of change data capture. */
  enum Shape {
    UPSERT,

    /** The key's last upsert once more. */
    REPEAT,

    /** Ends in the middle. */
    BROKEN,

    /** Lacks a required column. */
    INCOMPLETE,

    /** No value, and no key. */
    EMPTY,

    DELETE,

    /** The image before the delete holds the key and nothing else. */
    DELETE_BY_KEY_IMAGE,

    /** There is no image: Kafka's key names the row. */
    DELETE_WITHOUT_IMAGE,

    /** A key without a value. */
    TOMBSTONE,

    /** Says neither of change nor of delete. */
    MESSAGE
  }
}
