package assay.gold;

import java.time.LocalDate;
import java.util.List;

/**
 * What a run of gold would do for one metric set.
 *
 * @param reason why these days
 * @param days to recompute, ascending; all that silver holds where the whole table is made anew
 * @param silverVersion that they are computed from
 */
public record GoldPlan(String metrics, Reason reason, List<LocalDate> days, long silverVersion) {

  /** Why days are recomputed. */
  public enum Reason {
    /** There is no gold yet. */
    FIRST_RUN("there is no gold yet", true),
    /** Measures, dimensions, the filter or the zone changed, or silver was built again. */
    OTHER_BASIS("the definition or silver is another one", true),
    /** Silver's log does not tell any more which days changed since the last run. */
    LOG_GONE("silver's log no longer reaches back to the last run", true),
    /** Silver wrote rows of these days, or the days were asked for. */
    CHANGED("silver changed these days, or they were asked for", false),
    /** Nothing is to be done. */
    NOTHING("silver has not changed", false);

    private final String words;
    private final boolean whole;

    Reason(String words, boolean whole) {
      this.words = words;
      this.whole = whole;
    }

    public String words() {
      return words;
    }

    /** Whether the whole table is made anew. */
    public boolean whole() {
      return whole;
    }
  }

  public GoldPlan {
    days = List.copyOf(days);
  }
}
