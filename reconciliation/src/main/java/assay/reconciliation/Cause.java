package assay.reconciliation;

/**
 * Why a row is in the number of one side and not in that of the other. The order is the one in
 * which causes are taken up when a value cannot be summed (a maximum, an average).
 */
public enum Cause {
  LATE,
  DUPLICATE,
  SUPERSEDED,
  QUARANTINED,
  CUT;

  /** As it stands in tables and on the terminal. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
