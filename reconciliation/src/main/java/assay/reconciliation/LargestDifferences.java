package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.silver.EventParser;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The largest differences of a metric set and the rows behind them, for those who ask.
 *
 * @param judged see {@link CellComparison#judge}
 */
record LargestDifferences(MetricSet metrics, Dataset<Row> judged) {
  /** How many a run hands back; all of them stand in the tables. */
  private static final int LARGEST = 20;

  /**
   * The outcome of a run with them.
   *
   * @param differences see {@link RowDifferences}
   * @param limit how many rows, zero or more
   */
  Reconciliation with(List<DayVerdict> days, Dataset<Row> differences, int limit) {
    List<Row> cells = cells();
    return new Reconciliation(
        days,
        List.of(),
        cells.stream().map(this::difference).toList(),
        rowsBehind(cells, differences, limit));
  }

  private List<Row> cells() {
    return judged
        .where(not(col(CellComparison.VERDICT).isin(CellComparison.MATCH, CellComparison.IGNORED)))
        .orderBy(
            col(CellComparison.VERDICT).equalTo(CellComparison.DIVERGED).desc(),
            col(CellComparison.ROWS).desc(),
            abs(col(CellComparison.DIFFERENCE)).desc(),
            col(EventParser.EVENT_DATE))
        .limit(LARGEST)
        .collectAsList();
  }

  private List<ContributingRow> rowsBehind(List<Row> cells, Dataset<Row> differences, int limit) {
    Column behind = cells.stream().map(this::isOf).reduce(Column::or).orElse(lit(false));
    if (limit == 0 || cells.isEmpty()) {
      return List.of();
    }
    return differences
        .where(behind)
        .orderBy(col(EventParser.EVENT_DATE), col(EventParser.PARTITION), col(EventParser.OFFSET))
        .limit(limit)
        .collectAsList()
        .stream()
        .map(this::contributing)
        .toList();
  }

  private Column isOf(Row cell) {
    return Gold.grain(metrics).stream()
        .map(name -> col(name).eqNullSafe(lit(cell.getAs(name))))
        .reduce(Column::and)
        .orElseThrow();
  }

  private ContributingRow contributing(Row row) {
    return new ContributingRow(
        metrics.name(),
        row.getAs(EventParser.EVENT_DATE),
        cellOf(row),
        row.<Integer>getAs(EventParser.PARTITION),
        row.<Long>getAs(EventParser.OFFSET),
        row.getAs(RowDifferences.LIVE),
        row.getAs(RowDifferences.BATCH),
        Cause.of(row.getAs(RowDifferences.CAUSE)));
  }

  private String cellOf(Row row) {
    return CellJoin.nameOf(metrics.by(), row);
  }

  private CellDifference difference(Row row) {
    Map<Cause, BigDecimal> terms = new EnumMap<>(Cause.class);
    for (Cause cause : Cause.values()) {
      BigDecimal amount = row.getAs(CellComparison.column(cause));
      if (amount.signum() != 0) {
        terms.put(cause, amount.stripTrailingZeros());
      }
    }
    return new CellDifference(
        metrics.name(),
        row.getAs(EventParser.EVENT_DATE),
        cellOf(row),
        row.getAs(CellComparison.MEASURE),
        text(row, CellComparison.CONTROL),
        text(row, CellComparison.TEST),
        row.<BigDecimal>getAs(CellComparison.DIFFERENCE).stripTrailingZeros(),
        terms,
        row.<BigDecimal>getAs(CellComparison.UNEXPLAINED).stripTrailingZeros(),
        row.<Long>getAs(CellComparison.ROWS),
        row.getAs(CellComparison.VERDICT));
  }

  private static String text(Row row, String column) {
    return row.getAs(column) == null ? "" : row.getAs(column);
  }
}
