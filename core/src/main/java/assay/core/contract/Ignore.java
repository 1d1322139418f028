package assay.core.contract;

import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Differences that do not count against a day for a while. They are compared and stored all the
 * same.
 *
 * @param measure in all cells; empty where cells are named
 * @param cell values of dimensions, as text, that a cell must have; empty where a measure is named
 * @param reason in a person's words
 * @param until the last day on which it holds, in the contract's zone
 */
public record Ignore(
    Optional<String> measure, Map<String, String> cell, String reason, LocalDate until) {
  public Ignore {
    cell = Collections.unmodifiableMap(new LinkedHashMap<>(cell));
  }

  public boolean holdsOn(LocalDate day) {
    return !day.isAfter(until);
  }
}
