package assay.tests;

import java.util.List;
import java.util.Optional;

/**
 * What happens to a lake.
 *
 * <p>A step at which a stage ends by an error is counted from 1; 0 stands for none, and a stage of
 * fewer steps ends in peace.
 */
sealed interface LakeAction {
  int NO_STEP = 0;

  /**
   * A micro-batch comes to bronze.
   *
   * @param groups the rows of each group of keys
   * @param truncateBefore the group before whose rows a truncate comes, -1 for none
   */
  record Ingest(int partition, List<List<PaymentDraw>> groups, int truncateBefore)
      implements LakeAction {}

  record RunSilver(int failAt) implements LakeAction {}

  record RunGold(int failAt) implements LakeAction {}

  /**
   * Reads the rows of micro-batches anew.
   *
   * @param from the first of them, by its number in the history
   * @param count how many there are
   */
  record Reprocess(int from, int count, int failAt) implements LakeAction {}

  /** Reads the rows in quarantine anew, or those that failed a rule. */
  record Retry(Optional<String> rule, int failAt) implements LakeAction {}

  /** Makes silver and the tables beside it anew of all rows that it has read. */
  record Replay(int failAt) implements LakeAction {}

  /** Columns only come and widen: what they have become they stay. */
  record ChangeContract(boolean strict, boolean noted, boolean wide) implements LakeAction {}
}
