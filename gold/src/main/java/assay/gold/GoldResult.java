package assay.gold;

import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run of gold did for one metric set.
 *
 * @param reason why it recomputed these days
 * @param states of the recomputed days, by day, ascending; empty where silver did not change
 * @param restated totals that differ from those of the run before
 * @param filtered rows of the recomputed days that fail a rule of the filter, by rule; a row counts
 *     under each that it fails
 * @param silverVersion that gold now stands for
 * @param version of the gold table afterwards
 */
public record GoldResult(
    String metrics,
    GoldPlan.Reason reason,
    Map<LocalDate, DayState> states,
    List<RestatedTotal> restated,
    Map<String, Long> filtered,
    long silverVersion,
    long version) {
  public GoldResult {
    states = Collections.unmodifiableMap(new TreeMap<>(states));
    restated = List.copyOf(restated);
    filtered = Collections.unmodifiableMap(new TreeMap<>(filtered));
  }

  /** The days that were recomputed, ascending. */
  public List<LocalDate> days() {
    return List.copyOf(states.keySet());
  }
}
