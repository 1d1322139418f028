package assay.views.materialized;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What stands in a view.
 *
 * @param last when the refresh that made it began; empty where none did
 * @param asOf what {@code :as_of} stood for; empty where the query does not use it
 * @param reason of the last refresh's strategy
 * @param took from the beginning of the last refresh to its commit
 * @param rows of the view
 * @param version of the view; -1 where there is none
 * @param behind sources that have gone on since, with the seconds from the view's commit to their
 *     newest one
 */
public record ViewState(
    String view,
    Optional<Instant> last,
    Optional<Instant> asOf,
    Optional<Strategy> strategy,
    String reason,
    Duration took,
    long rows,
    long version,
    Map<String, Long> behind) {
  public ViewState {
    behind = Collections.unmodifiableMap(new TreeMap<>(behind));
  }

  static ViewState notMade(String view) {
    return new ViewState(
        view,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "the view has not been made yet",
        Duration.ZERO,
        0,
        -1,
        Map.of());
  }
}
