package assay.tests.oracle;

import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts to values, by the second table of the page. Empty where a text is not of the type. */
final class Texts {
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})"
              + "(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?");
  private static final BigInteger LEAST = BigInteger.valueOf(Integer.MIN_VALUE);
  private static final BigInteger MOST = BigInteger.valueOf(Integer.MAX_VALUE);

  private Texts() {}

  static Optional<Integer> toInt(String text) {
    if (!WHOLE.matcher(text).matches()) {
      return Optional.empty();
    }
    BigInteger number = new BigInteger(text.startsWith("+") ? text.substring(1) : text);
    return number.compareTo(LEAST) < 0 || number.compareTo(MOST) > 0
        ? Optional.empty()
        : Optional.of(number.intValue());
  }

  static Optional<Instant> toTimestamp(String text) {
    Matcher parts = TIMESTAMP.matcher(text);
    if (!parts.matches() || parts.group(1).equals("0000")) {
      return Optional.empty();
    }
    try {
      LocalDate day = LocalDate.of(number(parts, 1), number(parts, 2), number(parts, 3));
      String fraction = parts.group(7) == null ? "" : parts.group(7);
      int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
      int second = parts.group(6) == null ? 0 : number(parts, 6);
      LocalTime time = LocalTime.of(number(parts, 4), number(parts, 5), second, nanos);
      ZoneOffset offset = parts.group(8) == null ? ZoneOffset.UTC : ZoneOffset.of(parts.group(8));
      return Optional.of(day.atTime(time).toInstant(offset).truncatedTo(ChronoUnit.MICROS));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static int number(Matcher parts, int group) {
    return Integer.parseInt(parts.group(group));
  }
}
