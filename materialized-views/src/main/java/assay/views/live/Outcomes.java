package assay.views.live;

import assay.core.contract.RowFilter;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.views.live.StandingRows.Packed;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;

/**
 * What became of a micro-batch's rows, in one pass over them without a shuffle, which has them
 * judged and kept on the way.
 *
 * @param counts the micro-batch's own rows by disposition
 * @param filtered see {@link RowCounts}
 * @param standing those of them that count, where rows may be taken back
 * @param takenBack rows of earlier micro-batches that do not count any more
 */
record Outcomes(
    Map<String, Long> counts,
    Map<String, Map<String, Long>> filtered,
    List<Packed> standing,
    List<Packed> takenBack) {
  private static final List<String> PLACED =
      List.of(
          LiveView.TAKEN_BACK,
          LiveTables.KEY_HASH,
          EventParser.INGESTED_AT,
          EventParser.PARTITION,
          EventParser.OFFSET);

  private static final int DISPOSITION = 0;
  private static final int TAKEN_BACK = 1;
  private static final int KEY_HASH = 2;
  private static final int INGESTED_AT = 3;
  private static final int PARTITION = 4;
  private static final int OFFSET = 5;

  /**
   * Looks at judged rows.
   *
   * @param views whose filters are asked of each row that counts
   * @param adjusts whether they have {@link LiveTables#KEY_HASH} and {@link LiveView#TAKEN_BACK}
   */
  static Outcomes of(Dataset<Row> judged, List<LiveView> views, boolean adjusts) {
    List<Column> columns =
        Stream.concat(Stream.of(Disposition.COLUMN), adjusts ? PLACED.stream() : Stream.empty())
            .map(functions::col)
            .collect(Collectors.toCollection(ArrayList::new));
    int firstRule = columns.size();
    for (LiveView view : views) {
      view.filter().rules().forEach(rule -> columns.add(rule.fails()));
    }
    int rules = columns.size() - firstRule;
    FlatMapFunction<Iterator<InternalRow>, Part> look =
        rows -> List.of(new Part(rows, adjusts, firstRule, rules)).iterator();
    List<Part> parts =
        judged
            .select(columns.toArray(Column[]::new))
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(look)
            .collect();
    Map<String, Long> counts = new TreeMap<>();
    List<Packed> standing = new ArrayList<>();
    List<Packed> takenBack = new ArrayList<>();
    for (Part part : parts) {
      part.counts.forEach((disposition, rows) -> counts.merge(disposition, rows, Long::sum));
      standing.add(part.standing);
      takenBack.add(part.takenBack);
    }
    return new Outcomes(counts, filtered(parts, views), standing, takenBack);
  }

  private static Map<String, Map<String, Long>> filtered(List<Part> parts, List<LiveView> views) {
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
    return filtered;
  }

  long rows(String disposition) {
    return counts.getOrDefault(disposition, 0L);
  }

  /** Whether there are rows that no view counts, or does not count any more. */
  boolean anySetAside() {
    return takenBackRows() > 0
        || counts.keySet().stream().anyMatch(name -> !name.equals(Disposition.COUNTED));
  }

  /** What changed in the numbers of rows, over all of bronze. */
  RowCounts changes() {
    Map<String, Long> changes = new TreeMap<>(counts);
    long takenBackRows = takenBackRows();
    if (takenBackRows > 0) {
      changes.merge(Disposition.COUNTED, -takenBackRows, Long::sum);
      changes.merge(Disposition.SUPERSEDED, takenBackRows, Long::sum);
    }
    return new RowCounts(changes, filtered);
  }

  private long takenBackRows() {
    return takenBack.stream().mapToLong(Packed::rows).sum();
  }

  /** What one task saw. */
  private static final class Part implements Serializable {
    private static final long serialVersionUID = 1;

    private final TreeMap<String, Long> counts = new TreeMap<>();
    private final Packed standing = new Packed();
    private final Packed takenBack = new Packed();

    private final long[] failing;

    Part(Iterator<InternalRow> rows, boolean adjusts, int firstRule, int rules) {
      failing = new long[rules];
      while (rows.hasNext()) {
        InternalRow row = rows.next();
        boolean taken = adjusts && row.getBoolean(TAKEN_BACK);
        String disposition = row.getString(DISPOSITION);
        boolean counted = !taken && disposition.equals(Disposition.COUNTED);
        if (taken || counted) {
          for (int rule = 0; rule < rules; rule++) {
            failing[rule] += row.getBoolean(firstRule + rule) ? (taken ? -1 : 1) : 0;
          }
        }
        if (taken) {
          add(takenBack, row);
          continue;
        }
        counts.merge(disposition, 1L, Long::sum);
        if (adjusts && counted) {
          add(standing, row);
        }
      }
      standing.trimmed();
      takenBack.trimmed();
    }

    private static void add(Packed to, InternalRow row) {
      to.add(
          row.getLong(KEY_HASH),
          row.getLong(INGESTED_AT),
          row.getInt(PARTITION),
          row.getLong(OFFSET));
    }
  }
}
