package assay.views.live;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run of the live query did.
 *
 * @param views the names of the views that it fed
 * @param counted less those of earlier runs that were taken back
 * @param filtered rows among those counted that fail a rule of a view's filter, by view and rule; a
 *     row counts under each that it fails
 */
public record LiveResult(
    String domain,
    List<String> views,
    long counted,
    long duplicate,
    long late,
    long quarantined,
    long deleted,
    long superseded,
    Map<String, Map<String, Long>> filtered) {
  public LiveResult {
    views = List.copyOf(views);
    filtered = Collections.unmodifiableMap(new TreeMap<>(filtered));
  }

  LiveResult plus(LiveResult other) {
    return new LiveResult(
        domain,
        views,
        counted + other.counted,
        duplicate + other.duplicate,
        late + other.late,
        quarantined + other.quarantined,
        deleted + other.deleted,
        superseded + other.superseded,
        RowCounts.sum(filtered, other.filtered));
  }
}
