package assay.views.live;

import static org.apache.spark.sql.functions.col;

import assay.core.contract.RowFilter;
import assay.silver.Disposition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * What became of the rows of a micro-batch, in one pass over them.
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

  /** Counts without a shuffle. */
  static RowCounts of(Dataset<Row> judged, List<LiveView> views) {
    List<Column> columns = new ArrayList<>(List.of(col(Disposition.COLUMN)));
    for (LiveView view : views) {
      view.filter().rules().forEach(rule -> columns.add(rule.fails()));
    }
    int rules = columns.size() - 1;
    FlatMapFunction<Iterator<InternalRow>, Part> count =
        rows -> List.of(new Part(rows, rules)).iterator();
    List<Part> parts =
        judged
            .select(columns.toArray(Column[]::new))
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(count)
            .collect();
    Map<String, Long> dispositions = new TreeMap<>();
    for (Part part : parts) {
      part.rows.forEach((disposition, rows) -> dispositions.merge(disposition, rows, Long::sum));
    }
    Map<String, Map<String, Long>> filtered = new TreeMap<>();
    int place = 0;
    for (LiveView view : views) {
      Map<String, Long> ofView = new TreeMap<>();
      for (RowFilter.Condition rule : view.filter().rules()) {
        int at = place++;
        ofView.put(rule.name(), parts.stream().mapToLong(part -> part.failing[at]).sum());
      }
      if (!ofView.isEmpty()) {
        filtered.put(view.name(), ofView);
      }
    }
    return new RowCounts(dispositions, filtered);
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

  /** What one task saw. */
  private static final class Part implements Serializable {
    private static final long serialVersionUID = 1;

    private final HashMap<String, Long> rows = new HashMap<>();
    private final long[] failing;

    Part(Iterator<InternalRow> judged, int rules) {
      failing = new long[rules];
      judged.forEachRemaining(this::add);
    }

    private void add(InternalRow row) {
      String disposition = row.getString(0);
      rows.merge(disposition, 1L, Long::sum);
      if (disposition.equals(Disposition.COUNTED)) {
        for (int rule = 0; rule < failing.length; rule++) {
          failing[rule] += row.getBoolean(1 + rule) ? 1 : 0;
        }
      }
    }
  }
}
