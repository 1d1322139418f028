package assay.reconciliation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where every row of bronze went on one path.
 *
 * @param domain whose bronze it is
 * @param path {@code batch}, or {@code live.} and the view's name
 * @param bronze rows of bronze at the version that was pinned
 * @param dispositions by name, counted in the tables that hold them; {@code pending} is what the
 *     path has not read
 */
public record Ledger(String domain, String path, long bronze, Map<String, Long> dispositions) {
  public Ledger {
    dispositions = Collections.unmodifiableMap(new LinkedHashMap<>(dispositions));
  }

  /** Rows that have no disposition, or, below zero, more than one. */
  public long unaccounted() {
    return bronze - dispositions.values().stream().mapToLong(Long::longValue).sum();
  }

  public boolean addsUp() {
    return unaccounted() == 0;
  }
}
