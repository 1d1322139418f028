package assay.reconciliation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where every row of bronze went on one path.
 *
 * @param domain whose bronze it is
 * @param path {@code batch}, or {@code live.} and the view's name
 * @param bronze rows of bronze at the version that was pinned
 * @param dispositions by name, counted in the tables that hold them; {@code pending} is what the
 *     path has not read
 * @param ranges one a Kafka partition: all that the path has read of it
 * @param findings rows that do not have one disposition, as far as they can be told
 */
public record Ledger(
    String domain,
    String path,
    long bronze,
    Map<String, Long> dispositions,
    List<LedgerRange> ranges,
    List<Finding> findings) {
  public Ledger {
    dispositions = Collections.unmodifiableMap(new LinkedHashMap<>(dispositions));
    ranges = List.copyOf(ranges);
    findings = List.copyOf(findings);
  }

  /** A ledger of sums alone. */
  public Ledger(String domain, String path, long bronze, Map<String, Long> dispositions) {
    this(domain, path, bronze, dispositions, List.of(), List.of());
  }

  /**
   * Rows that have no disposition, or two.
   *
   * @param where the offsets that they are among, in a person's words
   * @param rows how many
   * @param what is wrong with them, in a person's words
   */
  public record Finding(String where, long rows, String what) {
    @Override
    public String toString() {
      return where + ": " + what;
    }
  }

  /** Rows that have no disposition, or, below zero, more than one. */
  public long unaccounted() {
    return bronze - dispositions.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The same without sign, and no fewer than were found: one of each adds up. */
  public long wrong() {
    return Math.max(Math.abs(unaccounted()), findings.stream().mapToLong(Finding::rows).sum());
  }

  public boolean addsUp() {
    return unaccounted() == 0 && findings.isEmpty();
  }
}
