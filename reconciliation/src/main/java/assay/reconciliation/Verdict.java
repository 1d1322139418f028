package assay.reconciliation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
   * A row of bronze has no disposition on a path, or two, so that no number can be trusted.
   *
   * @param why in a person's words, with the rows
   */
  record Unaccounted(String why) implements Verdict {}

  /**
   * The sides cannot be compared yet.
   *
   * @param why in a person's words
   */
  record Inconclusive(String why) implements Verdict {}

  /**
   * The day is not over yet, or silver has not read all of it. Nothing is wrong with that: it
   * counts against a run only where the day was asked for.
   *
   * @param why in a person's words
   */
  record Open(String why) implements Verdict {}

  /** What ledgers that do not add up make of any day; empty where all of them do. */
  static Optional<Unaccounted> of(List<Ledger> ledgers) {
    List<String> why = new ArrayList<>();
    for (Ledger ledger : ledgers) {
      if (!ledger.addsUp()) {
        why.add(
            "%d rows of bronze do not have one disposition on %s%s"
                .formatted(
                    ledger.wrong(),
                    ledger.path(),
                    ledger.findings().isEmpty() ? "" : ": " + ledger.findings().get(0)));
      }
    }
    return why.isEmpty() ? Optional.empty() : Optional.of(new Unaccounted(String.join("; ", why)));
  }

  /** As it stands in tables and on the terminal. */
  default String label() {
    if (this instanceof Unaccounted) {
      return "DIVERGED";
    }
    return this instanceof Open
        ? "INCONCLUSIVE"
        : getClass().getSimpleName().toUpperCase(java.util.Locale.ROOT);
  }

  /** What stands in the way of saying more; empty where nothing does. */
  default Optional<String> reason() {
    if (this instanceof Open open) {
      return Optional.of(open.why());
    }
    if (this instanceof Unaccounted unaccounted) {
      return Optional.of(unaccounted.why());
    }
    return this instanceof Inconclusive inconclusive
        ? Optional.of(inconclusive.why())
        : Optional.empty();
  }

  /**
   * The other way round of {@link #label}, of a verdict that is green.
   *
   * @throws IllegalArgumentException for another
   */
  static Verdict green(String label) {
    return switch (label) {
      case "MATCH" -> new Match();
      case "TOLERATED" -> new Tolerated();
      case "EXPLAINED" -> new Explained();
      default -> throw new IllegalArgumentException(label + " is not green");
    };
  }

  /** Whether nothing is left that no row explains. */
  default boolean green() {
    return isGreen(label());
  }

  /** The same of a verdict as it stands in tables. */
  static boolean isGreen(String label) {
    return Set.of("MATCH", "TOLERATED", "EXPLAINED").contains(label);
  }
}
