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
    Map<List<Object>, Integer> counts = new HashMap<>();
    expected.forEach(row -> counts.merge(row, 1, Integer::sum));
    actual.forEach(row -> counts.merge(row, -1, Integer::sum));
    List<String> missing = new ArrayList<>();
    List<String> surplus = new ArrayList<>();
    counts.forEach(
        (row, count) -> {
          if (count != 0) {
            (count > 0 ? missing : surplus).add(Math.abs(count) + " x " + row);
          }
        });
    assertThat(shown("missing", missing) + shown("surplus", surplus))
        .as("%s: %d rows expected, %d found", what, expected.size(), actual.size())
        .isEmpty();
  }

  private static String shown(String kind, List<String> rows) {
    if (rows.isEmpty()) {
      return "";
    }
    List<String> first = rows.stream().sorted().limit(SHOWN).toList();
    return "\n%d %s:\n  %s".formatted(rows.size(), kind, String.join("\n  ", first));
  }
}
