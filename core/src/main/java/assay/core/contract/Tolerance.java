package assay.core.contract;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * How far test may stand from control. Within it when {@code |t - c| <= absolute} or {@code |t - c|
 * <= relative * max(|t|, |c|)}; both bounds are inclusive.
 *
 * @param absolute in the measure's unit, zero or more
 * @param relative a ratio (0.001 is 0.1 %), zero or more
 */
public record Tolerance(BigDecimal absolute, BigDecimal relative) {
  public static final Tolerance EXACT = new Tolerance(BigDecimal.ZERO, BigDecimal.ZERO);

  public Tolerance {
    if (absolute.signum() < 0 || relative.signum() < 0) {
      throw new IllegalArgumentException(
          "a tolerance is zero or more: " + absolute + ", " + relative);
    }
  }

  public boolean covers(BigDecimal control, BigDecimal test) {
    BigDecimal difference = test.subtract(control).abs();
    BigDecimal bound = relative.multiply(test.abs().max(control.abs()), MathContext.DECIMAL128);
    return difference.compareTo(absolute) <= 0 || difference.compareTo(bound) <= 0;
  }
}
