package assay.silver;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import org.apache.spark.sql.Column;

/** The columns of rows on their way through silver, and what each asks of the tables. */
final class Judged {
  /**
   * The table that the row stands in, {@link #SILVER} or {@link #EXCEPTIONS}; NULL where it is new.
   */
  static final String ORIGIN = "_origin";

  static final String SILVER = "silver";
  static final String EXCEPTIONS = "exceptions";

  /** The disposition that the row has had so far; NULL where it is new. */
  static final String WAS = "_was";

  private Judged() {}

  /** Rows that take a place in silver. */
  static Column comesToSilver() {
    return is(Disposition.LOADED).and(not(from(SILVER)));
  }

  /** Rows that lose their place in silver. */
  static Column leavesSilver() {
    return not(is(Disposition.LOADED)).and(from(SILVER));
  }

  /** Rows that are set aside, or set aside under another disposition. */
  static Column comesToExceptions() {
    return not(is(Disposition.LOADED)).and(not(from(EXCEPTIONS)).or(changes()));
  }

  /** Rows that were set aside, and are not any more or under another disposition. */
  static Column leavesExceptions() {
    return from(EXCEPTIONS).and(changes());
  }

  static Column is(String disposition) {
    return col(KeyHistory.OUTCOME).equalTo(disposition);
  }

  private static Column from(String table) {
    return coalesce(col(ORIGIN).equalTo(table), lit(false));
  }

  private static Column changes() {
    return not(col(KeyHistory.OUTCOME).eqNullSafe(col(WAS)));
  }
}
