package assay.core.yaml;

import assay.core.AssayException;
import java.util.List;
import java.util.stream.Collectors;

/** What a reader made of a file: the value, or every mistake that stands in its way. */
public sealed interface Checked<T> {
  /** No mistake. */
  record Good<T>(T value) implements Checked<T> {}

  /** At least one mistake, in the order of the file. */
  record Bad<T>(List<Problem> problems) implements Checked<T> {
    public Bad {
      problems = List.copyOf(problems);
    }
  }

  /** The mistakes; empty where there are none. */
  default List<Problem> problems() {
    return this instanceof Bad<T> bad ? bad.problems() : List.of();
  }

  /**
   * The value.
   *
   * @throws AssayException with {@code USAGE} and all mistakes, one a line
   */
  default T orThrow() {
    if (this instanceof Good<T> good) {
      return good.value();
    }
    List<Problem> problems = problems();
    String lines = problems.stream().map(Problem::toString).collect(Collectors.joining("\n"));
    String places = problems.size() == 1 ? "this place" : "these " + problems.size() + " places";
    throw AssayException.usage(lines, "Mend " + places + ", then run assay validate.");
  }
}
