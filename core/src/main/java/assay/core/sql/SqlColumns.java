package assay.core.sql;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.CatalystSqlParser$;
import scala.jdk.javaapi.CollectionConverters;

/** Which columns an expression of a contract looks at. */
public final class SqlColumns {
  private SqlColumns() {}

  /** Their names in lower case, as those of a contract are, since SQL does not tell cases apart. */
  public static Set<String> of(String expression) {
    Set<String> names = new TreeSet<>();
    collect(CatalystSqlParser$.MODULE$.parseExpression(expression), names);
    return names;
  }

  private static void collect(Expression part, Set<String> names) {
    if (part instanceof UnresolvedAttribute attribute) {
      CollectionConverters.asJava(attribute.nameParts())
          .forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    }
    CollectionConverters.asJava(part.children()).forEach(child -> collect(child, names));
  }
}
