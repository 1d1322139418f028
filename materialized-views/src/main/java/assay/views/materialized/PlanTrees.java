package assay.views.materialized;

import assay.core.sql.SqlQuery;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Distinct;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Looks into analyzed plans, and rewrites expressions. */
final class PlanTrees {
  /**
   * A moment that no query names, to {@code :as_of} in plans that are only looked at: where it
   * stands afterwards, the parameter stood.
   */
  private static final Instant MARK = Instant.parse("4321-01-02T03:04:05.678901Z");

  private PlanTrees() {}

  /** The mark as SQL writes it. */
  static String markLiteral() {
    return SqlQuery.literal(MARK);
  }

  static boolean isMark(Expression part) {
    return part instanceof Literal literal
        && literal.dataType().equals(DataTypes.TimestampType)
        && literal.value() instanceof Long micros
        && micros == micros(MARK);
  }

  static boolean hasMark(Expression expression) {
    return expression.exists(PlanTrees::isMark);
  }

  static boolean hasMark(LogicalPlan plan) {
    return plan.exists(node -> list(node.expressions()).stream().anyMatch(PlanTrees::hasMark));
  }

  /** The expression as of a moment. */
  static Expression asOf(Expression marked, Instant moment) {
    return rewrite(
        marked,
        part ->
            isMark(part)
                ? Optional.of(new Literal(micros(moment), DataTypes.TimestampType))
                : Optional.empty());
  }

  static long micros(Instant moment) {
    return Math.addExact(
        Math.multiplyExact(moment.getEpochSecond(), 1_000_000L), moment.getNano() / 1000);
  }

  /**
   * Replaces parts for which a rule has something else, from the top down, and those that Spark
   * itself replaces before it runs them.
   */
  static Expression rewrite(
      Expression expression, Function<Expression, Optional<Expression>> rule) {
    return rule.apply(expression)
        .orElseGet(
            () ->
                expression instanceof RuntimeReplaceable written
                    ? rewrite(written.replacement(), rule)
                    : expression.mapChildren(child -> rewrite(child, rule)));
  }

  /** The parts of a condition that all must hold, in the form that Spark runs. */
  static List<Expression> conjuncts(Expression written) {
    Expression condition = rewrite(written, part -> Optional.empty());
    List<Expression> parts = new ArrayList<>();
    if (condition instanceof And and) {
      parts.addAll(conjuncts(and.left()));
      parts.addAll(conjuncts(and.right()));
    } else {
      parts.add(condition);
    }
    return parts;
  }

  /** Whether the same row always gives the same, and no other table is asked. */
  static boolean isPlain(Expression expression) {
    return expression.deterministic()
        && !expression.exists(part -> part instanceof SubqueryExpression);
  }

  private static boolean isPlain(LogicalPlan node) {
    return list(node.expressions()).stream().allMatch(PlanTrees::isPlain);
  }

  /**
   * The attribute of a plan's output that carries a column of the table at its bottom, such that
   * the rows of the table with one value of the column alone make the rows of the output with it.
   */
  static Optional<Attribute> carried(LogicalPlan plan, String column) {
    if (plan instanceof LogicalRelation relation) {
      return list(relation.output()).stream()
          .filter(a -> a.name().equalsIgnoreCase(column))
          .map(a -> (Attribute) a)
          .findFirst();
    }
    if (!isPlain(plan)) {
      return Optional.empty();
    }
    if (plan instanceof SubqueryAlias alias) {
      return carried(alias.child(), column);
    }
    if (plan instanceof View view) {
      return carried(view.child(), column);
    }
    if (plan instanceof Filter filter) {
      return carried(filter.child(), column);
    }
    if (plan instanceof Distinct distinct) {
      return carried(distinct.child(), column);
    }
    if (plan instanceof Project project) {
      return carried(project.child(), column).flatMap(a -> out(list(project.projectList()), a));
    }
    if (plan instanceof Aggregate aggregate) {
      return carried(aggregate.child(), column)
          .filter(a -> list(aggregate.groupingExpressions()).stream().anyMatch(key -> same(key, a)))
          .flatMap(a -> out(list(aggregate.aggregateExpressions()), a));
    }
    return Optional.empty();
  }

  private static Optional<Attribute> out(List<NamedExpression> list, Attribute attribute) {
    return list.stream()
        .filter(
            named ->
                same(named instanceof Alias alias ? alias.child() : (Expression) named, attribute))
        .map(NamedExpression::toAttribute)
        .findFirst();
  }

  /** A column of a dataset, resolved. */
  static Attribute output(Dataset<Row> rows, String name) {
    return list(analyzed(rows).output()).stream()
        .filter(attribute -> attribute.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static LogicalPlan analyzed(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution().analyzed();
  }

  static boolean same(Expression one, Attribute attribute) {
    return one instanceof Attribute other && other.exprId().equals(attribute.exprId());
  }

  static <T> List<T> list(Seq<T> seq) {
    return CollectionConverters.asJava(seq);
  }
}
