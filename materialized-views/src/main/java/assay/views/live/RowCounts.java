package assay.views.live;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a micro-batch changed in the numbers of rows.
 *
 * @param dispositions rows by disposition
 * @param filtered by view and rule, rows among those counted that fail the rule; views without a
 *     filter are left out
 */
record RowCounts(Map<String, Long> dispositions, Map<String, Map<String, Long>> filtered) {
  RowCounts {
    dispositions = Collections.unmodifiableMap(new TreeMap<>(dispositions));
    filtered = Collections.unmodifiableMap(new TreeMap<>(filtered));
  }

  /** Rows with a disposition. */
  long of(String disposition) {
    return dispositions.getOrDefault(disposition, 0L);
  }

  /** The sums of two counts by view and rule. */
  static Map<String, Map<String, Long>> sum(
      Map<String, Map<String, Long>> one, Map<String, Map<String, Long>> other) {
    Map<String, Map<String, Long>> sums = new TreeMap<>(one);
    other.forEach((view, rules) -> sums.merge(view, rules, RowCounts::sumByRule));
    return sums;
  }

  private static Map<String, Long> sumByRule(Map<String, Long> one, Map<String, Long> other) {
    Map<String, Long> sums = new TreeMap<>(one);
    other.forEach((rule, rows) -> sums.merge(rule, rows, Long::sum));
    return sums;
  }
}
