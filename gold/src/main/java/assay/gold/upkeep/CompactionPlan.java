package assay.gold.upkeep;

import assay.core.Steps;
import assay.core.TableUpkeep.Compacted;
import java.util.List;
import java.util.OptionalLong;

/**
 * Files of one table to be put together in one commit.
 *
 * @param table its path
 * @param partitions whose files, ascending; empty for a table without partitions
 * @param ordered whether all files of these partitions are written anew in the order of the key,
 *     instead of the small ones alone as they come
 * @param files that would be replaced
 * @param bytes in them
 */
public record CompactionPlan(
    String table, List<String> partitions, boolean ordered, long files, long bytes) {
  public CompactionPlan {
    partitions = List.copyOf(partitions);
  }

  /** Tells what was done of it, and returns how many of the files there are now. */
  OptionalLong done(Compacted compacted, Steps steps) {
    steps.reached(
        MaintainStage.STAGE,
        "%s: %d files put together to %d".formatted(table, compacted.removed(), compacted.added()));
    return OptionalLong.of(files - compacted.removed() + compacted.added());
  }
}
