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
 */
public record ReconcileRequest(Optional<LocalDate> day, int rows, OptionalLong at) {
  /** Every day, and no rows. */
  public static final ReconcileRequest ALL = new ReconcileRequest(Optional.empty(), 0);

  /** At the newest versions. */
  public ReconcileRequest(Optional<LocalDate> day, int rows) {
    this(day, rows, OptionalLong.empty());
  }
}
