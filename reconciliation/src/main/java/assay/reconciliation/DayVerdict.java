package assay.reconciliation;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * The outcome of one day of one metric set.
 *
 * @param cells compared, of either side
 * @param differing cells in which at least one measure differs
 * @param unexplained the sum over cells and measures of what no row explains, without sign
 * @param evidenceId the same for the same inputs, whenever and however often they are compared
 */
public record DayVerdict(
    String metrics,
    LocalDate day,
    Verdict verdict,
    long cells,
    long differing,
    BigDecimal unexplained,
    String evidenceId) {}
