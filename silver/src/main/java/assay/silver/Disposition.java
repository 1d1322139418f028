package assay.silver;

/**
 * What a path did with a row of bronze, as it stands in the tables; docs/dispositions.md defines
 * each.
 */
public final class Disposition {
  /** The column of the exceptions tables that holds it. */
  public static final String COLUMN = "disposition";

  /** Batch only: the row stands in silver. */
  public static final String LOADED = "loaded";

  /** Another row of its key won. */
  public static final String SUPERSEDED = "superseded";

  /** Live only: the row is in a view's partials. */
  public static final String COUNTED = "counted";

  /** Live only: behind the watermark of its micro-batch. */
  public static final String LATE = "late";

  /**
   * The row takes its key's row away, or all rows, instead of being one. On the batch path: and no
   * later row of the key has come. {@link EventParser#OPERATION} tells which.
   */
  public static final String DELETED = "deleted";

  public static final String DUPLICATE = "duplicate";
  public static final String QUARANTINED = "quarantined";

  /** The path has not read the row yet. */
  public static final String PENDING = "pending";

  private Disposition() {}
}
