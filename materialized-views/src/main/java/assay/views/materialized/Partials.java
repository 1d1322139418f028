package assay.views.materialized;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import assay.core.PlainTypes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.Average;
import org.apache.spark.sql.catalyst.expressions.aggregate.Count;
import org.apache.spark.sql.catalyst.expressions.aggregate.Max;
import org.apache.spark.sql.catalyst.expressions.aggregate.Min;
import org.apache.spark.sql.catalyst.expressions.aggregate.Sum;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Partial aggregates that a query's answer follows from: a GROUP BY over one table whose aggregates
 * all merge without loss. They are kept by the query's keys, by the bucket of time that a window
 * slides over, and by the source's first partition column, so that those of a partition can be
 * replaced.
 *
 * <p>Columns: {@code _k0}, … the keys; {@code _bucket}; {@code _part}; {@code _rows} how many rows;
 * {@code _a0}, … the aggregates.
 */
final class Partials {
  /** The source's first partition column. */
  static final String PART = "_part";

  private static final String ROWS = "_rows";

  private final org.apache.spark.sql.classic.SparkSession session;
  private final LogicalPlan input;
  private final List<Expression> keys;
  private final Optional<TimeWindow> window;
  private final Optional<Attribute> partition;
  private final Map<String, Aggregated> columns = new LinkedHashMap<>();
  private final List<Value> values = new ArrayList<>();
  private final List<NamedExpression> result;

  private Partials(
      org.apache.spark.sql.classic.SparkSession session,
      LogicalPlan input,
      Optional<TimeWindow> window,
      Optional<Attribute> partition,
      Aggregate aggregate) {
    this.session = session;
    this.input = input;
    this.window = window;
    this.partition = partition;
    this.keys = PlanTrees.list(aggregate.groupingExpressions());
    this.result = PlanTrees.list(aggregate.aggregateExpressions());
  }

  /** A column of partial aggregates: what makes it of rows, and how two of them merge. */
  private record Aggregated(Expression ofRows, String merge) {}

  /** What an aggregate of the query is, over merged columns. */
  private record Value(Expression aggregate, Expression value) {}

  /** Partial aggregates, or why there are none. */
  record Found(Optional<Partials> partials, String refusal) {
    private static Found refused(String why) {
      return new Found(Optional.empty(), why);
    }
  }

  /**
   * Looks at a query.
   *
   * @param query over one table, with the mark for {@code :as_of}
   * @param partitionColumn the table's first
   */
  static Found of(Dataset<Row> query, Optional<String> partitionColumn) {
    var dataset = (org.apache.spark.sql.classic.Dataset<Row>) query;
    LogicalPlan plan = dataset.queryExecution().analyzed();
    if (!(plan instanceof Aggregate aggregate)) {
      return Found.refused("the query is no plain GROUP BY");
    }
    List<Expression> windowed = new ArrayList<>();
    LogicalPlan input = withoutWindow(aggregate.child(), windowed);
    if (!isChain(input)) {
      return Found.refused("the query reads more than rows of one table");
    }
    if (PlanTrees.hasMark(input)) {
      return Found.refused("it uses :as_of in more than a comparison with a column of time");
    }
    Optional<TimeWindow> window = windowed.isEmpty() ? Optional.empty() : TimeWindow.of(windowed);
    if (!windowed.isEmpty() && window.isEmpty()) {
      return Found.refused(
          "it compares with :as_of otherwise than a column of time, by >= or < where that is a"
              + " timestamp");
    }
    Partials partials =
        new Partials(
            dataset.sparkSession(),
            input,
            window,
            partitionColumn.flatMap(column -> PlanTrees.carried(input, column)),
            aggregate);
    Optional<String> refusal = partials.readKeys().or(partials::readAggregates);
    return refusal.isPresent()
        ? Found.refused(refusal.get())
        : new Found(Optional.of(partials), "");
  }

  /** Takes comparisons with {@code :as_of} out of the WHERE right below the GROUP BY. */
  private static LogicalPlan withoutWindow(LogicalPlan plan, List<Expression> windowed) {
    if (!(plan instanceof Filter filter)) {
      return plan;
    }
    LogicalPlan below = withoutWindow(filter.child(), windowed);
    LogicalPlan left = below;
    for (Expression conjunct : PlanTrees.conjuncts(filter.condition())) {
      if (PlanTrees.hasMark(conjunct)) {
        windowed.add(conjunct);
      } else {
        left = new Filter(conjunct, left);
      }
    }
    return left;
  }

