package assay.silver;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;

/**
 * The text of a JSON value to a column's type, {@code NULL} where it is not of that type. Narrower
 * than the engine's {@code try_cast}, which reads {@code 12:30} as a time of the day on which the
 * query runs, {@code 2001} as a date, {@code yes} as a boolean, and rounds decimals unseen.
 */
final class TextCast {
  private static final String DATE = "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$";
  private static final String TIMESTAMP =
      "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
          + "(Z|[+-][0-9]{2}:?[0-9]{2})?$";
  private static final String WHOLE = "^[+-]?[0-9]+$";
  private static final String NUMBER = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$";

  private TextCast() {}

  static Column to(DataType type, Column text) {
    if (type instanceof DecimalType decimal) {
      return exactDecimal(decimal, text);
    }
    if (type.equals(DataTypes.StringType)) {
      return text;
    }
    if (type.equals(DataTypes.BooleanType)) {
      return when(text.isin("true", "false"), text.equalTo("true"));
    }
    if (type.equals(DataTypes.DateType)) {
      return when(text.rlike(DATE), text.try_cast(type));
    }
    if (type.equals(DataTypes.TimestampType)) {
      return when(text.rlike(TIMESTAMP), text.try_cast(type));
    }
    if (type.equals(DataTypes.FloatType) || type.equals(DataTypes.DoubleType)) {
      Column number = text.try_cast(type);
      Column infinite = lit(Double.POSITIVE_INFINITY).cast(type);
      return when(text.rlike(NUMBER).and(abs(number).lt(infinite)), number);
    }
    return when(text.rlike(WHOLE), text.try_cast(type));
  }

  private static Column exactDecimal(DecimalType type, Column text) {
    Column rounded = text.try_cast(type);
    int wide = Math.min(DecimalType.MAX_PRECISION(), type.precision() + 10);
    Column finer = text.try_cast(new DecimalType(wide, wide - (type.precision() - type.scale())));
    return when(text.rlike(NUMBER).and(rounded.equalTo(finer)), rounded);
  }
}
