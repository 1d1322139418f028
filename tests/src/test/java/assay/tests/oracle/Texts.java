package assay.tests.oracle;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
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

  private Texts() {}

  /** The text of bytes in UTF-8. */
  static Optional<String> decode(ByteBuffer bytes) {
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  static Optional<Integer> toInt(String text) {
    return toWhole(text, Integer.SIZE).map(BigInteger::intValue);
  }

  static Optional<Long> toLong(String text) {
    return toWhole(text, Long.SIZE).map(BigInteger::longValue);
  }

  private static Optional<BigInteger> toWhole(String text, int bits) {
    if (!WHOLE.matcher(text).matches()) {
      return Optional.empty();
    }
    BigInteger number = new BigInteger(text.startsWith("+") ? text.substring(1) : text);
    // The length of a two's complement is given without the sign.
    return Optional.of(number).filter(n -> n.bitLength() < bits);
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
