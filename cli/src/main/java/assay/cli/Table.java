package assay.cli;

import java.util.List;
import java.util.Optional;

/**
 * A result in rows, as text.
 *
 * @param rows each as long as the header; an empty cell is NULL, which is not an empty text
 */
public record Table(List<String> header, List<List<Optional<String>>> rows) {
  public Table {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<Optional<String>> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "a row of " + row.size() + " cells under a header of " + header.size());
      }
    }
  }

  /** A table without NULLs. */
  public static Table of(List<String> header, List<List<String>> rows) {
    return new Table(
        header, rows.stream().map(row -> row.stream().map(Optional::of).toList()).toList());
  }
}
