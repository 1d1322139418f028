package assay.reconciliation;

import assay.core.ErrorCode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * What reading keys on both sides came to, of one live view.
 *
 * @param keys that were read, of either side
 * @param differences by key
 * @param controlCut up to where in bronze silver had read
 * @param testCut the same of the live view
 * @param alertAbove the share of keys that may differ, a ratio
 */
public record DualRead(
    String view,
    long keys,
    List<KeyDifference> differences,
    String controlCut,
    String testCut,
    BigDecimal alertAbove) {
  public DualRead {
    differences = List.copyOf(differences);
  }

  /** From 0 to 1. */
  public double mismatchRate() {
    return keys == 0 ? 0 : (double) differences.size() / keys;
  }

  public long unexplained() {
    return differences.stream().filter(d -> !d.explained()).count();
  }

  /** Whether more keys differ than is borne. */
  public boolean alerts() {
    BigDecimal borne = alertAbove.multiply(BigDecimal.valueOf(keys));
    return BigDecimal.valueOf(differences.size()).compareTo(borne) > 0;
  }

  /**
   * Why the command must not end with 0; empty where rows explain all differences, and no more keys
   * differ than is borne.
   */
  public Optional<ErrorCode> failure() {
    if (keys == 0) {
      return Optional.of(ErrorCode.INCONCLUSIVE);
    }
    return unexplained() > 0 || alerts() ? Optional.of(ErrorCode.DIVERGED) : Optional.empty();
  }
}
