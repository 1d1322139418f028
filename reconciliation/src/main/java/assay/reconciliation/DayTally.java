package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.silver.EventParser;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What the cells of a day that were judged come to. A cell is as bad as the worst of its measures
 * that counts.
 *
 * @param diverged cells with something unexplained
 * @param explained cells beyond tolerance, all of it explained
 * @param tolerated cells within tolerance
 * @param ignored measures of cells that differ and do not count
 * @param unexplained the sum of what no row explains, without sign
 */
record DayTally(
    long diverged, long explained, long tolerated, long ignored, BigDecimal unexplained) {
  static final DayTally NONE = new DayTally(0, 0, 0, 0, BigDecimal.ZERO);

  long differing() {
    return diverged + explained + tolerated;
  }

  /** Cells that stand further apart than the contract bears. */
  long beyond() {
    return diverged + explained;
  }

  /** Counts what {@link CellComparison#judge} gave, by day. */
  static Map<LocalDate, DayTally> byDay(Dataset<Row> judged, MetricSet metrics) {
    Column counts = not(has(CellComparison.IGNORED));
    Column diverged = col("__diverged").gt(0);
    Column explained = not(diverged).and(col("__explained").gt(0));
    Column tolerated = not(diverged).and(not(explained)).and(col("__tolerated").gt(0));
    // A cell without any value of which one side knows nothing.
    Column alone =
        col("__alone")
            .and(not(diverged))
            .and(not(explained))
            .and(not(tolerated))
            .and(col("__ignored").equalTo(0));
    Map<LocalDate, DayTally> days = new TreeMap<>();
    judged
        .groupBy(CellJoin.grainColumns(Gold.grain(metrics)))
        .agg(
            count_if(has(CellComparison.DIVERGED)).as("__diverged"),
            count_if(has(CellComparison.EXPLAINED)).as("__explained"),
            count_if(has(CellComparison.TOLERATED)).as("__tolerated"),
            count_if(has(CellComparison.IGNORED)).as("__ignored"),
            max(col(CellComparison.ONE_SIDED)).as("__alone"),
            sum(when(counts, abs(col(CellComparison.UNEXPLAINED))).otherwise(Values.none()))
                .as("__left"))
        .groupBy(col(EventParser.EVENT_DATE))
        .agg(
            count_if(diverged),
            count_if(explained.or(alone)),
            count_if(tolerated),
            sum(col("__ignored")),
            sum(col("__left")).cast(CellComparison.AMOUNT))
        .collectAsList()
        .forEach(
            row ->
                days.put(
                    row.getLocalDate(0),
                    new DayTally(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getDecimal(5).stripTrailingZeros())));
    return days;
  }

  private static Column has(String verdict) {
    return col(CellComparison.VERDICT).equalTo(verdict);
  }
}
