package assay.silver;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;

import assay.core.AssayException;
import assay.core.contract.Contract;
import assay.core.contract.Rule;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;

/** How often rules failed in a micro-batch: those that stop the stage, and those that warn. */
public final class StopRules {
  private static final String COUNT = "_failed_";

  private final Contract contract;

  public StopRules(Contract contract) {
    this.contract = contract;
  }

  /**
   * Aggregates over rows that were read, to be added to those that a stage computes anyway; none
   * where the contract has no such rule.
   */
  public List<Column> counts() {
    return contract.rules().stream()
        .filter(r -> r.otherwise() != Rule.Otherwise.QUARANTINE)
        .map(r -> count_if(array_contains(col(EventParser.FAILED_RULES), r.name())).as(column(r)))
        .toList();
  }

  /**
   * Rows that failed a rule that stops, by rule, zero included.
   *
   * @param summary with the columns of {@link #counts}
   */
  public Map<String, Long> stopping(Row summary) {
    return failed(summary, Rule.Otherwise.STOP);
  }

  /** The same for rules that warn. */
  public Map<String, Long> warnings(Row summary) {
    return failed(summary, Rule.Otherwise.WARN);
  }

  /**
   * Whether the stage must stop before it writes anything of the micro-batch.
   *
   * @param rows of the micro-batch, those that fail for other reasons included
   * @param failed by rule, from {@link #stopping}
   * @return what to stop with; empty where each rule keeps to its limit, a share equal to it
   *     included
   */
  public Optional<AssayException> check(long rows, Map<String, Long> failed, long batchId) {
    String broken =
        contract.rules().stream()
            .flatMap(rule -> broken(rule, rows, failed.getOrDefault(rule.name(), 0L)).stream())
            .collect(Collectors.joining("; "));
    return broken.isEmpty()
        ? Optional.empty()
        : Optional.of(
            AssayException.failed(
                "micro-batch %d of %s stops silver: %s"
                    .formatted(batchId, contract.domain(), broken),
                "nothing of it is written: look at what sends these rows; to go on as it is, raise"
                    + " the rule's `above` in the contract, or write `otherwise: quarantine`, and"
                    + " run the same command again"));
  }

  private static Optional<String> broken(Rule rule, long rows, long failed) {
    return rule.above()
        .filter(share -> BigDecimal.valueOf(failed).compareTo(share.multiply(of(rows))) > 0)
        .map(
            share ->
                "%d of %d rows (%s%%) fail the rule %s, which allows %s%%"
                    .formatted(failed, rows, percent(failed, rows), rule.name(), percent(share)));
  }

  private static BigDecimal of(long rows) {
    return BigDecimal.valueOf(rows);
  }

  /** Rounded up, so that a share above a limit never reads as the limit. */
  private static String percent(long failed, long rows) {
    return percent(of(failed).divide(of(rows), 6, RoundingMode.UP));
  }

  private static String percent(BigDecimal share) {
    return share.movePointRight(2).stripTrailingZeros().toPlainString();
  }

  private Map<String, Long> failed(Row summary, Rule.Otherwise otherwise) {
    Map<String, Long> failed = new LinkedHashMap<>();
    for (Rule rule : contract.rules()) {
      if (rule.otherwise() == otherwise) {
        failed.put(rule.name(), summary.<Long>getAs(column(rule)));
      }
    }
    return failed;
  }

  private static String column(Rule rule) {
    return COUNT + rule.name();
  }
}
