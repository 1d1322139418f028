package assay.reconciliation.compare;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * What a column holds.
 *
 * @param written whether it holds texts of values of a type that only the other side knows
 */
record SourceType(DataType type, boolean written) {
  static SourceType of(DataType type, boolean texts) {
    boolean isText = type instanceof org.apache.spark.sql.types.StringType;
    return new SourceType(isText ? DataTypes.StringType : type, texts && isText);
  }

  /** For people. */
  String spoken() {
    return written ? "text" : type.catalogString();
  }
}
