package assay.reconciliation;

/** How far a comparison of a day went, from cheap to dear. Each rung can be the last. */
public enum Rung {
  /** Versions and cuts are known, and both sides were made under today's definitions. */
  VERSIONS,

  /** Both sides have the metric set's columns, in types that can be compared. */
  SCHEMA,

  /** Neither side has a cell twice. */
  KEYS,

  /** How many cells each side has. */
  COUNTS,

  /** Every measure of every cell, side by side. */
  MEASURES,

  /** Sums over the rows that one side alone has in its numbers. */
  ATTRIBUTION,

  /** The rows of the cells that differ, for values that no sums make up. */
  ROWS;

  /** The other way round of {@link #label}. */
  static Rung of(String label) {
    return valueOf(label.toUpperCase(java.util.Locale.ROOT));
  }

  /** As it stands in tables and on the terminal. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
