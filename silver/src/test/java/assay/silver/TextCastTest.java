package assay.silver;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextCastTest {
  private static final DataType MONEY = DataTypes.createDecimalType(6, 2);

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "+7, 7",
    "007, 7",
    "2147483647, 2147483647",
    "-2147483648, -2147483648",
    "0000000000000000000000000000001, 1"
  })
  void anIntIsASignAndDigitsInRange(String text, int value) {
    assertThat(read(DataTypes.IntegerType, text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+",
        "--1",
        "1-",
        "1.0",
        "1e1",
        " 1",
        "1 ",
        "0x1",
        "1L",
        "٥",
        "2147483648",
        "-2147483649",
        "99999999999999999999"
      })
  void whatIsNoIntIsNone(String text) {
    assertThat(read(DataTypes.IntegerType, text)).isNull();
  }

  @Test
  void aLongGoesToItsBounds() {
    assertThat(read(DataTypes.LongType, "9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    assertThat(read(DataTypes.LongType, "-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
    assertThat(read(DataTypes.LongType, "9223372036854775808")).isNull();
    assertThat(read(DataTypes.LongType, "-9223372036854775809")).isNull();
    assertThat(read(DataTypes.LongType, "92233720368547758070")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.00",
    "-0.0, 0.00",
    "0e999999999999, 0.00",
    "1.50, 1.50",
    "+1.5, 1.50",
    ".5, 0.50",
    "5., 5.00",
    "-9999.99, -9999.99",
    "1.5000000000000000000000000000000000000000000000000, 1.50",
    "00000000000000000000000000000000000000000000012, 12.00",
    "15e-1, 1.50",
    "0.00000012e8, 12.00",
    "120000e-4, 12.00",
    "9.99999e3, 9999.99",
    "1E+3, 1000.00"
  })
  void aDecimalIsExactlyWhatIsWritten(String text, String value) {
    assertThat(read(MONEY, text)).isEqualTo(Decimal.apply(new BigDecimal(value), 6, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        ".",
        "e3",
        "1e",
        "1e+",
        "1,50",
        "1_0",
        "NaN",
        "Infinity",
        "1.005",
        "12345.6",
        "10000",
        "1e4",
        "1e-3",
        "1e999999999",
        "-1e999999999999999999999",
        "1e-999999999999999999",
        "1.5 ",
        "٥"
      })
  void whatDoesNotFitADecimalIsNone(String text) {
    assertThat(read(MONEY, text)).isNull();
  }

  @Test
  void aWideDecimalKeepsAllDigits() {
    DataType wide = DataTypes.createDecimalType(38, 10);
    String digits = "-1234567890123456789012345678.0123456789";
    assertThat(read(wide, digits)).hasToString(digits);
    assertThat(read(wide, "12345678901234567890123456789")).isNull();
  }

  @Test
  @Timeout(20)
  void textsOfMillionsOfDigitsAreJudgedInNoTime() {
    String digits = "1".repeat(5_000_000);
    assertThat(read(DataTypes.LongType, digits)).isNull();
    assertThat(read(MONEY, digits)).isNull();
    assertThat(read(MONEY, "0." + digits)).isNull();
    assertThat(read(MONEY, "1." + "0".repeat(5_000_000))).hasToString("1.00");
    assertThat(read(MONEY, "1e" + digits)).isNull();
    assertThat(read(DataTypes.DoubleType, digits)).isNull();
    assertThat(read(DataTypes.DoubleType, "0." + digits)).isEqualTo(1.0 / 9);
  }

  @ParameterizedTest
  @CsvSource({
    "1.5e2, 150.0",
    "-1, -1.0",
    "0.1, 0.1",
    "9007199254740993, 9007199254740992.0",
    "1e-400, 0.0"
  })
  void aDoubleIsTheNearestOfANumber(String text, double value) {
    assertThat(read(DataTypes.DoubleType, text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "NaN", "Infinity", "1e400", "-1e400", "0x1p3", "1d", "1f", " 1", "1 "})
  void whatIsNoFiniteNumberIsNoDouble(String text) {
    assertThat(read(DataTypes.DoubleType, text)).isNull();
  }

  @Test
  void aFloatIsRoundedOnceFromTheText() {
    // By way of a double it would be rounded twice, and become 1.0.
    assertThat(read(DataTypes.FloatType, "1.00000005960464477540")).isEqualTo(1.0000001f);
    assertThat(read(DataTypes.FloatType, "1e39")).isNull();
  }

  @Test
  void aBooleanIsOneOfTwoWords() {
    assertThat(read(DataTypes.BooleanType, "true")).isEqualTo(true);
    assertThat(read(DataTypes.BooleanType, "false")).isEqualTo(false);
    for (String text : new String[] {"", "True", "TRUE", "yes", "1", "truest", "falsehood"}) {
      assertThat(read(DataTypes.BooleanType, text)).as(text).isNull();
    }
  }

  @Test
  void aDateIsADayThatWas() {
    assertThat(read(DataTypes.DateType, "1970-01-02")).isEqualTo(1);
    assertThat(read(DataTypes.DateType, "0001-01-01"))
        .isEqualTo((int) LocalDate.of(1, 1, 1).toEpochDay());
    assertThat(read(DataTypes.DateType, "2000-02-29")).isEqualTo(11016);
    for (String text :
        new String[] {
          "",
          "2001-1-2",
          "2001-01",
          "0000-01-01",
          "1900-02-29",
          "2001-02-29",
          "2001-04-31",
          "2001-13-01",
          "2001-00-01",
          "2001-01-00",
          "2001-01-01T",
          "10000-01-01",
          "-001-01-01",
          "2001/01/01",
          "2001-01-0٥"
        }) {
      assertThat(read(DataTypes.DateType, text)).as(text).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2001-01-02T03:04, 2001-01-02T03:04:00Z",
    "2001-01-02 03:04Z, 2001-01-02T03:04:00Z",
    "2001-01-02T03:04+0545, 2001-01-01T21:19:00Z",
    "2001-01-02T03:04:05-18:00, 2001-01-02T21:04:05Z",
    "2001-01-02T03:04:05.1, 2001-01-02T03:04:05.100Z",
    "2001-01-02T03:04:05.123456999+00:00, 2001-01-02T03:04:05.123456Z",
    "1969-12-31T23:59:59.999999999Z, 1969-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z, 9999-12-31T23:59:59.999999Z"
  })
  void aTimestampIsKeptToTheMicrosecond(String text, Instant value) {
    long micros = value.getEpochSecond() * 1_000_000 + value.getNano() / 1000;
    assertThat(read(DataTypes.TimestampType, text)).isEqualTo(micros);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2001-01-02",
        "2001-01-02T03",
        "2001-01-02T03:0",
        "2001-01-02T03:04:",
        "2001-01-02T03:04:0",
        "2001-01-02T03:04:05.",
        "2001-01-02T03:04:05.1234567890",
        "2001-01-02T03:04:60Z",
        "2001-01-02T03:60:00Z",
        "2001-01-02T24:00:00Z",
        "2001-01-02T03:04:05+18:01",
        "2001-01-02T03:04:05+05:60",
        "2001-01-02T03:04:05+5:45",
        "2001-01-02T03:04:05+05",
        "2001-01-02T03:04:05ZZ",
        "2001-01-02T03:04:05 Z",
        "2001-01-02T03:04:05z",
        "2001-01-02t03:04:05Z",
        "2001-02-29T03:04:05Z",
        "0000-01-02T03:04:05Z",
        "32768-01-02T03:04:05Z",
        "978404645",
        "978404645000",
        "now"
      })
  void whatOnlyLooksLikeATimestampIsNone(String text) {
    assertThat(read(DataTypes.TimestampType, text)).isNull();
  }

  /** With other characters around it, which must not be looked at. */
  private static Object read(DataType type, String text) {
    char[] around = ("9" + text + "9").toCharArray();
    return TextCast.to(type).read(around, 1, 1 + text.length());
  }
}
