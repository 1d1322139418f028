package assay.reconciliation;

/**
 * Why the two sides differ: why a row is in the number of one side and not in that of the other, or
 * that the live number is an estimate. The order is the one in which causes are taken up when a
 * value cannot be summed (a maximum, an average).
 */
public enum Cause {
  LATE,
  DUPLICATE,
  SUPERSEDED,
  QUARANTINED,
  CUT,

  /** No row's cause: how far an estimate stands from the exact value of the rows it is made of. */
  SKETCH;

  /** As it stands in tables and on the terminal. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
