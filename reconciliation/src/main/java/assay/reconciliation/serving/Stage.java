package assay.reconciliation.serving;

import java.util.Locale;

/** How far a metric set is on its way from batch to stream. */
public enum Stage {
  /** Everyone reads batch. */
  SHADOW,

  /** A share of the consumers reads the stream. */
  CANARY,

  /** Everyone reads the stream. */
  PRIMARY;

  /** As it stands in tables and on the terminal. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Stage of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
