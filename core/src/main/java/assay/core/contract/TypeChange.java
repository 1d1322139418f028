package assay.core.contract;

import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;

/**
 * What it takes to give a column another type. A type widens where every value of the one is a
 * value of the other and Delta reads files of both in one table: its {@code
 * TypeWidening.isTypeChangeSupported}, for the types that a contract has and the smaller whole
 * numbers that other tables have. Of these Delta makes whole numbers to {@code double} or {@code
 * decimal} only by {@code ALTER TABLE … ALTER COLUMN … TYPE}, never while it writes rows.
 */
public final class TypeChange {
  private TypeChange() {}

  /** How one type stands to another. */
  public enum Kind {
    SAME,
    /** Changes in place; rows that are there keep their values. */
    WIDENS,
    /** Needs a table that is built anew. */
    INCOMPATIBLE
  }

  /**
   * How a column of type {@code from} becomes one of type {@code to}; nullability plays no role.
   */
  public static Kind of(DataType from, DataType to) {
    if (DataType.equalsIgnoreNullability(from, to)) {
      return Kind.SAME;
    }
    return widens(from, to) ? Kind.WIDENS : Kind.INCOMPATIBLE;
  }

  private static boolean widens(DataType from, DataType to) {
    if (from instanceof IntegralType && to instanceof IntegralType) {
      return from.defaultSize() < to.defaultSize();
    }
    if (to instanceof DoubleType) {
      return from instanceof FloatType || isUpToInt(from);
    }
    if (to instanceof DecimalType wider) {
      if (from instanceof DecimalType narrower) {
        return holds(wider, narrower.precision(), narrower.scale());
      }
      // Parquet keeps whole numbers up to int in 32 bits, whichever of them it is.
      return isUpToInt(from)
          ? holds(wider, 10, 0)
          : from instanceof LongType && holds(wider, 20, 0);
    }
    return false;
  }

  private static boolean isUpToInt(DataType type) {
    return type instanceof ByteType || type instanceof ShortType || type instanceof IntegerType;
  }

  private static boolean holds(DecimalType wider, int precision, int scale) {
    return wider.scale() >= scale && wider.precision() - wider.scale() >= precision - scale;
  }
}
