package assay.silver;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.YearMonth;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The text of a JSON value to a value of a column's type, in the form that the engine keeps inside.
 * Narrower than the engine's {@code try_cast}, which reads {@code 12:30} as a time of the day on
 * which the query runs, {@code 2001} as a date, {@code yes} as a boolean, and rounds decimals
 * unseen. Never throws, and takes time that grows no faster than the text.
 */
final class TextCast implements Serializable {
  private static final long serialVersionUID = 1;

  private static final long MICROS = 1_000_000;
  private static final long SECONDS_A_DAY = 86_400;

  /** In seconds; what Java's {@code ZoneOffset} goes up to. */
  private static final int WIDEST_OFFSET = 18 * 3600;

  /** Larger than any exponent that a fitting number may have, whatever zeros stand before it. */
  private static final long HUGE_EXPONENT = 1L << 40;

  /** As many digits as always fit into a long. */
  private static final int LONG_DIGITS = 18;

  private static final int NO_DAY = Integer.MIN_VALUE;

  private enum Kind {
    STRING,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    DECIMAL,
    BOOLEAN,
    DATE,
    TIMESTAMP
  }

  private final Kind kind;
  private final int precision;
  private final int scale;

  private TextCast(Kind kind, int precision, int scale) {
    this.kind = kind;
    this.precision = precision;
    this.scale = scale;
  }

  /**
   * @param type one that a contract's column can have
   */
  static TextCast to(DataType type) {
    if (type instanceof DecimalType decimal) {
      return new TextCast(Kind.DECIMAL, decimal.precision(), decimal.scale());
    }
    return new TextCast(kindOf(type), 0, 0);
  }

  private static Kind kindOf(DataType type) {
    if (type.equals(DataTypes.StringType)) {
      return Kind.STRING;
    } else if (type.equals(DataTypes.IntegerType)) {
      return Kind.INT;
    } else if (type.equals(DataTypes.LongType)) {
      return Kind.LONG;
    } else if (type.equals(DataTypes.FloatType)) {
      return Kind.FLOAT;
    } else if (type.equals(DataTypes.DoubleType)) {
      return Kind.DOUBLE;
    } else if (type.equals(DataTypes.BooleanType)) {
      return Kind.BOOLEAN;
    } else if (type.equals(DataTypes.DateType)) {
      return Kind.DATE;
    } else if (type.equals(DataTypes.TimestampType)) {
      return Kind.TIMESTAMP;
    }
    throw new IllegalArgumentException("no column is a " + type.simpleString());
  }

  /** Whether every text is of the type. */
  boolean takesAnyText() {
    return kind == Kind.STRING;
  }

  /** {@code NULL} where the type is none that has {@code true} and {@code false}. */
  Object read(boolean value) {
    return switch (kind) {
      case STRING -> UTF8String.fromString(Boolean.toString(value));
      case BOOLEAN -> value;
      default -> null;
    };
  }

  /**
   * {@code NULL} where the text is not of the type.
   *
   * @param from of the text's first character
   * @param to exclusive
   */
  Object read(char[] text, int from, int to) {
    return switch (kind) {
      case STRING -> UTF8String.fromString(new String(text, from, to - from));
      case INT -> {
        Long value = toWhole(text, from, to, Integer.MIN_VALUE, Integer.MAX_VALUE);
        yield value == null ? null : (Object) value.intValue();
      }
      case LONG -> toWhole(text, from, to, Long.MIN_VALUE, Long.MAX_VALUE);
      case FLOAT -> toFloat(text, from, to);
      case DOUBLE -> toDouble(text, from, to);
      case DECIMAL -> toDecimal(text, from, to);
      case BOOLEAN -> toBoolean(new String(text, from, Math.min(to - from, 6)));
      case DATE -> {
        int day = to - from == 10 ? toDay(text, from) : NO_DAY;
        yield day == NO_DAY ? null : (Object) day;
      }
      case TIMESTAMP -> toTimestamp(text, from, to);
    };
  }

