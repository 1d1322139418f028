package assay.gold.upkeep;

import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * What a run of upkeep did, or would do, for one domain.
 *
 * @param compactions one a commit
 * @param openDays days with small files that are left alone because they are not closed, ascending
 * @param vacuumed by table; empty where none was asked for
 * @param retentions tables that forget too soon
 * @param keys empty where they were not looked at
 */
public record MaintainResult(
    String domain,
    List<Compaction> compactions,
    List<LocalDate> openDays,
    List<Vacuumed> vacuumed,
    List<RetentionFinding> retentions,
    Optional<KeyCheck> keys) {
  public MaintainResult {
    compactions = List.copyOf(compactions);
    openDays = List.copyOf(openDays);
    vacuumed = List.copyOf(vacuumed);
    retentions = List.copyOf(retentions);
  }

  /**
   * Whether something was found that upkeep cannot mend: a repeated run may write rows twice, or a
   * key stands twice and is counted twice.
   */
  public boolean needsAttention() {
    return retentions.stream().anyMatch(RetentionFinding::endangersIdempotence)
        || keys.filter(check -> check.doubled() > 0).isPresent();
  }
}
