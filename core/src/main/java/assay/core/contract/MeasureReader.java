package assay.core.contract;

import assay.core.PlainTypes;
import assay.core.sql.SqlFunctions;
import assay.core.yaml.YamlNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.First;
import org.apache.spark.sql.catalyst.expressions.aggregate.Last;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import scala.jdk.javaapi.CollectionConverters;

/** Reads a measure: one aggregate that Assay can recompute and, for most kinds, accumulate. */
final class MeasureReader {
  private static final String FIRST = "first";
  private static final String LAST = "last";
  private static final String PERCENTILE = "percentile";
  private static final String APPROX_PERCENTILE = "approx_percentile";
  private static final String APPROX_COUNT = "approx_count_distinct";

  private static final String KNOWN =
      "Write count(*), count(x), sum(x), min(x), max(x), avg(x), count(DISTINCT x),"
          + " approx_count_distinct(x), percentile(x, p), approx_percentile(x, p), collect_set(x),"
          + " first(x) or last(x).";

  private static final Set<String> NAMES =
      Set.of(
          "count",
          "sum",
          "min",
          "max",
          "avg",
          APPROX_COUNT,
          PERCENTILE,
          APPROX_PERCENTILE,
          "collect_set",
          FIRST,
          LAST);

  /** They give one of the values they look at, in its own type. */
  private static final Set<String> TAKING_OVER = Set.of("min", "max", "collect_set", FIRST, LAST);

  private static final Set<String> OF_NUMBERS = Set.of("sum", "avg", PERCENTILE, APPROX_PERCENTILE);

  private static final Pattern SHARE = Pattern.compile("[0-9.E-]{1,24}");

  private static final Map<String, String> INSTEAD =
      Map.ofEntries(
          Map.entry("mean", "Write avg(x)."),
          Map.entry("count_if", "Write count(CASE WHEN x THEN 1 END)."),
          Map.entry("try_sum", "Write sum(x)."),
          Map.entry("try_avg", "Write avg(x)."),
          Map.entry("hll_sketch_agg", "Write approx_count_distinct(x)."),
          Map.entry("median", "Write percentile(x, 0.5)."),
          Map.entry("percentile_approx", "Write approx_percentile(x, p)."),
          Map.entry("percentile_cont", "Write percentile(x, p)."),
          Map.entry("percentile_disc", "Write percentile(x, p)."),
          Map.entry("collect_list", "Write collect_set(x)."),
          Map.entry("array_agg", "Write collect_set(x)."),
          Map.entry("first_value", "Write first(x)."),
          Map.entry("any_value", "Write first(x)."),
          Map.entry("last_value", "Write last(x)."));

  private final ExpressionCheck expressions;
  private final String eventTime;

  MeasureReader(ExpressionCheck expressions, String eventTime) {
    this.expressions = expressions;
    this.eventTime = eventTime;
  }

  /**
   * A measure and the type of what it looks at.
   *
   * @param argument empty for {@code count(*)}, where there are several, and where a column's own
   *     type is wrong
   */
  record Read(Measure measure, Optional<DataType> argument) {
    boolean isFloating() {
      return (measure instanceof Measure.Sum || measure instanceof Measure.Avg)
          && argument.filter(t -> t instanceof FloatType || t instanceof DoubleType).isPresent();
    }

