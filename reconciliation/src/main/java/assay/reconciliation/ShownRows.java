package assay.reconciliation;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * The rows of one cause in a metric set, and what they make.
 *
 * @param rows the first of them, by day, partition and offset
 * @param all how many there are; a row that is taken out as one and put in as another is two
 * @param terms one a measure, in the contract's order
 */
public record ShownRows(
    String metrics, Cause cause, List<ShownRow> rows, long all, List<MeasureTerm> terms) {
  public ShownRows {
    rows = List.copyOf(rows);
    terms = List.copyOf(terms);
  }

  /**
   * What all of the rows make of a measure.
   *
   * @param amount empty for one that cannot be summed, where the rows are not of one cell, or no
   *     reconciliation of the sides as they stand is stored
   */
  public record MeasureTerm(String measure, Optional<BigDecimal> amount) {}
}
