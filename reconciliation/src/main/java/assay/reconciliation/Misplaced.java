package assay.reconciliation;

import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import assay.ingestion.Bronze;
import assay.ingestion.OffsetRange;
import assay.reconciliation.Ledger.Finding;
import assay.silver.Disposition;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Finds the very rows that have no disposition, or two, where sums have told that there are some.
 *
 * @param bronze at the version that was pinned
 * @param judged positions and dispositions
 */
record Misplaced(Dataset<Row> bronze, Dataset<Row> judged) {
  /** So many rows are named; the others are counted. */
  static final int SHOWN = 20;

  private static final String TIMES = "_times";
  private static final String WHAT = "_what";
  private static final String OF = "_of_";

  /** All in these ranges. */
  List<Finding> in(List<OffsetRange> ranges) {
    Column partition = col(EventParser.PARTITION);
    Column offset = col(EventParser.OFFSET);
    Dataset<Row> judgedOnce = byPosition(ranges);
    Dataset<Row> records =
        bronze
            .where(BronzeOffsets.in(ranges, col(Bronze.PARTITION), col(Bronze.OFFSET)))
            .select(
                col(Bronze.PARTITION).as(OF + Bronze.PARTITION),
                col(Bronze.OFFSET).as(OF + Bronze.OFFSET))
            .distinct();
    Column inBronze = col(OF + Bronze.OFFSET);
    Dataset<Row> wrong =
        judgedOnce
            .join(
                records,
                partition.equalTo(col(OF + Bronze.PARTITION)).and(offset.equalTo(inBronze)),
                "full_outer")
            .where(coalesce(col(TIMES), lit(0L)).notEqual(1).or(inBronze.isNull()))
            .select(
                coalesce(partition, col(OF + Bronze.PARTITION)).as(EventParser.PARTITION),
                coalesce(offset, inBronze).as(EventParser.OFFSET),
                coalesce(col(WHAT), lit("no disposition")),
                inBronze.isNotNull());
    return findings(wrong, ranges);
  }

  /** Those with two dispositions. */
  List<Finding> twiceIn(List<OffsetRange> ranges) {
    return findings(
        byPosition(ranges)
            .where(col(TIMES).gt(1))
            .select(col(EventParser.PARTITION), col(EventParser.OFFSET), col(WHAT), lit(true)),
        ranges);
  }

  private Dataset<Row> byPosition(List<OffsetRange> ranges) {
    return judged
        .where(BronzeOffsets.in(ranges, col(EventParser.PARTITION), col(EventParser.OFFSET)))
        .groupBy(col(EventParser.PARTITION), col(EventParser.OFFSET))
        .agg(
            count(lit(1)).as(TIMES),
            array_join(array_sort(collect_list(col(Disposition.COLUMN))), " and ").as(WHAT));
  }

  /**
   * @param wrong position, dispositions in words, and whether bronze has the row
   */
  private static List<Finding> findings(Dataset<Row> wrong, List<OffsetRange> ranges) {
    List<Row> found =
        wrong
            .orderBy(col(EventParser.PARTITION), col(EventParser.OFFSET))
            .limit(SHOWN + 1)
            .collectAsList();
    List<Finding> findings = new ArrayList<>();
    for (Row row : found.stream().limit(SHOWN).toList()) {
      String where = new OffsetRange(row.getInt(0), row.getLong(1), row.getLong(1)).toString();
      String what = row.getBoolean(3) ? row.getString(2) : row.getString(2) + ", not in bronze";
      findings.add(new Finding(where, 1, what));
    }
    if (found.size() > SHOWN) {
      long more = wrong.count() - SHOWN;
      findings.add(
          new Finding(
              String.join("; ", ranges.stream().map(OffsetRange::toString).toList()),
              more,
              "%,d more rows with none or two".formatted(more)));
    }
    return findings;
  }
}