    /** Whether a distance between two values can be told. */
    boolean isNumber() {
      if (measure instanceof Measure.CollectSet) {
        return false;
      }
      boolean takesOver =
          measure instanceof Measure.Min
              || measure instanceof Measure.Max
              || measure instanceof Measure.First
              || measure instanceof Measure.Last;
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
    if (tree instanceof AggregateExpression aggregate) {
      return ofOwnGrammar(sql.get(), aggregate);
    }
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

  /** Spark's grammar has a place of its own for first and last; they come as what they are. */
  private Optional<Read> ofOwnGrammar(SqlText sql, AggregateExpression aggregate) {
    String name = aggregate.aggregateFunction().prettyName();
    if (!NAMES.contains(name)) {
      return unknown(sql, aggregate, name);
    }
    boolean ignoresNulls =
        (aggregate.aggregateFunction() instanceof First first && first.ignoreNulls())
            || (aggregate.aggregateFunction() instanceof Last last && last.ignoreNulls());
    if (ignoresNulls) {
      return plainFormOnly(sql, aggregate, name);
    }
    return arguments(
        sql, aggregate, name, false, SqlText.children(aggregate.aggregateFunction()).subList(0, 1));
  }

  private Optional<Read> aggregate(SqlText sql, UnresolvedFunction function) {
    String name = name(function);
    if (!NAMES.contains(name)) {
      return unknown(sql, function, name);
    }
    if (function.filter().isDefined()) {
      return mistake(
          sql, function, "FILTER is not read", "Write " + name + "(CASE WHEN … THEN … END).");
    }
    if (function.ignoreNulls().isDefined() || !function.orderingWithinGroup().isEmpty()) {
      return plainFormOnly(sql, function, name);
    }
    if (function.isDistinct() && !name.equals("count")) {
      boolean same = List.of("min", "max", "collect_set", APPROX_COUNT).contains(name);
      return mistake(
          sql,
          function,
          "DISTINCT is read in count only",
          same ? "Write " + name + "(x): it gives the same." : "Write " + name + "(x).");
    }
    return arguments(
        sql,
        function,
        name,
        function.isDistinct(),
        CollectionConverters.asJava(function.arguments()));
  }

  private static Optional<Read> unknown(SqlText sql, Expression at, String name) {
    return mistake(sql, at, "`" + name + "` is no measure", INSTEAD.getOrDefault(name, KNOWN));
  }

  private static Optional<Read> plainFormOnly(SqlText sql, Expression at, String name) {
    boolean positional = name.equals(FIRST) || name.equals(LAST);
    return mistake(
        sql,
        at,
        "only the plain form of an aggregate is read",
        positional ? "Write " + name + "(x): NULL counts as a value." : KNOWN);
  }

  private Optional<Read> arguments(
      SqlText sql, Expression at, String name, boolean distinct, List<Expression> arguments) {
    if (distinct && arguments.size() > 1) {
      return severalArguments(sql, arguments);
    }
    if (name.equals(PERCENTILE) || name.equals(APPROX_PERCENTILE)) {
      return arguments.size() == 2
          ? percentile(sql, name, arguments.get(0), arguments.get(1))
          : mistake(
              sql,
              at,
              "`" + name + "` takes two arguments, not " + arguments.size(),
              "Write %s(x, p), such as %s(x, 0.95).".formatted(name, name));
    }
    if (arguments.size() != 1) {
      return mistake(
          sql,
          at,
          "`" + name + "` takes one argument, not " + arguments.size(),
          "Write " + name + "(x).");
    }
    Expression argument = arguments.get(0);
    // The parser reads count(*) as count(1); both count rows.
    if (name.equals("count")
        && !distinct
        && argument instanceof Literal literal
        && literal.value() != null) {
      Measure rows = new Measure.Count(sql.node().name(), Optional.empty());
      return Optional.of(new Read(rows, Optional.empty()));
    }
    Optional<Argument> read = argument(sql, name, argument);
    return read.map(a -> new Read(measure(sql.node().name(), name, distinct, a), a.type()));
  }

  private Optional<Read> severalArguments(SqlText sql, List<Expression> arguments) {
    List<String> texts = new ArrayList<>();
    for (Expression argument : arguments) {
      argument(sql, "count", argument).ifPresent(a -> texts.add(a.text()));
    }
    Measure measure = new Measure.CountDistinct(sql.node().name(), String.join(", ", texts));
    return texts.size() == arguments.size()
        ? Optional.of(new Read(measure, Optional.empty()))
        : Optional.empty();
  }

  private Optional<Read> percentile(
      SqlText sql, String name, Expression argument, Expression share) {
    String text = share instanceof Literal literal ? String.valueOf(literal.value()) : "";
    Optional<BigDecimal> read = SHARE.matcher(text).matches() ? number(text) : Optional.empty();
    boolean within =
        read.filter(p -> p.signum() >= 0 && p.compareTo(BigDecimal.ONE) <= 0).isPresent();
    if (!within) {
      return mistake(
          sql,
          share,
          "the share of a percentile is a number from 0 to 1, not `" + sql.slice(share) + "`",
          "Write for example " + name + "(x, 0.95).");
    }
    String measure = sql.node().name();
    return argument(sql, name, argument)
        .map(
            a ->
                new Read(
                    name.equals(PERCENTILE)
                        ? new Measure.Percentile(measure, a.text(), read.get())
                        : new Measure.ApproxPercentile(measure, a.text(), read.get()),
                    a.type()));
  }

  private static Optional<BigDecimal> number(String text) {
    try {
      BigDecimal number = new BigDecimal(text);
      // Written out, it stands in the query.
      return Math.abs(number.scale()) <= 18 ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * What an aggregate looks at.
   *
   * @param text as the user wrote it
   * @param type empty where a column's own type is wrong
   */
  private record Argument(String text, Optional<DataType> type) {}

  private Optional<Argument> argument(SqlText sql, String aggregate, Expression argument) {
    if (aggregatesIn(argument) > 0) {
      sql.mistake(
          argument,
          "an aggregate cannot stand within an aggregate",
          "Make each a measure of its own.");
      return Optional.empty();
    }
    if (!expressions.checkNames(sql, argument)) {
      return Optional.empty();
    }
    Optional<DataType> type = expressions.type(sql, argument);
    return type.isEmpty() || fits(sql, aggregate, argument, type.get())
        ? Optional.of(new Argument(sql.argument(argument), type))
        : Optional.empty();
  }

  private static boolean fits(SqlText sql, String aggregate, Expression argument, DataType type) {
    if (OF_NUMBERS.contains(aggregate) && !(type instanceof NumericType)) {
      sql.mistake(
          argument,
          "`" + aggregate + "` needs a number, this is a " + type.simpleString(),
          "Use count, min or max, or a column that is a number.");
      return false;
    }
    Optional<DataType> other = PlainTypes.firstOther(type);
    if (TAKING_OVER.contains(aggregate) && other.isPresent()) {
      sql.mistake(
          argument,
          "`" + aggregate + "` of a " + other.get().simpleString() + " is nothing that gold holds",
          "Cast it to a type that a contract's columns may have.");
      return false;
    }
    if (aggregate.equals("collect_set") && !PlainTypes.isExactValue(type)) {
      sql.mistake(
          argument,
          "`collect_set` needs exact values, this is a " + type.simpleString(),
          "Make it a decimal or a string.");
      return false;
    }
    return true;
  }

  private Measure measure(String name, String aggregate, boolean distinct, Argument argument) {
    String text = argument.text();
    return switch (aggregate) {
      case "sum" ->
          // Longs add up to more than a long holds, and ANSI mode ends the run there.
          new Measure.Sum(
              name,
              argument.type().filter(t -> t instanceof LongType).isPresent()
                  ? "CAST((" + text + ") AS DECIMAL(20,0))"
                  : text);
      case "min" -> new Measure.Min(name, text);
      case "max" -> new Measure.Max(name, text);
      case "avg" -> new Measure.Avg(name, text);
      case "collect_set" -> new Measure.CollectSet(name, text);
      case APPROX_COUNT -> new Measure.ApproxCountDistinct(name, text);
      case FIRST -> new Measure.First(name, text, eventTime);
      case LAST -> new Measure.Last(name, text, eventTime);
      default ->
          distinct ? countDistinct(name, argument) : new Measure.Count(name, Optional.of(text));
    };
  }

  private static Measure countDistinct(String name, Argument argument) {
    if (argument.type().filter(t -> t instanceof DateType).isPresent()) {
      return Measure.CountDistinctWhole.ofDate(name, argument.text());
    }
    // Of a column whose own type is wrong nothing more is told.
    return argument.type().isEmpty() || argument.type().get() instanceof IntegralType
        ? Measure.CountDistinctWhole.ofNumber(name, argument.text())
        : new Measure.CountDistinct(name, argument.text());
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
    boolean aggregate =
        part instanceof AggregateExpression
            || (part instanceof UnresolvedFunction function && isAggregate(function));
    int own = aggregate ? 1 : 0;
    return own + SqlText.children(part).stream().mapToInt(MeasureReader::aggregatesIn).sum();
  }

  private static Optional<Read> mistake(SqlText sql, Expression at, String message, String mend) {
    sql.mistake(at, message, mend);
    return Optional.empty();
  }
}
