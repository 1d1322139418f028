package assay.core;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The types of columns that every reader of Delta tables knows. Any other needs a feature in the
 * table's protocol, such as {@code timestampNtz} or {@code variantType}, which common BI readers
 * lack, or cannot be stored at all.
 */
public final class PlainTypes {
  private static final Set<DataType> SINGLE =
      Set.of(
          DataTypes.StringType,
          DataTypes.BooleanType,
          DataTypes.ByteType,
          DataTypes.ShortType,
          DataTypes.IntegerType,
          DataTypes.LongType,
          DataTypes.FloatType,
          DataTypes.DoubleType,
          DataTypes.DateType,
          DataTypes.TimestampType,
          DataTypes.BinaryType);

  private PlainTypes() {}

  /** The first type within {@code type} that is not plain; empty where all are. */
  public static Optional<DataType> firstOther(DataType type) {
    if (type instanceof ArrayType array) {
      return firstOther(array.elementType());
    }
    if (type instanceof MapType map) {
      return Stream.of(map.keyType(), map.valueType())
          .flatMap(part -> firstOther(part).stream())
          .findFirst();
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields())
          .map(StructField::dataType)
          .flatMap(part -> firstOther(part).stream())
          .findFirst();
    }
    return isSingle(type) || type instanceof DecimalType ? Optional.empty() : Optional.of(type);
  }

  /** Whether a value of this type is one plain value, and compares as itself. */
  public static boolean isExactValue(DataType type) {
    boolean floating = type.equals(DataTypes.FloatType) || type.equals(DataTypes.DoubleType);
    return !floating && (isSingle(type) || type instanceof DecimalType);
  }

  private static boolean isSingle(DataType type) {
    return SINGLE.contains(type);
  }
}
