package assay.core.contract;

import java.util.List;

/**
 * What a metric set must show before BI reads the stream.
 *
 * @param afterDays green days in a row
 * @param canary shares of consumers, percent, in the order of the steps
 */
public record Promotion(int afterDays, List<Integer> canary, Approval approval) {
  public Promotion {
    canary = List.copyOf(canary);
  }

  /** Who says yes. */
  public enum Approval {
    MANUAL,
    AUTOMATIC
  }
}
