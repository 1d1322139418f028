package assay.reconciliation.compare;

import assay.core.AssayException;
import assay.core.contract.Tolerance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to compare with what.
 *
 * @param control the first table: {@code gold.route_day}, or a path; either may end in
 *     {@code @VERSION} or {@code @TIME}
 * @param test the second, written the same way
 * @param key columns that name a row; at least one
 * @param measures columns to compare; all but the key and {@code ignored} where none is named
 * @param tolerances by measure
 * @param ignored columns to leave out
 * @param where a condition of SQL that rows of both sides must meet
 * @param limit how many rows of each kind to hand back, zero or more
 */
public record CompareRequest(
    String control,
    String test,
    List<String> key,
    List<String> measures,
    Map<String, Tolerance> tolerances,
    List<String> ignored,
    Optional<String> where,
    int limit) {
  public CompareRequest {
    key = List.copyOf(key);
    measures = List.copyOf(measures);
    tolerances = Map.copyOf(new LinkedHashMap<>(tolerances));
    ignored = List.copyOf(ignored);
    if (key.isEmpty()) {
      throw AssayException.usage(
          "no key is given", "name the columns that tell one row from all" + " others with --key");
    }
    if (limit < 0) {
      throw AssayException.usage("--limit " + limit + " is below zero", "give 0 or more");
    }
  }

  /** Whether either side is a table of the lake, so that the lake must be known. */
  public boolean needsLake() {
    return TableReference.of(control).isOfLake() || TableReference.of(test).isOfLake();
  }
}
