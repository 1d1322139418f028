package assay.silver;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.contains;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.substring;
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
  private static final String DATE = "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}\\z";
  private static final String TIMESTAMP =
      "^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?"
          + "(Z|[+-][0-9]{2}:?[0-9]{2})?\\z";
  private static final String WHOLE = "^[+-]?[0-9]+\\z";
  private static final String NUMBER = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?\\z";

  private TextCast() {}

  /**
   * The type under which the JSON reader is asked for a column. Text, so that this class decides;
   * but for decimals, whose JSON numbers it would hand on as text of a double.
   */
  static DataType readAs(DataType type) {
    return type instanceof DecimalType decimal
        ? new DecimalType(
            DecimalType.MAX_PRECISION(),
            DecimalType.MAX_PRECISION() - (decimal.precision() - decimal.scale()))
        : DataTypes.StringType;
  }

  /**
   * Whether the value has the column, and not as null.
   *
   * @param field the column as the JSON reader gave it
   * @param value the whole value
   */
  static Column isThere(assay.core.contract.Column column, Column field, Column value) {
    // A decimal that the reader could not take is null to it; a look at the value itself tells.
    return column.type() instanceof DecimalType
        ? field.isNotNull().or(get_json_object(value, "$." + column.name()).isNotNull())
        : field.isNotNull();
  }

  /**
   * The column's value.
   *
   * @param text the column as the JSON reader gave it
   * @param value the whole value
   */
  static Column read(assay.core.contract.Column column, Column text, Column value) {
    if (column.type() instanceof DecimalType decimal) {
      Column rounded = text.try_cast(decimal);
      // In a JSON string the reader passes over commas, so that 1,50 would be a hundred and fifty.
      Column noComma = not(contains(get_json_object(value, "$." + column.name()), lit(",")));
      return when(rounded.equalTo(text).and(noComma), rounded);
    }
    return to(column.type(), text);
  }

  private static Column to(DataType type, Column text) {
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
      // The engine reads no offset behind bare minutes.
      Column seconds =
          when(
                  length(text).gt(16).and(not(substring(text, 17, 1).equalTo(":"))),
                  concat(substring(text, 1, 16), lit(":00"), substring(text, 17, 6)))
              .otherwise(text);
      return when(text.rlike(TIMESTAMP), seconds.try_cast(type));
    }
    if (type.equals(DataTypes.FloatType) || type.equals(DataTypes.DoubleType)) {
      Column number = text.try_cast(type);
      Column infinite = lit(Double.POSITIVE_INFINITY).cast(type);
      return when(text.rlike(NUMBER).and(abs(number).lt(infinite)), number);
    }
    return when(text.rlike(WHOLE), text.try_cast(type));
  }
}
