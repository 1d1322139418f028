package assay.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Rows that the filters of metric sets and live views kept out, by rule. */
final class FilteredRows {
  private FilteredRows() {}

  /** As they stand in {@code ops/runs}. */
  static Map<String, Long> byRule(String table, Map<String, Long> filtered) {
    return filtered.entrySet().stream()
        .collect(Collectors.toMap(e -> "filter." + table + "." + e.getKey(), Map.Entry::getValue));
  }

  /**
   * Prints them where there are filters.
   *
   * @param filtered by table and rule
   */
  static void print(Output output, Map<String, Map<String, Long>> filtered) {
    List<List<String>> rows = new ArrayList<>();
    new TreeMap<>(filtered)
        .forEach(
            (table, rules) ->
                rules.forEach((rule, kept) -> rows.add(List.of(table, rule, Sizes.count(kept)))));
    if (!rows.isEmpty()) {
      output.line("Rows that a filter keeps out:");
      output.table(Table.of(List.of("table", "rule", "rows"), rows));
    }
  }
}
