package assay.reconciliation.serving;

import java.util.List;
import java.util.Locale;

/**
 * Why BI must not read the stream now.
 *
 * @param why in a person's words
 * @param evidenceIds that say so; none where it is no matter of evidence
 */
public record Trouble(Kind kind, String why, List<String> evidenceIds) {

  /** What is wrong. */
  public enum Kind {
    /** There is no live view, or one of another definition. */
    DEFINITION,

    /** The view fails and is left behind. */
    CIRCUIT,

    /** Evidence is red. */
    DIVERGED,

    /** The view has not read what bronze holds for too long. */
    LAG;

    /** As it stands in tables and on the terminal. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Trouble {
    evidenceIds = List.copyOf(evidenceIds);
  }
}
