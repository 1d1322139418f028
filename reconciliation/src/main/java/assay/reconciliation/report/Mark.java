package assay.reconciliation.report;

import java.util.Locale;

/**
 * A verdict as a report shows it: never by colour alone. {@code NONE} is a day without evidence.
 */
enum Mark {
  MATCH("M", "agrees", "All numbers are the same on both sides."),
  TOLERATED(
      "T",
      "agrees within tolerance",
      "Some numbers differ, by no more than the contract tolerates."),
  EXPLAINED(
      "E",
      "explained",
      "Some numbers differ by more than that, and rows that can be listed make up every bit of it."),
  DIVERGED(
      "D",
      "unexplained",
      "Something differs that no row explains. Do not rely on the live numbers of that day until an"
          + " engineer has found out why."),
  INCONCLUSIVE(
      "?",
      "cannot be said yet",
      "The two sides cannot be compared yet; the reason stands beside the day."),
  NONE("–", "not compared", "Nobody has compared this day.");

  private final String letter;
  private final String word;
  private final String meaning;

  Mark(String letter, String word, String meaning) {
    this.letter = letter;
    this.word = word;
    this.meaning = meaning;
  }

  /** Of a verdict in the tables. */
  static Mark of(String verdict) {
    for (Mark mark : values()) {
      if (mark.name().equals(verdict)) {
        return mark;
      }
    }
    return INCONCLUSIVE;
  }

  String letter() {
    return letter;
  }

  String word() {
    return word;
  }

  String meaning() {
    return meaning;
  }

  /** As the style sheet knows it. */
  String style() {
    return name().toLowerCase(Locale.ROOT);
  }
}
