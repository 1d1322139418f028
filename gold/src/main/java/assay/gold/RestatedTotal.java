package assay.gold;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Optional;

/**
 * A day's total of a measure, a count or a sum, that another run of gold had given before. A day
 * that gold holds for the first time, behind all others, is no restatement.
 *
 * @param before over all cells of the day; empty where the day had no cells, or a sum no value
 * @param after the same, as gold has it now
 */
public record RestatedTotal(
    LocalDate day, String measure, Optional<BigDecimal> before, Optional<BigDecimal> after) {}
