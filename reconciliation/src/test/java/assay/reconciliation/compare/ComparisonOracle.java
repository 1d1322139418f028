package assay.reconciliation.compare;

import assay.reconciliation.compare.Comparison.MeasureCounts;
import assay.reconciliation.compare.Comparison.RowCounts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;

/**
 * What a comparison of two tables of {@link Line}s must say, in plain Java that knows
 * docs/compare.md and nothing of the code: amounts within 1 or 1 %, ratios within a millionth, all
 * else exactly.
 */
final class ComparisonOracle {
  static final String TOLERANCE = "amount={absolute: 1, relative: 1%}";

  private static final int EQUAL = 0;
  private static final int WITHIN = 1;
  private static final int BEYOND = 2;

  private static final Map<String, BiPredicate<Line, Line>> EQUAL_VALUES = new LinkedHashMap<>();

  static {
    EQUAL_VALUES.put("amount", (a, b) -> sameNumber(a.amount(), b.amount()));
    EQUAL_VALUES.put("ratio", (a, b) -> sameRatio(a.ratio(), b.ratio()));
    EQUAL_VALUES.put("count", (a, b) -> Objects.equals(a.count(), b.count()));
    EQUAL_VALUES.put("note", (a, b) -> Objects.equals(a.note(), b.note()));
    EQUAL_VALUES.put("day", (a, b) -> Objects.equals(a.day(), b.day()));
    EQUAL_VALUES.put("big", (a, b) -> sameNumber(a.big(), b.big()));
  }

  private final Map<List<Object>, Line> control;
  private final Map<List<Object>, Line> test;

  ComparisonOracle(List<Line> control, List<Line> test) {
    this.control = Line.byKey(control);
    this.test = Line.byKey(test);
  }

  RowCounts rows() {
    long[] states = new long[3];
    long onlyInControl = 0;
    for (Map.Entry<List<Object>, Line> entry : control.entrySet()) {
      Line other = test.get(entry.getKey());
      if (other == null) {
        onlyInControl++;
      } else {
        int worst = EQUAL;
        for (String measure : EQUAL_VALUES.keySet()) {
          worst = Math.max(worst, state(measure, entry.getValue(), other));
        }
        states[worst]++;
      }
    }
    long onlyInTest = test.keySet().stream().filter(key -> !control.containsKey(key)).count();
    return new RowCounts(onlyInControl, onlyInTest, states[0], states[1], states[2]);
  }

  List<MeasureCounts> measures() {
    List<MeasureCounts> measures = new ArrayList<>();
    for (String measure : EQUAL_VALUES.keySet()) {
      long[] states = new long[3];
      control.forEach(
          (key, line) -> {
            if (test.containsKey(key)) {
              states[state(measure, line, test.get(key))]++;
            }
          });
      String tolerance =
          measure.equals("amount") ? "1 or 1%" : measure.equals("ratio") ? "0.0001%" : "0";
      measures.add(new MeasureCounts(measure, tolerance, states[0], states[1], states[2]));
    }
    return measures;
  }

  private static int state(String measure, Line a, Line b) {
    if (EQUAL_VALUES.get(measure).test(a, b)) {
      return EQUAL;
    }
    boolean within =
        switch (measure) {
          case "amount" -> amountWithin(a.amount(), b.amount());
          case "ratio" -> ratioWithin(a.ratio(), b.ratio());
          default -> false;
        };
    return within ? WITHIN : BEYOND;
  }

  private static boolean amountWithin(BigDecimal a, BigDecimal b) {
    if (a == null || b == null) {
      return false;
    }
    BigDecimal distance = b.subtract(a).abs();
    return distance.compareTo(BigDecimal.ONE) <= 0
        || distance.compareTo(a.abs().max(b.abs()).movePointLeft(2)) <= 0;
  }

  private static boolean ratioWithin(Double a, Double b) {
    return a != null
        && b != null
        && Double.isFinite(a)
        && Double.isFinite(b)
        && Math.abs(b - a) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
  }

  private static boolean sameNumber(BigDecimal a, BigDecimal b) {
    if (a == null || b == null) {
      return a == null && b == null;
    }
    return a.compareTo(b) == 0;
  }

  private static boolean sameRatio(Double a, Double b) {
    if (a == null || b == null) {
      return Objects.equals(a, b);
    }
    return Double.isNaN(a) ? Double.isNaN(b) : a.doubleValue() == b.doubleValue();
  }
}
