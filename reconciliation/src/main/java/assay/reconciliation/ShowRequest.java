package assay.reconciliation;

import assay.core.AssayException;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which rows to show.
 *
 * @param cause that they are of
 * @param cell values of dimensions, as text, that their cell has; nothing stands for NULL
 * @param metrics one metric set, or all that have these dimensions
 * @param limit at most so many rows of a metric set, zero or more
 */
public record ShowRequest(
    Cause cause,
    Map<String, String> cell,
    Optional<LocalDate> day,
    Optional<String> metrics,
    int limit) {
  /** Between two dimensions of {@code origin=DFW,destination=HOU}; a value may hold a comma. */
  private static final String BETWEEN = ",(?=\\s*[A-Za-z_][A-Za-z0-9_]*\\s*=)";

  public ShowRequest {
    cell = Map.copyOf(cell);
    if (limit < 0) {
      throw AssayException.usage("--limit " + limit + " is below zero", "give 0 or more");
    }
  }

  /**
   * Reads what a user wrote.
   *
   * @throws AssayException with {@code USAGE} for a cause that no row has, or a cell that is none
   */
  public static ShowRequest of(
      String cause,
      Optional<String> cell,
      Optional<LocalDate> day,
      Optional<String> metrics,
      int limit) {
    return new ShowRequest(
        cause(cause), cell.map(c -> cell(c)).orElse(Map.of()), day, metrics, limit);
  }

  private static Cause cause(String name) {
    return Cause.OF_ROWS.stream()
        .filter(c -> c.label().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                AssayException.usage(
                    "no row has the cause " + name,
                    "give one of "
                        + Cause.OF_ROWS.stream()
                            .map(Cause::label)
                            .collect(Collectors.joining(", "))));
  }

  private static Map<String, String> cell(String text) {
    Map<String, String> cell = new LinkedHashMap<>();
    for (String part : text.split(BETWEEN, -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw AssayException.usage(
            "--cell " + text + " names no values of dimensions",
            "write it as origin=DFW,destination=HOU");
      }
      cell.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
    }
    return cell;
  }

  /**
   * The metric sets of a domain whose rows are asked for; none where another domain has them.
   *
   * @param all the contracts that may have them
   * @throws AssayException with {@code USAGE} where none of them has
   */
  public List<MetricSet> among(Contract contract, List<Contract> all) {
    List<MetricSet> known = all.stream().flatMap(c -> c.liveMetrics().stream()).toList();
    if (known.stream().noneMatch(this::isOfName)) {
      throw AssayException.usage(
          "no live metric set is called " + metrics.orElse(""),
          "give one of " + known.stream().map(MetricSet::name).collect(Collectors.joining(", ")));
    }
    if (known.stream().noneMatch(this::isAskedFor)) {
      throw AssayException.usage(
          "no metric set has all of the dimensions "
              + String.join(", ", cell.keySet().stream().sorted().toList()),
          "the dimensions are: "
              + known.stream()
                  .filter(this::isOfName)
                  .map(m -> m.name() + " (" + String.join(", ", m.by()) + ")")
                  .collect(Collectors.joining(", ")));
    }
    return contract.liveMetrics().stream().filter(this::isAskedFor).toList();
  }

  private boolean isOfName(MetricSet candidate) {
    return metrics.isEmpty() || metrics.get().equals(candidate.name());
  }

  private boolean isAskedFor(MetricSet candidate) {
    return isOfName(candidate) && candidate.by().containsAll(cell.keySet());
  }

  /** Whether the rows are of one cell of a metric set. */
  boolean isOneCell(MetricSet of) {
    return day.isPresent() && cell.keySet().containsAll(of.by());
  }
}