  private static Object toBoolean(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> null;
    };
  }

  /** An optional sign and digits. */
  private static Long toWhole(char[] text, int from, int to, long least, long most) {
    int i = afterSign(text, from, to);
    if (i == to) {
      return null;
    }
    boolean negative = text[from] == '-';
    // Summed up below zero, where there is room for one more.
    long bound = negative ? least : -most;
    long value = 0;
    for (; i < to; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9 || value < bound / 10) {
        return null;
      }
      value *= 10;
      if (value < bound + digit) {
        return null;
      }
      value -= digit;
    }
    return negative ? value : -value;
  }

  private static Object toFloat(char[] text, int from, int to) {
    if (!isNumber(text, from, to)) {
      return null;
    }
    float value = Float.parseFloat(new String(text, from, to - from));
    return Float.isInfinite(value) ? null : (Object) value;
  }

  private static Object toDouble(char[] text, int from, int to) {
    if (!isNumber(text, from, to)) {
      return null;
    }
    double value = Double.parseDouble(new String(text, from, to - from));
    return Double.isInfinite(value) ? null : (Object) value;
  }

  /** A decimal or exponent number: {@code 1}, {@code -1.5}, {@code .5}, {@code 5.}, {@code 1e3}. */
  private static boolean isNumber(char[] text, int from, int to) {
    int whole = afterSign(text, from, to);
    int i = afterDigits(text, whole, to);
    int digits = i - whole;
    if (i < to && text[i] == '.') {
      int fraction = i + 1;
      i = afterDigits(text, fraction, to);
      digits += i - fraction;
    }
    if (digits == 0) {
      return false;
    }
    if (i < to && isExponent(text[i])) {
      int exponent = afterSign(text, i + 1, to);
      i = afterDigits(text, exponent, to);
      if (i == exponent) {
        return false;
      }
    }
    return i == to;
  }

  private static int afterSign(char[] text, int i, int to) {
    return i < to && (text[i] == '-' || text[i] == '+') ? i + 1 : i;
  }

  private static int afterDigits(char[] text, int from, int to) {
    int i = from;
    while (i < to && text[i] >= '0' && text[i] <= '9') {
      i++;
    }
    return i;
  }

  private static boolean isExponent(char c) {
    return c == 'e' || c == 'E';
  }

  /**
   * The number as its digits from the first to the last that is not zero, and a power of ten. So
   * what does not fit is known before it is computed: {@code 1e999999999} costs nothing.
   */
  private Object toDecimal(char[] text, int from, int to) {
    if (!isNumber(text, from, to)) {
      return null;
    }
    char[] digits = new char[DecimalType.MAX_PRECISION()];
    int kept = 0;
    long zeros = 0;
    long fraction = 0;
    long exponent = 0;
    boolean behindPoint = false;
    for (int i = afterSign(text, from, to); i < to; i++) {
      char c = text[i];
      if (isExponent(c)) {
        exponent = exponent(text, i + 1, to);
        break;
      }
      if (c == '.') {
        behindPoint = true;
        continue;
      }
      fraction += behindPoint ? 1 : 0;
      if (c == '0') {
        zeros += kept > 0 ? 1 : 0;
        continue;
      }
      if (kept + zeros >= precision) {
        return null;
      }
      for (; zeros > 0; zeros--) {
        digits[kept++] = '0';
      }
      digits[kept++] = c;
    }
    if (kept == 0) {
      return Decimal.createUnsafe(0, precision, scale);
    }
    long power = zeros - fraction + exponent;
    if (power < -scale || kept + power > precision - scale) {
      return null;
    }
    return decimal(text[from] == '-', digits, kept, (int) (power + scale));
  }

  private Decimal decimal(boolean negative, char[] digits, int kept, int zerosBehind) {
    if (kept + zerosBehind <= LONG_DIGITS) {
      long unscaled = 0;
      for (int i = 0; i < kept + zerosBehind; i++) {
        unscaled = unscaled * 10 + (i < kept ? digits[i] - '0' : 0);
      }
      return Decimal.createUnsafe(negative ? -unscaled : unscaled, precision, scale);
    }
    BigInteger unscaled =
        new BigInteger(new String(digits, 0, kept)).multiply(BigInteger.TEN.pow(zerosBehind));
    return Decimal.apply(
        new BigDecimal(negative ? unscaled.negate() : unscaled, scale), precision, scale);
  }

  private static long exponent(char[] text, int from, int to) {
    long exponent = 0;
    for (int i = afterSign(text, from, to); i < to; i++) {
      exponent = Math.min(HUGE_EXPONENT, exponent * 10 + (text[i] - '0'));
    }
    return text[from] == '-' ? -exponent : exponent;
  }

  /** {@code yyyy-MM-dd'T'HH:mm[:ss[.f{1,9}]][Z|±HH[:]mm]}, a blank for the T, in microseconds. */
  private static Object toTimestamp(char[] text, int from, int to) {
    if (to - from < 16 || text[from + 13] != ':' || !isTimeSeparator(text[from + 10])) {
      return null;
    }
    int day = toDay(text, from);
    int hour = twoDigits(text, from + 11);
    int minute = twoDigits(text, from + 14);
    if (day == NO_DAY || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
      return null;
    }
    int i = from + 16;
    int second = 0;
    long micros = 0;
    if (i < to && text[i] == ':') {
      second = to - i >= 3 ? twoDigits(text, i + 1) : -1;
      if (second < 0 || second > 59) {
        return null;
      }
      i += 3;
      if (i < to && text[i] == '.') {
        int end = afterDigits(text, i + 1, to);
        int digits = end - i - 1;
        if (digits < 1 || digits > 9) {
          return null;
        }
        for (int place = 0; place < 6; place++) {
          micros = micros * 10 + (place < digits ? text[i + 1 + place] - '0' : 0);
        }
        i = end;
      }
    }
    int offset = offset(text, i, to);
    if (Math.abs(offset) > WIDEST_OFFSET) {
      return null;
    }
    long seconds = day * SECONDS_A_DAY + hour * 3600L + minute * 60L + second - offset;
    return seconds * MICROS + micros;
  }

  private static boolean isTimeSeparator(char c) {
    return c == 'T' || c == ' ';
  }

  /** In seconds, zero where there is none; beyond {@link #WIDEST_OFFSET} where it is no offset. */
  private static int offset(char[] text, int from, int to) {
    int length = to - from;
    if (length == 0 || (length == 1 && text[from] == 'Z')) {
      return 0;
    }
    boolean colon = length == 6 && text[from + 3] == ':';
    if ((length != 5 && !colon) || (text[from] != '+' && text[from] != '-')) {
      return Integer.MAX_VALUE;
    }
    int hours = twoDigits(text, from + 1);
    int minutes = twoDigits(text, from + (colon ? 4 : 3));
    if (hours < 0 || minutes < 0 || minutes > 59) {
      return Integer.MAX_VALUE;
    }
    int seconds = hours * 3600 + minutes * 60;
    return text[from] == '-' ? -seconds : seconds;
  }

  /** The day since 1970 of ten characters {@code yyyy-MM-dd}, years from 0001. */
  private static int toDay(char[] text, int from) {
    int century = twoDigits(text, from);
    int ofCentury = twoDigits(text, from + 2);
    int month = twoDigits(text, from + 5);
    int day = twoDigits(text, from + 8);
    int year = century * 100 + ofCentury;
    if (century < 0
        || ofCentury < 0
        || year == 0
        || text[from + 4] != '-'
        || text[from + 7] != '-'
        || month < 1
        || month > 12
        || day < 1
        || (day > 28 && day > YearMonth.of(year, month).lengthOfMonth())) {
      return NO_DAY;
    }
    return (int) LocalDate.of(year, month, day).toEpochDay();
  }

  /** -1 where they are none. */
  private static int twoDigits(char[] text, int from) {
    int tens = text[from] - '0';
    int ones = text[from + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
  }
}
