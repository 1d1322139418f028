package assay.core.contract;

import assay.core.yaml.YamlNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import scala.jdk.javaapi.CollectionConverters;

/** Reads a measure: one aggregate that Assay can both recompute and, but for one, accumulate. */
final class MeasureReader {
  private static final String KNOWN =
      "Write count(*), count(x), sum(x), min(x), max(x), avg(x) or count(DISTINCT x).";

  private static final Map<String, String> INSTEAD =
      Map.of(
          "mean", "Write avg(x).",
          "count_if", "Write count(CASE WHEN x THEN 1 END).",
          "try_sum", "Write sum(x).",
          "try_avg", "Write avg(x).",
          "approx_count_distinct", "Write count(DISTINCT x).");

  private final ExpressionCheck expressions;

  MeasureReader(ExpressionCheck expressions) {
    this.expressions = expressions;
  }

  /**
   * A measure and the type of what it looks at.
   *
   * @param argument empty for {@code count(*)}, and where a column's own type is wrong
   */
  record Read(Measure measure, Optional<DataType> argument) {
    boolean isFloating() {
      return (measure instanceof Measure.Sum || measure instanceof Measure.Avg)
          && argument.filter(t -> t instanceof FloatType || t instanceof DoubleType).isPresent();
    }

    /** Whether a distance between two values can be told. */
    boolean isNumber() {
      boolean takesOver = measure instanceof Measure.Min || measure instanceof Measure.Max;
      return !takesOver || argument.isEmpty() || argument.get() instanceof NumericType;
    }
  }

  /** Reports what is wrong with a measure, and is empty then. */
  Optional<Read> read(YamlNode node) {
    Optional<SqlText> sql = SqlText.parse(node);
    if (sql.isEmpty()) {
      return Optional.empty();
    }
    Expression tree = sql.get().tree();
    return tree instanceof UnresolvedFunction function && isAggregate(function)
        ? aggregate(sql.get(), function)
        : noAggregate(sql.get(), tree);
  }

  private Optional<Read> noAggregate(SqlText sql, Expression tree) {
    if (tree instanceof Alias alias) {
      return mistake(
          sql,
          tree,
          "a measure is named by its key, not by `" + alias.name() + "`",
          "Write the aggregate alone.");
    }
    if (tree instanceof WindowExpression) {
      return mistake(sql, tree, "a window function is no measure", KNOWN);
    }
    int inside = aggregatesIn(tree);
    if (inside > 1) {
      return mistake(
          sql,
          tree,
          "a measure is one aggregate, this holds " + inside,
          "Make each a measure of its own, and combine them where they are read.");
    }
    if (inside == 1) {
      return mistake(
          sql,
          tree,
          "a measure is an aggregate and nothing around it",
          "Move what is around it into the brackets, or to where the measure is read.");
    }
    if (tree instanceof UnresolvedFunction function && !expressions.checkNames(sql, function)) {
      return Optional.empty();
    }
    return mistake(sql, tree, "this is no aggregate", KNOWN);
  }

  private Optional<Read> aggregate(SqlText sql, UnresolvedFunction function) {
    String name = name(function);
    if (function.filter().isDefined()) {
      return mistake(
          sql, function, "FILTER is not read", "Write " + name + "(CASE WHEN … THEN … END).");
    }
    if (function.ignoreNulls().isDefined() || !function.orderingWithinGroup().isEmpty()) {
      return mistake(sql, function, "only the plain form of an aggregate is read", KNOWN);
    }
    if (!List.of("count", "sum", "min", "max", "avg").contains(name)) {
      return mistake(
          sql, function, "`" + name + "` is no measure", INSTEAD.getOrDefault(name, KNOWN));
    }
    if (function.isDistinct() && !name.equals("count")) {
      boolean same = name.equals("min") || name.equals("max");
      return mistake(
          sql,
          function,
          "DISTINCT is read in count only",
          same ? "Write " + name + "(x): it gives the same." : "Write " + name + "(x).");
    }
    List<Expression> arguments = CollectionConverters.asJava(function.arguments());
    if (arguments.size() != 1) {
      return mistake(
          sql,
          function,
          "`" + name + "` takes one argument, not " + arguments.size(),
          "Write " + name + "(x).");
    }
    return oneArgument(sql, function, arguments.get(0));
  }

  private Optional<Read> oneArgument(
      SqlText sql, UnresolvedFunction function, Expression argument) {
    String name = name(function);
    if (aggregatesIn(argument) > 0) {
      return mistake(
          sql,
          argument,
          "an aggregate cannot stand within an aggregate",
          "Make each a measure of its own.");
    }
    // The parser reads count(*) as count(1); both count rows.
    if (name.equals("count")
        && !function.isDistinct()
        && argument instanceof Literal literal
        && literal.value() != null) {
      Measure rows = new Measure.Count(sql.node().name(), Optional.empty());
      return Optional.of(new Read(rows, Optional.empty()));
    }
    if (!expressions.checkNames(sql, argument)) {
      return Optional.empty();
    }
    Optional<DataType> type = expressions.type(sql, argument);
    boolean number = name.equals("sum") || name.equals("avg");
    if (number && type.isPresent() && !(type.get() instanceof NumericType)) {
      return mistake(
          sql,
          argument,
          "`" + name + "` needs a number, this is a " + type.get().simpleString(),
          "Use count, min or max, or a column that is a number.");
    }
    return Optional.of(new Read(measure(sql, function, argument, type), type));
  }

  private static Measure measure(
      SqlText sql, UnresolvedFunction function, Expression argument, Optional<DataType> type) {
    String name = sql.node().name();
    String text = sql.argument(argument);
    return switch (name(function)) {
      case "sum" ->
          // Longs add up to more than a long holds, and ANSI mode ends the run there.
          new Measure.Sum(
              name,
              type.filter(t -> t instanceof LongType).isPresent()
                  ? "CAST((" + text + ") AS DECIMAL(20,0))"
                  : text);
      case "min" -> new Measure.Min(name, text);
      case "max" -> new Measure.Max(name, text);
      case "avg" -> new Measure.Avg(name, text);
      default ->
          function.isDistinct()
              ? new Measure.CountDistinct(name, text)
              : new Measure.Count(name, Optional.of(text));
    };
  }

  private static String name(UnresolvedFunction function) {
    List<String> parts = CollectionConverters.asJava(function.nameParts());
    return String.join(".", parts).toLowerCase(Locale.ROOT);
  }

  private static boolean isAggregate(UnresolvedFunction function) {
    return SqlFunctions.isAggregate(name(function));
  }

  private static int aggregatesIn(Expression part) {
    if (part instanceof SubqueryExpression) {
      return 0;
    }
    int own = part instanceof UnresolvedFunction function && isAggregate(function) ? 1 : 0;
    return own + SqlText.children(part).stream().mapToInt(MeasureReader::aggregatesIn).sum();
  }

  private static Optional<Read> mistake(SqlText sql, Expression at, String message, String mend) {
    sql.mistake(at, message, mend);
    return Optional.empty();
  }
}
