package assay.silver;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A row of quarantine.
 *
 * @param failedRules in the order of the contract as it was when the row was judged
 * @param values of the contract's columns as today's contract reads them, as text; those that are
 *     missing, null or not of their type are left out
 * @param value what Kafka held, as text; empty where it held null
 * @param failedValues by name in {@code failedRules} what failed, cut to 200 characters; names of
 *     what is missing or unreadable are left out
 * @param parserMessage why the value is no JSON or no UTF-8; empty where it is
 * @param run that set the row aside; empty where it is not known
 */
public record QuarantinedRow(
    int partition,
    long offset,
    Instant ingestedAt,
    List<String> failedRules,
    Map<String, String> values,
    Optional<String> value,
    Map<String, String> failedValues,
    Optional<String> parserMessage,
    Optional<String> run) {
  public QuarantinedRow {
    failedRules = List.copyOf(failedRules);
    values = Map.copyOf(values);
    failedValues = Map.copyOf(failedValues);
  }
}
