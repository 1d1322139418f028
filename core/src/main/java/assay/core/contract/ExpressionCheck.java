package assay.core.contract;

import assay.core.sql.SqlErrors;
import assay.core.sql.SqlFunctions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.analysis.NamedParameter;
import org.apache.spark.sql.catalyst.analysis.PosParameter;
import org.apache.spark.sql.catalyst.analysis.SimpleAnalyzer$;
import org.apache.spark.sql.catalyst.analysis.Star;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.UnresolvedWindowExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.None$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Checks SQL over one row: its names, its types, and that it gives the same answer on both paths,
 * whenever it runs. Spark's own analyzer decides, over an empty relation of the contract's columns.
 */
final class ExpressionCheck {
  private final KnownColumns columns;

  ExpressionCheck(KnownColumns columns) {
    this.columns = columns;
  }

  /** Reports all that is wrong with a condition over one row. */
  void checkCondition(SqlText sql) {
    if (checkNames(sql, sql.tree())) {
      type(sql, sql.tree())
          .filter(type -> !(type instanceof BooleanType))
          .ifPresent(
              type ->
                  sql.mistake(
                      sql.tree(),
                      "a rule is true or false, this is " + withArticle(type),
                      "Compare it with something, such as `amount >= 0`."));
    }
  }

  private static String withArticle(DataType type) {
    String name = DomainReader.spec(type);
    return name.equals("void") ? "nothing" : (name.matches("[aeiou].*") ? "an " : "a ") + name;
  }

  /** Reports what is unknown or may not stand in an expression over one row. */
  boolean checkNames(SqlText sql, Expression root) {
    if (SqlFunctions.momentLiteral(sql.node().text()).isPresent()) {
      sql.mistake(
          root,
          "the text holds a date that changes with the moment of the run",
          "Write the date out.");
      return false;
    }
    return checkPart(sql, root);
  }

  private boolean checkPart(SqlText sql, Expression part) {
    if (part instanceof SubqueryExpression) {
      return refuse(sql, part, "a subquery looks beyond the row", "Use only columns of the row.");
    }
    if (part instanceof WindowExpression || part instanceof UnresolvedWindowExpression) {
      return refuse(
          sql, part, "a window function looks beyond the row", "Use only columns of the row.");
    }
    if (part instanceof NamedParameter || part instanceof PosParameter) {
      return refuse(sql, part, "a contract has no parameters", "Write the value out.");
    }
    if (part instanceof Star) {
      return refuse(sql, part, "`*` stands only in count(*)", "Name a column.");
    }
    if (part instanceof Alias alias) {
      return refuse(
          sql,
          part,
          "`" + alias.name() + "` at the end would only name the result",
          "Remove it, or complete the expression.");
    }
    if (part instanceof UnresolvedAttribute attribute) {
      return checkColumn(sql, attribute);
    }
    // Some aggregates have a place of their own in Spark's grammar and are no function to it.
    if (part instanceof AggregateExpression aggregate) {
      return needsManyRows(sql, part, aggregate.aggregateFunction().prettyName());
    }
    boolean good = !(part instanceof UnresolvedFunction function) || checkFunction(sql, function);
    if (good) {
      for (Expression child : SqlText.children(part)) {
        good &= checkPart(sql, child);
      }
    }
    return good;
  }

  private boolean checkColumn(SqlText sql, UnresolvedAttribute attribute) {
    List<String> parts = CollectionConverters.asJava(attribute.nameParts());
    String name = String.join(".", parts);
    if (!columns.isUnknown(name)) {
      return true;
    }
    Optional<SqlFunctions.Refusal> moment = SqlFunctions.refusal(name, 0);
    if (moment.isPresent() && SqlFunctions.exists(name)) {
      return refuse(sql, attribute, moment.get().message(), moment.get().mend());
    }
    boolean part = parts.size() > 1 && columns.names().contains(parts.get(0));
    String mend =
        part ? "Write `" + parts.get(0) + "`: a column has no parts." : columns.mend(name);
    return refuse(sql, attribute, columns.mistake(name), mend);
  }

  private boolean checkFunction(SqlText sql, UnresolvedFunction function) {
    List<String> parts = CollectionConverters.asJava(function.nameParts());
    String name = String.join(".", parts);
    String shown = "`" + name.toLowerCase(Locale.ROOT) + "`";
    if (parts.size() > 1 || !SqlFunctions.exists(name)) {
      return refuse(sql, function, "unknown function " + shown, SqlFunctions.mend(name));
    }
    Optional<SqlFunctions.Refusal> refusal =
        SqlFunctions.refusal(name, function.arguments().size());
    if (refusal.isPresent()) {
      return refuse(sql, function, refusal.get().message(), refusal.get().mend());
    }
    if (SqlFunctions.isAggregate(name)) {
      return needsManyRows(sql, function, name);
    }
    if (SqlFunctions.isWindow(name)) {
      return refuse(sql, function, shown + " looks beyond the row", "Use only columns of the row.");
    }
    if (SqlFunctions.isGenerator(name)) {
      return refuse(
          sql, function, shown + " makes many rows of one", "Use an array function instead.");
    }
    return true;
  }

  private static boolean needsManyRows(SqlText sql, Expression part, String name) {
    return refuse(
        sql,
        part,
        "`" + name.toLowerCase(Locale.ROOT) + "` needs many rows, and only one is looked at here",
        "Use only columns of the row.");
  }

  /**
   * The type of an expression whose names were found good. Reports what Spark finds wrong, and what
   * could stop a run.
   *
   * @return empty where something is wrong, or where a column's own type is
   */
  Optional<DataType> type(SqlText sql, Expression root) {
    if (!typesAreKnown(root)) {
      return Optional.empty();
    }
    Expression analyzed;
    try {
      LogicalPlan plan = SimpleAnalyzer$.MODULE$.execute(project(root));
      SimpleAnalyzer$.MODULE$.checkAnalysis(plan);
      analyzed = SqlText.children(plan.expressions().head()).get(0);
    } catch (Exception e) {
      // The analyzer throws what it has, checked or not; each says what is wrong with the text.
      String message = "this does not fit together: " + SqlErrors.condensed(e);
      if (e instanceof AnalysisException known) {
        sql.mistake(known.origin(), message, "Mend the expression here.");
      } else {
        sql.mistake(root, message, "Mend the expression here.");
      }
      return Optional.empty();
    }
    return new SafetyCheck(sql).check(analyzed)
        ? Optional.of(analyzed.dataType())
        : Optional.empty();
  }

  private Project project(Expression root) {
    StructType schema = new StructType();
    for (String name : columns.names()) {
      Optional<DataType> type = columns.type(name);
      if (type.isPresent()) {
        schema = schema.add(name, type.get());
      }
    }
    NamedExpression result =
        new Alias(root, "result", NamedExpression.newExprId(), none(), None$.empty(), none());
    Seq<NamedExpression> results = CollectionConverters.asScala(List.of(result)).toSeq();
    return new Project(results, LocalRelation$.MODULE$.apply(schema));
  }

  private static Seq<String> none() {
    return CollectionConverters.asScala(List.<String>of()).toSeq();
  }

  private static boolean refuse(SqlText sql, Expression part, String message, String mend) {
    sql.mistake(part, message, mend);
    return false;
  }

  private boolean typesAreKnown(Expression part) {
    if (part instanceof UnresolvedAttribute attribute) {
      return columns.type(attribute.name()).isPresent();
    }
    return SqlText.children(part).stream().allMatch(this::typesAreKnown);
  }
}
