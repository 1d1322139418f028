package assay.core;

import java.util.Optional;
import java.util.Set;

/**
 * What commits did to the rows of a table. Those that only rearrange files do nothing.
 *
 * @param told whether the log still tells of all of them; where it does not, nothing else here says
 *     anything
 * @param restored whether one of them put an earlier version back
 * @param removed whether one of them took rows out or changed them
 * @param added paths of the files that came, as the log writes them
 * @param partitions values of the first partition column, as the log writes them, in which rows
 *     came or went; empty for NULL, and the only one where the table has no partitions
 */
public record RowChanges(
    boolean told,
    boolean restored,
    boolean removed,
    Set<String> added,
    Set<Optional<String>> partitions) {
  static final RowChanges UNTOLD = new RowChanges(false, false, false, Set.of(), Set.of());

  public RowChanges {
    added = Set.copyOf(added);
    partitions = Set.copyOf(partitions);
  }

  /** Whether every row is as it was. */
  public boolean none() {
    return told && partitions.isEmpty();
  }
}
