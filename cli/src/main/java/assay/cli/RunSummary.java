package assay.cli;

import assay.core.AssayException;
import assay.reconciliation.Uncompared;
import java.util.List;
import java.util.Map;

/**
 * What a run did, for a person and for {@code ops/runs}.
 *
 * @param words for the line that ends its progress
 * @param rows by what became of them
 * @param versions of tables
 * @param missing why it could not do all of its work
 */
record RunSummary(
    String words,
    Map<String, Long> rows,
    Map<String, Long> versions,
    List<AssayException> missing) {
  RunSummary {
    missing = List.copyOf(missing);
  }

  /** Of a run that did all of it. */
  RunSummary(String words, Map<String, Long> rows, Map<String, Long> versions) {
    this(words, rows, versions, List.of());
  }

  /** The same without what could not be compared. */
  RunSummary butNot(List<Uncompared> uncompared) {
    return new RunSummary(words, rows, versions, uncompared.stream().map(Uncompared::why).toList());
  }
}
