package assay.core;

import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;

/** What becomes of a column whose type a contract changes. */
public final class TypeChange {
  /** From easy to impossible. */
  public enum Kind {
    SAME,
    /** Every old value is a value of the new type; files stay as they are. */
    WIDENS,
    INCOMPATIBLE
  }

  /** Digits that a whole number has. */
  private static final Map<DataType, Integer> DIGITS =
      Map.of(DataTypes.IntegerType, 10, DataTypes.LongType, 20);

  private static final Map<DataType, Set<DataType>> WIDER =
      Map.of(
          DataTypes.IntegerType,
          Set.of(DataTypes.LongType, DataTypes.DoubleType),
          DataTypes.FloatType,
          Set.of(DataTypes.DoubleType));

  private TypeChange() {}

  /** As Delta's type widening has it (its protocol, "Type Widening"). */
  public static Kind of(DataType from, DataType to) {
    if (DataType.equalsIgnoreNullability(from, to)) {
      return Kind.SAME;
    }
    boolean widens =
        to instanceof DecimalType decimal
            ? growsTo(from, decimal)
            : WIDER.getOrDefault(from, Set.of()).contains(to);
    return widens ? Kind.WIDENS : Kind.INCOMPATIBLE;
  }

  private static boolean growsTo(DataType from, DecimalType to) {
    int beforePoint = to.precision() - to.scale();
    if (from instanceof DecimalType old) {
      return to.scale() >= old.scale() && beforePoint >= old.precision() - old.scale();
    }
    return DIGITS.containsKey(from) && beforePoint >= DIGITS.get(from);
  }
}
