package assay.views.live;

import java.util.List;

/**
 * What a run of the live query did.
 *
 * @param views the names of the views that it fed
 */
public record LiveResult(
    String domain,
    List<String> views,
    long counted,
    long duplicate,
    long late,
    long quarantined,
    long deleted) {
  public LiveResult {
    views = List.copyOf(views);
  }

  LiveResult plus(LiveResult other) {
    return new LiveResult(
        domain,
        views,
        counted + other.counted,
        duplicate + other.duplicate,
        late + other.late,
        quarantined + other.quarantined,
        deleted + other.deleted);
  }
}
