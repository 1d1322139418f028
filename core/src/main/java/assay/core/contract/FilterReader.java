package assay.core.contract;

import assay.core.contract.RowFilter.Condition;
import assay.core.yaml.YamlNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the {@code filter} of a metric set or a live view. */
final class FilterReader {
  private final ExpressionCheck expressions;

  FilterReader(ExpressionCheck expressions) {
    this.expressions = expressions;
  }

  /** Reports what is wrong with the rules of a filter; no rule where none is written. */
  RowFilter read(YamlNode view) {
    List<Condition> rules = new ArrayList<>();
    for (YamlNode rule : view.field("filter").map(YamlNode::fields).orElse(List.of())) {
      Optional<SqlText> check = rule.isHealthy() ? SqlText.parse(rule) : Optional.empty();
      if (check.isPresent()) {
        expressions.checkCondition(check.get());
        rules.add(new Condition(rule.name(), rule.text().strip()));
      }
    }
    return new RowFilter(rules);
  }
}
