package assay.silver;

import assay.ingestion.OffsetRange;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * With which versions of the reference tables a path read the rows of a range.
 *
 * @param versions that it may have read a row with, by the look-up's name; any where one is not
 *     named
 */
public record LookedUp(OffsetRange range, Map<String, Set<Long>> versions) {
  public LookedUp {
    versions =
        versions.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> Set.copyOf(e.getValue())));
  }

  /** Whether what a look-up gave may not be what a given version gives. */
  public boolean mayDiffer(String name, long version) {
    return !versions.containsKey(name) || !versions.get(name).equals(Set.of(version));
  }
}
