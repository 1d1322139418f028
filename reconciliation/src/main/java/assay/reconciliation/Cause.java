package assay.reconciliation;

import java.util.Arrays;
import java.util.List;

/**
 * Why the two sides differ: why a row is in the number of one side and not in that of the other,
 * why it is in both as another, or that the live number is an estimate. The order is the one in
 * which causes are taken up when a value cannot be summed (a maximum, an average).
 */
public enum Cause {
  LATE,
  DUPLICATE,
  SUPERSEDED,
  QUARANTINED,

  /**
   * In both numbers, with other values looked up for it: it is taken out as one, put in as other.
   */
  ENRICHMENT,
  CUT,

  /** No row's cause: how far an estimate stands from the exact value of the rows it is made of. */
  SKETCH;

  /** Those that rows have, which can be listed. */
  public static final List<Cause> OF_ROWS =
      Arrays.stream(values()).filter(cause -> cause != SKETCH).toList();

  /** The other way round of {@link #label}. */
  static Cause of(String label) {
    return valueOf(label.toUpperCase(java.util.Locale.ROOT));
  }

  /** As it stands in tables and on the terminal. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
