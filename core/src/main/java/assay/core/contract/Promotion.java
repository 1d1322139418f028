package assay.core.contract;

import java.time.Duration;
import java.util.List;

/**
 * What a metric set must show before BI reads the stream.
 *
 * @param afterDays green days in a row before the first step
 * @param canary shares of consumers, percent, in the order of the steps
 * @param stepDays green days, each over after the step before, before every further step
 * @param halfOpenDays the same before the first step after the stream was put back
 * @param leastCells how many cells the days of a run have compared together, at least
 * @param freshWithin how long a row may be in bronze and not in the view, while BI reads the stream
 */
public record Promotion(
    int afterDays,
    List<Integer> canary,
    Approval approval,
    int stepDays,
    int halfOpenDays,
    long leastCells,
    Duration freshWithin) {
  /** What holds where a contract says nothing else. */
  public static final int STEP_DAYS = 1;

  /** What holds where a contract says nothing else. */
  public static final int HALF_OPEN_DAYS = 3;

  /** What holds where a contract says nothing else. */
  public static final long LEAST_CELLS = 1;

  /** What holds where a contract says nothing else. */
  public static final Duration FRESH_WITHIN = Duration.ofMinutes(10);

  public Promotion {
    canary = List.copyOf(canary);
  }

  /** One with the defaults of all that must not be written. */
  public Promotion(int afterDays, List<Integer> canary, Approval approval) {
    this(afterDays, canary, approval, STEP_DAYS, HALF_OPEN_DAYS, LEAST_CELLS, FRESH_WITHIN);
  }

  /** Who says yes. */
  public enum Approval {
    MANUAL,
    AUTOMATIC
  }
}
