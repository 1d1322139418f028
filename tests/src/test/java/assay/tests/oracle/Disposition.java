package assay.tests.oracle;

import java.util.Locale;

/** What a path did with a row. */
public enum Disposition {
  LOADED,
  SUPERSEDED,
  DUPLICATE,
  QUARANTINED,
  DELETED,
  COUNTED,
  LATE;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
