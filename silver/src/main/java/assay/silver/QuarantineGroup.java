package assay.silver;

import java.time.Instant;
import java.util.List;

/**
 * Rows of quarantine that failed the same.
 *
 * @param failedRules in the order of the contract
 * @param firstSeen when the first of them came to bronze
 * @param lastSeen when the last of them came to bronze
 */
public record QuarantineGroup(
    List<String> failedRules, long rows, Instant firstSeen, Instant lastSeen) {
  public QuarantineGroup {
    failedRules = List.copyOf(failedRules);
  }
}
