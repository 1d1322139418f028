package assay.reconciliation.convergence;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Measure;
import assay.core.contract.Tolerance;
import assay.views.live.CellPartials;
import java.math.BigDecimal;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;

/**
 * How far a value of a measure stands from the final one. Nothing counts as zero, as it does where
 * cells are compared. What is no number is either the same or not.
 *
 * @param type of both values
 * @param tolerance that the contract names; empty where it names none
 */
record ValueError(Measure measure, DataType type, Optional<Tolerance> tolerance) {
  /** What floating point addition in another order leaves. */
  private static final double ROUNDING = 1e-9;

  private static final Tolerance FLOATING =
      new Tolerance(BigDecimal.ZERO, new BigDecimal("0.000001"));

  private boolean isNumber() {
    return type instanceof NumericType;
  }

  private boolean isFloating() {
    return type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
  }

  /**
   * Whether a value is the final one: of an estimate, whether a sketch may say it of the final
   * rows.
   *
   * @param last the name of the final value's column
   */
  Column same(Column value, String last) {
    Column same = value.eqNullSafe(col(last));
    if (isNumber()) {
      Column zero = lit(0).cast(type);
      same = same.or(coalesce(value, zero).equalTo(coalesce(col(last), zero)));
    }
    if (isFloating()) {
      same = same.or(distance(value, last).leq(size(value, last).multiply(ROUNDING)));
    }
    if (measure instanceof Measure.Sketch) {
      same =
          same.or(value.between(col(last + CellPartials.LOWEST), col(last + CellPartials.HIGHEST)));
    }
    return coalesce(same, lit(false));
  }

  /** Whether a value is within the tolerance of the final one. */
  Column within(Column value, String last) {
    Tolerance bounds = tolerance.orElse(isFloating() ? FLOATING : Tolerance.EXACT);
    if (!isNumber() || bounds.equals(Tolerance.EXACT)) {
      return same(value, last);
    }
    Column distance = distance(value, last);
    Column relative = size(value, last).multiply(bounds.relative().doubleValue());
    Column infinite = size(value, last).equalTo(Double.POSITIVE_INFINITY);
    Column within = distance.leq(bounds.absolute().doubleValue()).or(distance.leq(relative));
    return same(value, last).or(coalesce(when(infinite, lit(false)).otherwise(within), lit(false)));
  }

  /**
   * The distance from the final value as a share of it, 0 or more: 0 where they are the same, 1
   * where that share says nothing, because the final value is zero, nothing, no number or infinite.
   */
  Column relative(Column value, String last) {
    if (!isNumber()) {
      return when(same(value, last), lit(0.0)).otherwise(lit(1.0));
    }
    Column full = abs(amount(col(last)));
    Column share = distance(value, last).divide(full);
    Column says =
        full.gt(0.0)
            .and(full.lt(Double.POSITIVE_INFINITY))
            .and(abs(amount(value)).lt(Double.POSITIVE_INFINITY));
    return when(same(value, last), lit(0.0)).when(says, share).otherwise(lit(1.0));
  }

  private static Column distance(Column value, String last) {
    return abs(amount(value).minus(amount(col(last))));
  }

  /** NULL where either is NaN, so that no bound holds. */
  private static Column size(Column value, String last) {
    Column of = abs(amount(value));
    Column ofLast = abs(amount(col(last)));
    return when(isnan(of).or(isnan(ofLast)), lit(null).cast(DataTypes.DoubleType))
        .otherwise(greatest(of, ofLast));
  }

  private static Column amount(Column value) {
    return coalesce(value.cast(DataTypes.DoubleType), lit(0.0));
  }
}
