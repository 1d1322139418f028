package assay.reconciliation.compare;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.when;

import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * A type in which the values of two columns compare by value and without loss. What a value loses
 * on the way is told, as {@link #misfit}, and such a value equals none of the other side.
 *
 * @param type BOOLEAN, STRING, BINARY, DATE, TIMESTAMP, BIGINT, a decimal or DOUBLE
 */
record CommonType(DataType type) {
  private static final int LONG_DIGITS = 19;

  /** Digits behind the point of a number that is written as text. */
  private static final int WRITTEN_SCALE = 18;

  /** Of two ways to read the same text as a number. */
  private static final double SAME = 1e-15;

  /** Numbers that are texts on both sides. */
  static final CommonType WRITTEN_NUMBER =
      new CommonType(DataTypes.createDecimalType(DecimalType.MAX_PRECISION(), WRITTEN_SCALE));

  /** The type of two columns; empty where their values do not compare. */
  static Optional<CommonType> of(SourceType a, SourceType b) {
    if (a.written() != b.written()) {
      return ofWritten(a.written() ? b.type() : a.type()).map(CommonType::new);
    }
    return ofTyped(a.type(), b.type()).map(CommonType::new);
  }

  private static Optional<DataType> ofWritten(DataType other) {
    if (isExact(other)) {
      DecimalType decimal = asDecimal(other);
      int digits = decimal.precision() - decimal.scale();
      int room = DecimalType.MAX_PRECISION() - digits;
      int scale = Math.max(decimal.scale(), Math.min(WRITTEN_SCALE, room));
      return Optional.of(DataTypes.createDecimalType(digits + scale, scale));
    }
    return other.equals(DataTypes.BinaryType) ? Optional.empty() : ofTyped(other, other);
  }

  private static Optional<DataType> ofTyped(DataType a, DataType b) {
    if (a instanceof IntegralType && b instanceof IntegralType) {
      return Optional.of(DataTypes.LongType);
    }
    if (isExact(a) && isExact(b)) {
      return Optional.of(wider(asDecimal(a), asDecimal(b)));
    }
    if (isNumber(a) && isNumber(b)) {
      return Optional.of(DataTypes.DoubleType);
    }
    if (isMoment(a) && isMoment(b)) {
      boolean days = a instanceof DateType && b instanceof DateType;
      return Optional.of(days ? DataTypes.DateType : DataTypes.TimestampType);
    }
    boolean plain =
        a instanceof StringType || a instanceof BooleanType || a.equals(DataTypes.BinaryType);
    return plain && a.equals(b) ? Optional.of(a) : Optional.empty();
  }

  /**
   * Holds all values of the one with more digits behind the point; one of the other that does not
   * fit is larger than any of those.
   */
  private static DecimalType wider(DecimalType a, DecimalType b) {
    int scale = Math.max(a.scale(), b.scale());
    int digits = Math.max(a.precision() - a.scale(), b.precision() - b.scale());
    return DataTypes.createDecimalType(
        Math.min(DecimalType.MAX_PRECISION(), digits + scale), scale);
  }

  private static DecimalType asDecimal(DataType type) {
    return type instanceof DecimalType decimal
        ? decimal
        : DataTypes.createDecimalType(LONG_DIGITS, 0);
  }

  private static boolean isExact(DataType type) {
    return type instanceof IntegralType || type instanceof DecimalType;
  }

  private static boolean isNumber(DataType type) {
    return isExact(type) || type instanceof FloatType || type instanceof DoubleType;
  }

  private static boolean isMoment(DataType type) {
    return type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType;
  }

  /** Whether values have differences, and so tolerances. */
  boolean isNumber() {
    return isNumber(type);
  }

  boolean isFloating() {
    return type instanceof DoubleType;
  }

  /**
   * A column's value in this type, zero without a sign and one NaN only; NULL also where it does
   * not fit.
   */
  Column value(Column column, SourceType from) {
    Column value = from.type().equals(type) ? column : column.try_cast(type);
    return isFloating()
        ? when(isnan(value), lit(Double.NaN)).when(value.equalTo(0.0), lit(0.0)).otherwise(value)
        : value;
  }

  /** The text of a value that {@link #value} is not, NULL of others; empty where there are none. */
  Optional<Column> misfit(Column column, SourceType from) {
    return differs(column, from)
        .map(condition -> when(condition, column.cast(DataTypes.StringType)));
  }

  private Optional<Column> differs(Column column, SourceType from) {
    Column value = value(column, from);
    Column lost = column.isNotNull().and(value.isNull());
    if (from.written() && isExact(type)) {
      return Optional.of(lost.or(isRounded(column, value)));
    }
    if (from.written() && !(type instanceof StringType)) {
      return Optional.of(lost);
    }
    if (isFloating() && isExact(from.type())) {
      return Optional.of(not(value.try_cast(from.type()).eqNullSafe(column)));
    }
    boolean mayBeTooLarge =
        type instanceof DecimalType decimal && !holdsAll(decimal, asDecimal(from.type()));
    return mayBeTooLarge ? Optional.of(lost) : Optional.empty();
  }

  private static boolean holdsAll(DecimalType type, DecimalType from) {
    return type.precision() - type.scale() >= from.precision() - from.scale();
  }

  /** Whether a text has more digits behind the point than the type. */
  private Column isRounded(Column text, Column value) {
    int scale = ((DecimalType) type).scale();
    Column digits = length(regexp_extract(text, "\\.([0-9]*?)0*\\s*$", 1));
    Column exact = text.try_cast(DataTypes.DoubleType);
    Column distance = abs(exact.minus(value.cast(DataTypes.DoubleType)));
    Column withExponent =
        text.rlike("[eE]").and(coalesce(distance.gt(abs(exact).multiply(SAME)), lit(true)));
    return digits.gt(scale).or(withExponent);
  }
}
