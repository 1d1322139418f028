package assay.reconciliation.compare;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** A row of a random table. Any value may be {@code null}. */
record Line(
    String name,
    Integer number,
    BigDecimal amount,
    Double ratio,
    Integer count,
    String note,
    LocalDate day,
    BigDecimal big) {

  static final List<String> KEY = List.of("name", "number");

  /** Of the control; the other side has the same columns under other types. */
  static final StructType CONTROL =
      StructType.fromDDL(
          "name STRING, number INT, amount DECIMAL(10,2), ratio DOUBLE, count INT, note STRING,"
              + " day DATE, big DECIMAL(38,0)");

  static final StructType TEST =
      StructType.fromDDL(
          "name STRING, number BIGINT, amount DECIMAL(12,4), ratio DOUBLE, count BIGINT,"
              + " note STRING, day DATE, big DECIMAL(38,18)");

  private static final List<String> TEXTS =
      Arrays.asList(
          null, "", "a", "b", "a,b", "a\"b", "a\nb", "a\u0001", "\u0001a", "NULL", "null", " a",
          "é", "1", "01");

  private static final List<Double> RATIOS =
      Arrays.asList(
          null,
          0.0,
          -0.0,
          Double.NaN,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          0.1,
          0.1 + 1e-9,
          0.10001,
          -7.5,
          1e300);

  private static final List<String> BIGS =
      Arrays.asList(
          null,
          "0",
          "12",
          "12345678901234567890",
          "123456789012345678901234567890",
          "99999999999999999999999999999999999999");

  /** The key of a row, by which an oracle tells rows apart. */
  List<Object> key() {
    return Arrays.asList(name, number);
  }

  /** Lines with keys of their own. */
  static List<Line> draw(Random random, int count) {
    List<List<Object>> keys = new ArrayList<>();
    for (String text : TEXTS) {
      for (Integer number : Arrays.asList(null, 0, 1, -1)) {
        keys.add(Arrays.asList(text, number));
      }
    }
    for (int i = 0; i < count; i++) {
      keys.add(List.of("key" + i, i % 3));
    }
    Collections.shuffle(keys, random);
    List<Line> lines = new ArrayList<>();
    for (List<Object> key : keys.subList(0, count)) {
      lines.add(
          new Line(
              (String) key.get(0),
              (Integer) key.get(1),
              random.nextInt(9) == 0 ? null : BigDecimal.valueOf(random.nextInt(99_999), 2),
              any(random, RATIOS),
              random.nextInt(9) == 0 ? null : random.nextInt(5),
              any(random, TEXTS),
              random.nextInt(9) == 0 ? null : LocalDate.of(2001, 1, 1 + random.nextInt(3)),
              number(any(random, BIGS))));
    }
    return lines;
  }

  /** The same row on the other side, one value of it perhaps another. */
  Line changed(Random random) {
    Line other = draw(random, 1).get(0);
    BigDecimal small = BigDecimal.valueOf(random.nextInt(200) - 100L, 4);
    return switch (random.nextInt(12)) {
      case 0 -> with(amount == null ? null : amount.add(small), ratio, count, note, day, big);
      case 1 -> with(other.amount, ratio, count, note, day, big);
      case 2 -> with(amount, other.ratio, count, note, day, big);
      case 3 -> with(amount, ratio, other.count, note, day, big);
      case 4 -> with(amount, ratio, count, other.note, day, big);
      case 5 -> with(amount, ratio, count, note, other.day, big);
      case 6 -> with(amount, ratio, count, note, day, other.big);
      case 7 ->
          with(
              amount, ratio, count, note, day, big == null ? null : big.add(new BigDecimal("0.5")));
      default -> this;
    };
  }

  private Line with(
      BigDecimal newAmount,
      Double newRatio,
      Integer newCount,
      String newNote,
      LocalDate newDay,
      BigDecimal newBig) {
    return new Line(name, number, newAmount, newRatio, newCount, newNote, newDay, newBig);
  }

  /** Whether the test side's type holds all of it. */
  boolean fitsTest() {
    return big == null || big.precision() - big.scale() <= 20;
  }

  Line withoutBig() {
    return with(amount, ratio, count, note, day, null);
  }

  Row controlRow() {
    return RowFactory.create(name, number, amount, ratio, count, note, day, big);
  }

  Row testRow() {
    return RowFactory.create(
        name,
        number == null ? null : (Long) number.longValue(),
        amount,
        ratio,
        count == null ? null : (Long) count.longValue(),
        note,
        day,
        big);
  }

  /** As another system may export it: texts in quotes, nothing for NULL. */
  String csv() {
    return Stream.of(
            quoted(name),
            text(number),
            text(amount == null ? null : amount.toPlainString() + "0"),
            text(ratio),
            text(count == null ? null : count + ".0"),
            quoted(note),
            text(day),
            text(big == null ? null : big.toPlainString()))
        .collect(Collectors.joining(","));
  }

  private static String quoted(String text) {
    return text == null ? "" : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static String text(Object value) {
    return value == null ? "" : value.toString();
  }

  private static BigDecimal number(String text) {
    return text == null ? null : new BigDecimal(text);
  }

  private static <T> T any(Random random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** Lines by key; the last one of each. */
  static Map<List<Object>, Line> byKey(List<Line> lines) {
    Map<List<Object>, Line> byKey = new LinkedHashMap<>();
    lines.forEach(line -> byKey.put(line.key(), line));
    return byKey;
  }
}
