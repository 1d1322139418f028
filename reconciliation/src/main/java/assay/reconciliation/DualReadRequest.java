package assay.reconciliation;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which keys of `latest` live views to read on both sides.
 *
 * @param key values of the key's columns, as text; empty for a sample
 * @param sample how many keys, those with the least hashes; ignored where a key is named
 * @param alertAbove the share of keys that may differ, a ratio, instead of the one that a view has
 *     for a sample
 */
public record DualReadRequest(
    Map<String, String> key, int sample, Optional<BigDecimal> alertAbove) {
  public DualReadRequest {
    key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
  }
}
