package assay.reconciliation;

import java.time.LocalDate;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What to reconcile, and how much of it to hand back.
 *
 * @param day one day, or every day that either side holds
 * @param rows how many of the rows behind the largest differences to hand back, zero or more
 * @param at the version of bronze that neither side may have read beyond; the newest of all where
 *     it is empty
 * @param anew whether days are compared whose evidence stands, too; otherwise they are handed back
 *     as they were found. A day or a version that is asked for is compared in any case
 */
public record ReconcileRequest(Optional<LocalDate> day, int rows, OptionalLong at, boolean anew) {
  /** Every day, compared anew, and no rows. */
  public static final ReconcileRequest ALL = new ReconcileRequest(Optional.empty(), 0);

  /** Every day; compared are those that changed since, or whose evidence is not fit. */
  public static final ReconcileRequest CHANGED =
      new ReconcileRequest(Optional.empty(), 0, OptionalLong.empty(), false);

  /** At the newest versions, compared anew. */
  public ReconcileRequest(Optional<LocalDate> day, int rows) {
    this(day, rows, OptionalLong.empty(), true);
  }

  /** Compared anew. */
  public ReconcileRequest(Optional<LocalDate> day, int rows, OptionalLong at) {
    this(day, rows, at, true);
  }

  /** Whether evidence that stands is taken as it is. */
  boolean takesSettled() {
    return !anew && day.isEmpty() && at.isEmpty();
  }
}
