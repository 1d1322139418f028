package assay.silver;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run of silver did.
 *
 * @param rows read from bronze; where rows were read anew, those that came out otherwise than
 *     before
 * @param loaded rows that stand in silver because of this run
 * @param replaced rows of silver that lost their place; counted in {@code superseded} too
 * @param deleted deletes and truncates that stand because of this run
 * @param warned rows that went on though they fail a rule that warns, by rule
 * @param version of silver afterwards
 */
public record SilverResult(
    String domain,
    long rows,
    long loaded,
    long superseded,
    long replaced,
    long duplicate,
    long deleted,
    long quarantined,
    Map<String, Long> warned,
    long version) {
  public SilverResult {
    warned = Collections.unmodifiableMap(new TreeMap<>(warned));
  }

  static SilverResult none(String domain) {
    return new SilverResult(domain, 0, 0, 0, 0, 0, 0, 0, Map.of(), -1);
  }

  SilverResult at(long newVersion) {
    return new SilverResult(
        domain,
        rows,
        loaded,
        superseded,
        replaced,
        duplicate,
        deleted,
        quarantined,
        warned,
        newVersion);
  }

  /** What two runs over one domain did together. */
  public SilverResult plus(SilverResult other) {
    return new SilverResult(
        domain,
        rows + other.rows,
        loaded + other.loaded,
        superseded + other.superseded,
        replaced + other.replaced,
        duplicate + other.duplicate,
        deleted + other.deleted,
        quarantined + other.quarantined,
        sum(warned, other.warned),
        Math.max(version, other.version));
  }

  private static Map<String, Long> sum(Map<String, Long> one, Map<String, Long> other) {
    Map<String, Long> sums = new TreeMap<>(one);
    other.forEach((rule, rows) -> sums.merge(rule, rows, Long::sum));
    return sums;
  }
}
