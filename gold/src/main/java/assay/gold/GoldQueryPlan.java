package assay.gold;

import java.time.LocalDate;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run would do about one gold table that is made by a query.
 *
 * @param name of the table under {@code gold}
 * @param sources the versions that it would read, by table; those that are not there are left out
 * @param asOf what {@code :as_of} stands for; empty where the query does not use it
 * @param version of the table now; -1 where there is none
 */
public record GoldQueryPlan(
    String name, Reason reason, Map<String, Long> sources, Optional<LocalDate> asOf, long version) {

  /** Why the table is made again. */
  public enum Reason {
    /** There is no table, or none that this query made. */
    FIRST_RUN("the query has not run yet"),
    /** The text or the partitioning changed. */
    OTHER_QUERY("the query is another one"),
    /** Rows of a table that it reads changed, or that table is another one. */
    SOURCES("a table that it reads changed"),
    /** It uses {@code :as_of}, and another day has ended. */
    DAY("another day has ended"),
    /** A table that it reads is not there. */
    MISSING("a table that it reads is not there yet"),
    /** Nothing is to be done. */
    NOTHING("nothing that it reads changed");

    private final String words;

    Reason(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }

    /** Whether the table is made. */
    public boolean makes() {
      return this != MISSING && this != NOTHING;
    }
  }

  public GoldQueryPlan {
    sources = Collections.unmodifiableMap(new TreeMap<>(sources));
  }
}
