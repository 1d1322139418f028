package assay.gold;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * A day's total of a measure that another run of gold had given before.
 *
 * @param before over all cells of the day
 * @param after the same, as gold has it now
 */
public record RestatedTotal(LocalDate day, String measure, BigDecimal before, BigDecimal after) {}
