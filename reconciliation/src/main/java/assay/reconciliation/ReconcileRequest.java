package assay.reconciliation;

import java.time.LocalDate;
import java.util.Optional;

/**
 * What to reconcile, and how much of it to hand back.
 *
 * @param day one day, or every day that either side holds
 * @param rows how many of the rows behind the largest differences to hand back, zero or more
 */
public record ReconcileRequest(Optional<LocalDate> day, int rows) {
  /** Every day, and no rows. */
  public static final ReconcileRequest ALL = new ReconcileRequest(Optional.empty(), 0);
}
