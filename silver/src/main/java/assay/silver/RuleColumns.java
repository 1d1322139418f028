package assay.silver;

import assay.core.contract.Contract;
import assay.core.contract.Rule;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import scala.jdk.javaapi.CollectionConverters;

/** Which columns a rule's check looks at. */
final class RuleColumns {
  private RuleColumns() {}

  /** In the contract's order. */
  static List<String> of(Rule rule, Contract contract) {
    Collection<String> named = new TreeSet<>();
    collect(CatalystSqlParser$.MODULE$.parseExpression(rule.check()), named);
    return contract.columnNames().stream().filter(named::contains).toList();
  }

  private static void collect(Expression part, Collection<String> names) {
    if (part instanceof UnresolvedAttribute attribute) {
      // SQL does not tell cases apart, and a contract's names are in lower case.
      CollectionConverters.asJava(attribute.nameParts())
          .forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    }
    CollectionConverters.asJava(part.children()).forEach(child -> collect(child, names));
  }
}
