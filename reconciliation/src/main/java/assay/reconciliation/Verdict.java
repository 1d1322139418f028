package assay.reconciliation;

/** What a reconciliation of one day came to. */
public sealed interface Verdict {

  /** Every measure of every cell is equal. */
  record Match() implements Verdict {}

  /** All differences are within the contract's tolerances. */
  record Tolerated() implements Verdict {}

  /** Some differences are beyond tolerance; rows that can be listed make up all of them. */
  record Explained() implements Verdict {}

  /** Something is left that no row explains. */
  record Diverged() implements Verdict {}

  /**
   * The sides cannot be compared yet.
   *
   * @param why in a person's words
   */
  record Inconclusive(String why) implements Verdict {}

  /** As it stands in tables and on the terminal. */
  default String label() {
    return getClass().getSimpleName().toUpperCase(java.util.Locale.ROOT);
  }

  /** Whether BI may read the stream on its account. */
  default boolean green() {
    return this instanceof Match || this instanceof Tolerated || this instanceof Explained;
  }
}
