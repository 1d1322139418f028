package assay.tests.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The texts of a row's columns, and the names of what failed as they were read. */
final class ColumnTexts {
  private final Map<String, String> texts;
  private final List<String> failed = new ArrayList<>();

  ColumnTexts(Map<String, String> texts) {
    this.texts = texts;
  }

  /** The value of an optional column, null where nothing (readable) is there. */
  <T> T optional(String name, Function<String, Optional<T>> type) {
    String text = texts.get(name);
    if (text == null) {
      return null;
    }
    Optional<T> value = type.apply(text);
    if (value.isEmpty()) {
      failed.add("type(" + name + ")");
    }
    return value.orElse(null);
  }

  /** The value of a required column, null where nothing (readable) is there. */
  <T> T required(String name, Function<String, Optional<T>> type) {
    if (!texts.containsKey(name)) {
      failed.add("required(" + name + ")");
    }
    return optional(name, type);
  }

  /** In the order in which the columns were asked for. */
  List<String> failed() {
    return failed;
  }
}
