package assay.gold.upkeep;

import java.util.List;

/**
 * What a look at all keys of silver found.
 *
 * @param files that were read, all of silver
 * @param bytes in them
 * @param doubled how many keys stand more than once
 * @param examples the first of them in the order of keys
 */
public record KeyCheck(long files, long bytes, long doubled, List<DoubledKey> examples) {
  public KeyCheck {
    examples = List.copyOf(examples);
  }
}
