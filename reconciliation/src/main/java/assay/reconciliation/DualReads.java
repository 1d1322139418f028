package assay.reconciliation;

import java.util.List;

/**
 * What reading keys on both sides came to.
 *
 * @param missing views that could not be read on both
 */
public record DualReads(List<DualRead> views, List<Uncompared> missing) {
  public DualReads {
    views = List.copyOf(views);
    missing = List.copyOf(missing);
  }

  /** The outcomes of several domains as one. */
  public static DualReads all(List<DualReads> reads) {
    return new DualReads(
        reads.stream().flatMap(r -> r.views().stream()).toList(),
        reads.stream().flatMap(r -> r.missing().stream()).toList());
  }
}
