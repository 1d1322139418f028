package assay.gold.upkeep;

import assay.core.AssayException;
import java.time.Duration;
import java.util.Optional;

/**
 * What a run of upkeep is asked to do beside compaction and the check of retentions.
 *
 * @param checkKeys look for keys that stand more than once in silver, which reads all of it
 * @param vacuum delete files that no version of a recent time needs; empty to delete none
 */
public record MaintainRequest(boolean checkKeys, Optional<Vacuum> vacuum) {

  /** Compaction and the check of retentions alone. */
  public static final MaintainRequest USUAL = new MaintainRequest(false, Optional.empty());

  /**
   * How files are deleted.
   *
   * @param retain how long a file stays readable after a newer version did without it, a week or
   *     more
   * @param changeFeeds whether tables with a change data feed are vacuumed as well
   */
  public record Vacuum(Duration retain, boolean changeFeeds) {
    /**
     * What a table keeps at least: a reader that began yesterday, a gold run that waits over a
     * weekend and a writer that has not committed yet all need files that look forgotten.
     */
    public static final Duration LEAST = Duration.ofDays(7);

    public Vacuum {
      if (retain.compareTo(LEAST) < 0) {
        throw AssayException.usage(
            "deleted files must be kept for %d days or more, not %d"
                .formatted(LEAST.toDays(), retain.toDays()),
            "give --retain %d or more: readers and unfinished writers need them"
                .formatted(LEAST.toDays()));
      }
    }
  }
}
