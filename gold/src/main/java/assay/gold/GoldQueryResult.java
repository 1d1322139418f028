package assay.gold;

import java.time.LocalDate;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run did about one gold table that is made by a query.
 *
 * @param name of the table under {@code gold}
 * @param reason why it was made again, or was not
 * @param sources the versions that it read, by table; where it was not made again, those that hold
 *     the same rows as the ones it was made from
 * @param asOf what {@code :as_of} stood for; empty where the query does not use it
 * @param rows of the table where it was made again, otherwise 0
 * @param version of the table afterwards
 */
public record GoldQueryResult(
    String name,
    GoldQueryPlan.Reason reason,
    Map<String, Long> sources,
    Optional<LocalDate> asOf,
    long rows,
    long version) {
  public GoldQueryResult {
    sources = Collections.unmodifiableMap(new TreeMap<>(sources));
  }
}
