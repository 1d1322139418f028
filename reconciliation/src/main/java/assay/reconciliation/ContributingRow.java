package assay.reconciliation;

import java.time.LocalDate;

/**
 * A row of bronze that is in one side's number only.
 *
 * @param live its disposition on the live path
 * @param batch its disposition on the batch path
 */
public record ContributingRow(
    String metrics,
    LocalDate day,
    String cell,
    int partition,
    long offset,
    String live,
    String batch,
    Cause cause) {}