  /** Whether each row of the plan is made of one row of a table, and of that alone. */
  private static boolean isChain(LogicalPlan plan) {
    boolean known =
        plan instanceof Filter
            || plan instanceof Project
            || plan instanceof SubqueryAlias
            || plan instanceof View;
    return plan instanceof LogicalRelation
        || (known
            && PlanTrees.list(plan.expressions()).stream().allMatch(PlanTrees::isPlain)
            && PlanTrees.list(plan.children()).stream().allMatch(Partials::isChain));
  }

  private Optional<String> readKeys() {
    for (Expression key : keys) {
      if (!PlanTrees.isPlain(key) || PlanTrees.hasMark(key)) {
        return Optional.of("it groups by what changes with :as_of");
      }
      if (!PlainTypes.isExactValue(key.dataType())) {
        return Optional.of("it groups by a " + key.dataType().simpleString());
      }
    }
    return Optional.empty();
  }

  private Optional<String> readAggregates() {
    List<AggregateExpression> found = new ArrayList<>();
    for (NamedExpression named : result) {
      if (!PlanTrees.isPlain((Expression) named)) {
        return Optional.of("its result asks other tables");
      }
      ((Expression) named)
          .foreach(
              part -> {
                if (part instanceof AggregateExpression aggregate) {
                  found.add(aggregate);
                }
                return scala.runtime.BoxedUnit.UNIT;
              });
    }
    for (AggregateExpression aggregate : found) {
      boolean known =
          values.stream().anyMatch(value -> value.aggregate().semanticEquals(aggregate));
      Optional<String> refusal = known ? Optional.empty() : read(aggregate);
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }

  /** Adds what an aggregate needs, or says why it does not merge. */
  private Optional<String> read(AggregateExpression aggregate) {
    AggregateFunction function = aggregate.aggregateFunction();
    String shown = "`" + function.prettyName() + "`";
    if (aggregate.isDistinct()) {
      return Optional.of(shown + " of distinct values does not merge");
    }
    if (PlanTrees.hasMark(aggregate)) {
      return Optional.of(shown + " changes with :as_of");
    }
    if (function instanceof Count) {
      values.add(new Value(aggregate, add(aggregate, "coalesce(sum(%s), 0L)")));
    } else if (function instanceof Sum sum) {
      if (!isExactSum(sum)) {
        return Optional.of(shown + " of floating point depends on the order of rows");
      }
      values.add(new Value(aggregate, add(aggregate, mergeOfSum(sum.dataType()))));
    } else if (function instanceof Min || function instanceof Max) {
      if (!PlainTypes.isExactValue(function.dataType())) {
        return Optional.of(shown + " of a " + function.dataType().simpleString());
      }
      values.add(
          new Value(aggregate, add(aggregate, function instanceof Min ? "min(%s)" : "max(%s)")));
    } else if (function instanceof Average average && isExact(average)) {
      values.add(new Value(aggregate, average(aggregate, average)));
    } else {
      return Optional.of(shown + " does not merge without loss");
    }
    return Optional.empty();
  }

  private static boolean isExactSum(Sum sum) {
    return sum.evalContext().evalMode().equals(EvalMode.ANSI())
        && (sum.dataType().equals(DataTypes.LongType) || sum.dataType() instanceof DecimalType);
  }

  /** A sum of decimals has more digits than they; it fits, or the sum in full would not either. */
  private static String mergeOfSum(DataType type) {
    return "CAST(sum(%s) AS " + type.sql() + ")";
  }

  /**
   * Of decimals, and of integers that are small enough for their sum, which Spark makes in floating
   * point, to be exact up to four million rows of the greatest value in one group. Beyond that the
   * query in full depends on the order of rows too.
   */
  private static boolean isExact(Average average) {
    DataType type = average.child().dataType();
    boolean decimal = type instanceof DecimalType && average.evalMode().equals(EvalMode.ANSI());
    return decimal
        || Stream.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType)
            .anyMatch(type::equals);
  }

