package assay.core.contract;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows of a domain that a metric set or a live view is made of: those for which every rule
 * holds. It takes no row's disposition away, and each row is looked at by itself, as the path that
 * asks has read it.
 */
public record RowFilter(List<Condition> rules) {
  /** Lets every row pass. */
  public static final RowFilter NONE = new RowFilter(List.of());

  /**
   * One rule.
   *
   * @param check a boolean Spark SQL expression over the contract's columns, enriched ones too;
   *     only {@code true} holds, {@code NULL} does not
   */
  public record Condition(String name, String check) {
    /** Whether the rule does not hold for a row; never NULL. */
    public Column fails() {
      return not(coalesce(expr(check), lit(false)));
    }
  }

  public RowFilter {
    rules = List.copyOf(rules);
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Whether at least one rule does not hold for a row; never NULL. */
  public Column keepsOut() {
    return rules.stream().map(Condition::fails).reduce(Column::or).orElse(lit(false));
  }

  /** The rows for which every rule holds. */
  public Dataset<Row> passing(Dataset<Row> rows) {
    return isEmpty() ? rows : rows.where(not(keepsOut()));
  }

  /** Aggregates: how many rows fail each rule, in the order of the rules. */
  public List<Column> countFailing() {
    return rules.stream().map(rule -> count_if(rule.fails())).toList();
  }

  /** Says all that decides which rows pass; the order of the rules does not. */
  public String definition() {
    return rules.stream()
        .sorted(Comparator.comparing(Condition::name))
        .map(rule -> rule.name() + "=" + rule.check())
        .collect(Collectors.joining(";", "filter ", ""));
  }
}
