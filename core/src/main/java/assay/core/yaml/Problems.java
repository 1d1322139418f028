package assay.core.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the mistakes of one file, and gives them back in the order of the file. */
public final class Problems {
  private final String file;
  private final List<Problem> found = new ArrayList<>();

  public Problems(String file) {
    this.file = file;
  }

  public void add(Position at, String message, String mend) {
    found.add(new Problem(file, at.line(), at.column(), message, mend));
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** Sorted by position, each once. */
  public List<Problem> sorted() {
    return found.stream()
        .distinct()
        .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
        .toList();
  }
}
