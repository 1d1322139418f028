package assay.gold.upkeep;

import java.util.List;

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
}
