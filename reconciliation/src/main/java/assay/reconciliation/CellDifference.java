package assay.reconciliation;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * One measure of one cell in which the sides differ. {@code difference} is the sum of the terms and
 * of {@code unexplained}, to the last digit.
 *
 * @param cell the dimensions, as text
 * @param control the value of the batch side, as text; empty where it has no such cell
 * @param test the value of the live side, as text; empty where it has no such cell
 * @param rows how many rows are in one side's number only
 */
public record CellDifference(
    String metrics,
    LocalDate day,
    String cell,
    String measure,
    String control,
    String test,
    BigDecimal difference,
    Map<Cause, BigDecimal> terms,
    BigDecimal unexplained,
    long rows,
    String verdict) {
  public CellDifference {
    EnumMap<Cause, BigDecimal> ordered = new EnumMap<>(Cause.class);
    ordered.putAll(terms);
    terms = Collections.unmodifiableMap(ordered);
  }
}
