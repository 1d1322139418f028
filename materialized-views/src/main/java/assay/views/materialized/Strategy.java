package assay.views.materialized;

import java.util.Locale;

/** How a view is brought up to date, the least work first. */
public enum Strategy {
  /** Nothing that the answer depends on changed. */
  NONE,
  /** What came is aggregated and added to the partial aggregates that the view is answered from. */
  ADDITIVE,
  /** The partitions in which rows changed are computed anew. */
  PARTITION,
  /** Everything is computed anew. */
  FULL;

  /** For people and headers. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