  /** Spark's own last step of an average, over a merged sum and count. */
  private Expression average(AggregateExpression aggregate, Average average) {
    Sum sum = new Sum(average.child());
    Expression sums = add(with(aggregate, sum), mergeOfSum(sum.dataType()));
    List<Expression> counted = List.of(average.child());
    Seq<Expression> arguments = CollectionConverters.asScala(counted).toSeq();
    Expression counts = add(with(aggregate, new Count(arguments)), "coalesce(sum(%s), 0L)");
    Expression wide =
        ExpressionUtils.expression(ExpressionUtils.column(sums).cast(average.sum().dataType()));
    return PlanTrees.rewrite(
        average.evaluateExpression(),
        part ->
            PlanTrees.same(part, average.sum())
                ? Optional.of(wide)
                : PlanTrees.same(part, average.count()) ? Optional.of(counts) : Optional.empty());
  }

  private static AggregateExpression with(
      AggregateExpression aggregate, AggregateFunction function) {
    return aggregate.copy(
        function,
        aggregate.mode(),
        aggregate.isDistinct(),
        aggregate.filter(),
        NamedExpression.newExprId());
  }

  private Expression add(AggregateExpression ofRows, String merge) {
    String name = "_a" + columns.size();
    columns.put(name, new Aggregated(ofRows, merge.formatted("`" + name + "`")));
    return ExpressionUtils.expression(col(name));
  }

  Optional<TimeWindow> window() {
    return window;
  }

  boolean byPartition() {
    return partition.isPresent();
  }

  /**
   * The partial aggregates of the rows that the query was made over.
   *
   * @param keptFrom the first bucket of time that is wanted
   */
  Dataset<Row> compute(OptionalLong keptFrom) {
    Dataset<Row> rows = org.apache.spark.sql.classic.Dataset.ofRows(session, input);
    if (keptFrom.isPresent()) {
      rows = rows.where(window.orElseThrow().isKept(keptFrom.getAsLong()));
    }
    List<Column> by = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      by.add(ExpressionUtils.column(keys.get(i)).as("_k" + i));
    }
    window.ifPresent(w -> by.add(w.bucket()));
    partition.ifPresent(attribute -> by.add(ExpressionUtils.column(attribute).as(PART)));
    return rows.groupBy(by.toArray(Column[]::new))
        .agg(
            count(lit(1)).as(ROWS),
            columns.entrySet().stream()
                .map(e -> ExpressionUtils.column(e.getValue().ofRows()).as(e.getKey()))
                .toArray(Column[]::new));
  }

  /** The same partial aggregates, each key of them once. */
  Dataset<Row> merge(Dataset<Row> partials) {
    List<Column> by = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      by.add(col("_k" + i));
    }
    window.ifPresent(w -> by.add(col(TimeWindow.BUCKET)));
    partition.ifPresent(attribute -> by.add(col(PART)));
    return merge(partials, by);
  }

  private Dataset<Row> merge(Dataset<Row> partials, List<Column> by) {
    return partials
        .groupBy(by.toArray(Column[]::new))
        .agg(
            expr("coalesce(sum(" + ROWS + "), 0L)").as(ROWS),
            columns.entrySet().stream()
                .map(e -> expr(e.getValue().merge()).as(e.getKey()))
                .toArray(Column[]::new));
  }

  /** The query's answer, from all partial aggregates. */
  Dataset<Row> answer(Dataset<Row> partials, Instant asOf) {
    Dataset<Row> chosen = window.map(w -> w.counted(partials, asOf)).orElse(partials);
    List<Column> by = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      by.add(col("_k" + i));
    }
    Dataset<Row> merged = merge(chosen, by);
    return merged.select(
        result.stream().map(named -> resultColumn(named, asOf)).toArray(Column[]::new));
  }

  private Column resultColumn(NamedExpression named, Instant asOf) {
    Expression computed = named instanceof Alias alias ? alias.child() : (Expression) named;
    Expression over = PlanTrees.rewrite(PlanTrees.asOf(computed, asOf), this::overMerged);
    return ExpressionUtils.column(over).as(named.name());
  }

  private Optional<Expression> overMerged(Expression part) {
    for (Value value : values) {
      if (value.aggregate().semanticEquals(part)) {
        return Optional.of(value.value());
      }
    }
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i).semanticEquals(part)) {
        return Optional.of(ExpressionUtils.expression(col("_k" + i)));
      }
    }
    return Optional.empty();
  }
}
