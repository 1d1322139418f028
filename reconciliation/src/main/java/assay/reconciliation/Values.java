package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.MetricSet;
import assay.core.contract.Tolerance;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;

/**
 * When two values of a measure are the same, and how far apart they are. NULL, NaN and either
 * infinity are the same as themselves alone, and no distance leads there.
 *
 * @param type of the measure's values on both sides
 * @param precision up to where two floats are the same, relative to the greater one; zero for all
 *     other types
 */
record Values(DataType type, double precision) {
  /** Of floats of which the contract says nothing else. */
  private static final double FLOATS = 1e-6;

  /**
   * The scale of an amount ends there, and sums of floats are no more exact than this in any unit.
   */
  private static final double ROUNDING = 1e-9;

  static Values of(MetricSet metrics, String measure, DataType type) {
    boolean floating = type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
    return new Values(
        type, floating ? precision(Optional.ofNullable(metrics.tolerances().get(measure))) : 0);
  }

  /** A tolerance that is wider makes no two values the same: it tells what difference is borne. */
  private static double precision(Optional<Tolerance> named) {
    return named
        .filter(t -> t.absolute().signum() == 0)
        .map(t -> Math.max(ROUNDING, Math.min(FLOATS, t.relative().doubleValue())))
        .orElse(FLOATS);
  }

  /** Never NULL. */
  Column same(Column one, Column other) {
    Column equal = one.eqNullSafe(other);
    if (precision == 0) {
      return equal;
    }
    Column size = greatest(abs(one), abs(other)).cast("double");
    Column apart = abs(one.cast("double").minus(other.cast("double")));
    Column near =
        isFinite(one)
            .and(isFinite(other))
            .and(apart.leq(greatest(size.multiply(precision), lit(ROUNDING))));
    return equal.or(coalesce(near, lit(false)));
  }

  /** Whether values of this type can be subtracted. */
  boolean isNumber() {
    return type instanceof NumericType
        || type.equals(DataTypes.DateType)
        || type.equals(DataTypes.TimestampType);
  }

  /** A value as a number; a cell that is not there, or has no value, counts as zero. */
  Column amount(Column value) {
    return coalesce(number(value).try_cast(CellComparison.AMOUNT), none());
  }

  /** Whether a value is there and is no amount: NaN, an infinity, or too large; never NULL. */
  Column isBeyond(Column value) {
    return isNumber()
        ? value.isNotNull().and(number(value).try_cast(CellComparison.AMOUNT).isNull())
        : lit(false);
  }

  /**
   * What floating point, or the scale of an amount, leaves of terms that add up is no difference.
   */
  Column withoutRounding(Column rest, Column size) {
    boolean finer =
        type instanceof DecimalType decimal && decimal.scale() > CellComparison.AMOUNT.scale();
    if (precision == 0 && !finer) {
      return rest;
    }
    Column allowed = greatest(size.cast("double").multiply(precision), lit(ROUNDING));
    return when(abs(rest).cast("double").leq(allowed), none()).otherwise(rest);
  }

  /** No difference. */
  static Column none() {
    return lit(0).cast(CellComparison.AMOUNT);
  }

  private Column number(Column value) {
    if (type.equals(DataTypes.DateType)) {
      return functions.unix_date(value);
    }
    return type.equals(DataTypes.TimestampType)
        ? functions.unix_micros(value).cast(CellComparison.AMOUNT).divide(lit(1_000_000))
        : isNumber() ? value : lit(0);
  }

  /** False for NaN, which the engine holds for greater than infinity. */
  private static Column isFinite(Column value) {
    return abs(value.cast("double")).lt(lit(Double.POSITIVE_INFINITY));
  }
}
