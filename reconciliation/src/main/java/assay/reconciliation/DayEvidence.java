package assay.reconciliation;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;

/**
 * What the tables say of one day of one metric set: a row of {@code reconciliation.evidence}.
 *
 * @param verdict as {@link Verdict#label}
 * @param reason why no more can be said; empty where nothing stands in the way
 * @param contractHash of the contract that was compared under
 */
public record DayEvidence(
    String evidenceId,
    String metrics,
    LocalDate day,
    String verdict,
    Optional<String> reason,
    long cells,
    long differing,
    BigDecimal unexplained,
    String contractHash,
    Instant reconciledAt) {

  private static final Set<String> GREEN = Set.of("MATCH", "TOLERATED", "EXPLAINED");

  /** Whether BI may read the stream on its account; the same as {@link Verdict#green}. */
  public boolean green() {
    return GREEN.contains(verdict);
  }

  /** Whether something is left that no row explains. */
  public boolean diverged() {
    return verdict.equals("DIVERGED");
  }

  static DayEvidence of(Row row) {
    return new DayEvidence(
        row.getAs(EvidenceTables.EVIDENCE_ID),
        row.getAs("metrics"),
        row.getAs("day"),
        row.getAs("verdict"),
        Optional.ofNullable(row.getAs("reason")),
        row.<Long>getAs("cells"),
        row.<Long>getAs("differing"),
        row.getAs("unexplained"),
        row.getAs("contract_hash"),
        row.getAs("reconciled_at"));
  }
}
