package assay.reconciliation.report;

import assay.core.AssayException;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;

/**
 * What to report on.
 *
 * @param day one day; without one, the last of those that were compared
 * @param last how many days, one or more, up to the newest that was compared
 * @param domains those asked for; all where empty
 * @param metrics those asked for; all where empty
 */
public record ReportRequest(
    Optional<LocalDate> day, int last, Set<String> domains, Set<String> metrics) {
  /** The longest range, some three years: a page of more could not be read. */
  private static final int LONGEST = 1100;

  public ReportRequest {
    if (last < 1 || last > LONGEST) {
      throw AssayException.usage(
          "a report of " + last + " days cannot be made", "give 1 to " + LONGEST + " days");
    }
    domains = Set.copyOf(domains);
    metrics = Set.copyOf(metrics);
  }
}
