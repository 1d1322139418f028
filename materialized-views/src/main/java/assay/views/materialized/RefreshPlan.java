package assay.views.materialized;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a refresh of a view would do now.
 *
 * @param reason in one sentence
 * @param asOf what {@code :as_of} stands for, the beginning of a minute; empty where the query does
 *     not use it
 * @param sources the versions that it would read, by table
 * @param version of the view now; -1 where there is none
 */
public record RefreshPlan(
    String view,
    Strategy strategy,
    String reason,
    Optional<Instant> asOf,
    Map<String, Long> sources,
    long version) {
  public RefreshPlan {
    sources = Collections.unmodifiableMap(new TreeMap<>(sources));
  }
}
