package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Measure;
import assay.views.live.CellPartials;
import org.apache.spark.sql.Column;

/**
 * How far an estimate may stand from the exact value of the rows that it is made of: as far as the
 * sketch may err, and no further.
 *
 * @param read whether rows of some cells were read, see {@link Attribution#steps}
 */
record SketchBounds(Measure.Sketch sketch, Values values, boolean read) {

  /**
   * Whether the live value is one that the sketch may give for the control's own rows, told from
   * the control's value alone; false where that takes the rows.
   */
  static Column maySayOfControl(Measure.Sketch sketch) {
    String test = "`" + CellJoin.TEST_SIDE + sketch.name() + "`";
    String control = "`" + CellJoin.CONTROL_SIDE + sketch.name() + "`";
    return sketch
        .maySay(test, control)
        .map(sql -> coalesce(expr(sql), lit(false)))
        .orElse(lit(false));
  }

  /** The same, from the rows where they were read; never NULL. */
  Column mayBeOfControl() {
    Column ofControl = maySayOfControl(sketch);
    return read ? coalesce(between(Attribution.first(sketch)), ofControl) : ofControl;
  }

  /** The term of the sketch's own error. */
  Column error() {
    Column test = values.amount(CellJoin.test(sketch.name()));
    Column ofControl =
        test.minus(values.amount(CellJoin.control(sketch.name()))).cast(CellComparison.AMOUNT);
    // The same rows on both sides, which were not read: the exact value is the control's.
    Column unread = when(maySayOfControl(sketch), ofControl).otherwise(Values.none());
    if (!read) {
      return unread;
    }
    String last = Attribution.last(sketch);
    Column ofRows = test.minus(values.amount(col(last))).cast(CellComparison.AMOUNT);
    return when(col(Attribution.STEPPED).isNull(), unread)
        .when(between(last), ofRows)
        .otherwise(Values.none());
  }

  /** NULL where the cell's rows were not read, or there are none. */
  private Column between(String step) {
    return CellJoin.test(sketch.name())
        .between(col(step + CellPartials.LOWEST), col(step + CellPartials.HIGHEST));
  }
}
