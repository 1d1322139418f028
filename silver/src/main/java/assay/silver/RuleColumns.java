package assay.silver;

import assay.core.contract.Contract;
import assay.core.contract.Rule;
import assay.core.sql.SqlColumns;
import java.util.List;
import java.util.Set;

/** Which columns a rule's check looks at. */
final class RuleColumns {
  private RuleColumns() {}

  /** In the contract's order. */
  static List<String> of(Rule rule, Contract contract) {
    Set<String> named = SqlColumns.of(rule.check());
    return contract.columnNames().stream().filter(named::contains).toList();
  }
}
