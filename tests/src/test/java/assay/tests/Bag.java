package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rows without order, each as often as it occurs; a difference is shown by its first rows only. */
final class Bag {
  private static final int SHOWN = 8;

  private Bag() {}

  static void assertEqual(
      String what, Collection<List<Object>> expected, Collection<List<Object>> actual) {
    List<String> missing = new ArrayList<>();
    List<String> surplus = new ArrayList<>();
    difference(expected, actual)
        .forEach(
            (row, count) -> (count > 0 ? missing : surplus).add(Math.abs(count) + " x " + row));
    assertThat(shown("missing", missing) + shown("surplus", surplus))
        .as("%s: %d rows expected, %d found", what, expected.size(), actual.size())
        .isEmpty();
  }

  /**
   * How much more often each row is in one than in the other, those without a difference left out.
   */
  static Map<List<Object>, Integer> difference(
      Collection<List<Object>> one, Collection<List<Object>> other) {
    Map<List<Object>, Integer> counts = new HashMap<>();
    one.forEach(row -> counts.merge(row, 1, Integer::sum));
    other.forEach(row -> counts.merge(row, -1, Integer::sum));
    counts.values().removeIf(count -> count == 0);
    return counts;
  }

  private static String shown(String kind, List<String> rows) {
    if (rows.isEmpty()) {
      return "";
    }
    List<String> first = rows.stream().sorted().limit(SHOWN).toList();
    return "\n%d %s:\n  %s".formatted(rows.size(), kind, String.join("\n  ", first));
  }
}
