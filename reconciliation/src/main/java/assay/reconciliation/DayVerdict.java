package assay.reconciliation;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * The outcome of one day of one metric set.
 *
 * @param cells compared, of either side
 * @param differing cells in which at least one measure that counts differs
 * @param unexplained the sum over cells and measures of what no row explains, without sign
 * @param evidenceId the same for the same inputs, whenever and however often they are compared
 * @param rung how far the comparison went
 * @param ended why it ended there, in a person's words
 * @param beyond cells that stand further apart than the contract's tolerances
 * @param ignored measures of cells that differ and, as the contract says, do not count
 * @param fit whether BI may read the stream of this day on its account: the verdict is green, and
 *     no more cells are {@code beyond} than the contract's {@code alert_above} bears
 */
public record DayVerdict(
    String metrics,
    LocalDate day,
    Verdict verdict,
    long cells,
    long differing,
    BigDecimal unexplained,
    String evidenceId,
    Rung rung,
    String ended,
    long beyond,
    long ignored,
    boolean fit) {

  /** {@code beyond} of {@code cells}, from 0 to 1. */
  public double shareBeyond() {
    return cells == 0 ? 0 : (double) beyond / cells;
  }
}
