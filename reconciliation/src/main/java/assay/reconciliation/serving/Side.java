package assay.reconciliation.serving;

import java.util.Locale;

/** Whose numbers a reader gets. */
public enum Side {
  /** Gold. */
  BATCH,

  /** The live view; gold for each closed day whose newest evidence is not green. */
  LIVE;

  /** As it stands in tables and on the terminal. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Side of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
