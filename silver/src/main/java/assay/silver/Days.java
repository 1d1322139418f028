package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Literal bounds on days, which keep a look-up from reading a table whole. */
final class Days {
  /** A span of days so much longer than two reaches is looked at day by day. */
  private static final long LONG = 62;

  /** More days than this are not told apart. */
  private static final int MANY = 1_000;

  private Days() {}

  /**
   * Whether a row's day is at most {@code reach} days from that of one of some rows. One of them
   * that is far from all others, dated 1970 by a broken clock, does not make it all days between.
   *
   * @param rows with {@link EventParser#EVENT_DATE}
   * @param first the earliest of their days
   * @param last the latest of their days
   */
  static Column nearby(Dataset<Row> rows, LocalDate first, LocalDate last, long reach) {
    if (first.plusDays(2 * reach + LONG).isAfter(last)) {
      return within(first, last, reach);
    }
    List<LocalDate> days = new ArrayList<>();
    rows.select(EventParser.EVENT_DATE)
        .where(col(EventParser.EVENT_DATE).isNotNull())
        .distinct()
        .limit(MANY + 1)
        .collectAsList()
        .forEach(row -> days.add(row.getLocalDate(0)));
    if (days.isEmpty() || days.size() > MANY) {
      return within(first, last, reach);
    }
    days.sort(null);
    Column near = lit(false);
    LocalDate from = days.get(0);
    LocalDate to = from;
    for (LocalDate day : days) {
      if (to.plusDays(2 * reach + 1).isBefore(day)) {
        near = near.or(within(from, to, reach));
        from = day;
      }
      to = day;
    }
    return near.or(within(from, to, reach));
  }

  private static Column within(LocalDate first, LocalDate last, long reach) {
    return col(EventParser.EVENT_DATE)
        .between(lit(first.minusDays(reach)), lit(last.plusDays(reach)));
  }
}
