package assay.views.materialized;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.date_trunc;
import static org.apache.spark.sql.functions.lit;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BinaryComparison;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.types.DataTypes;

/**
 * The part of a WHERE that compares a column of time with {@code :as_of}. Partial aggregates are
 * kept by buckets of that column, a minute of a timestamp or a date, so that the same comparisons
 * of buckets choose what the comparisons of rows would have chosen, whatever {@code :as_of} is.
 *
 * @param column of the rows
 * @param conjuncts that compare it, with the mark of {@link PlanTrees} for {@code :as_of}
 */
record TimeWindow(Attribute column, List<Expression> conjuncts) {
  /** The column of partial aggregates. */
  static final String BUCKET = "_bucket";

  private static final long MINUTE_MICROS = Duration.ofMinutes(1).toNanos() / 1000;
  private static final long DAY_MICROS = Duration.ofDays(1).toNanos() / 1000;

  TimeWindow {
    conjuncts = List.copyOf(conjuncts);
  }

  /**
   * A comparison of a bare column with what {@code :as_of} alone decides.
   *
   * @param lower whether it bounds the column from below
   * @param exact whether a bucket that begins at the bound is wholly on one side of it
   */
  private record Bound(Expression value, boolean lower, boolean exact) {}

  /** The window that conjuncts make; empty where they are nothing that buckets can answer. */
  static Optional<TimeWindow> of(List<Expression> conjuncts) {
    List<Attribute> columns = new ArrayList<>();
    for (Expression conjunct : conjuncts) {
      List<Attribute> used = new ArrayList<>();
      conjunct.foreach(
          part -> {
            if (part instanceof Attribute attribute) {
              used.add(attribute);
            }
            return scala.runtime.BoxedUnit.UNIT;
          });
      if (used.isEmpty() || !PlanTrees.isPlain(conjunct)) {
        return Optional.empty();
      }
      columns.addAll(used);
    }
    Attribute first = columns.get(0);
    boolean one = columns.stream().allMatch(column -> PlanTrees.same(column, first));
    TimeWindow window = new TimeWindow(first, conjuncts);
    boolean date = first.dataType().equals(DataTypes.DateType);
    boolean moments =
        first.dataType().equals(DataTypes.TimestampType)
            && conjuncts.stream().allMatch(c -> window.bound(c).filter(Bound::exact).isPresent());
    return one && (date || moments) ? Optional.of(window) : Optional.empty();
  }

  /** Why buckets cannot answer as of a moment; empty where they can. */
  Optional<String> refusal(Instant asOf) {
    if (isDate()) {
      return Optional.empty();
    }
    for (Expression conjunct : conjuncts) {
      OptionalLong bound = evaluate(bound(conjunct).orElseThrow().value(), asOf);
      if (bound.isEmpty() || Math.floorMod(bound.getAsLong(), MINUTE_MICROS) != 0) {
        return Optional.of(
            "a bound of `"
                + column.name()
                + "` is no whole minute, so that minutes do not answer it");
      }
    }
    return Optional.empty();
  }

  /** The first bucket that can count as of a moment; empty where there is none. */
  OptionalLong from(Instant asOf) {
    OptionalLong from = OptionalLong.empty();
    for (Expression conjunct : conjuncts) {
      Optional<Bound> bound = bound(conjunct).filter(Bound::lower);
      OptionalLong value =
          bound.isEmpty() ? OptionalLong.empty() : evaluate(bound.get().value(), asOf);
      if (value.isPresent()) {
        boolean moment = bound.get().value().dataType().equals(DataTypes.TimestampType);
        long bucket =
            isDate() && moment ? Math.floorDiv(value.getAsLong(), DAY_MICROS) : value.getAsLong();
        from = OptionalLong.of(from.isEmpty() ? bucket : Math.max(from.getAsLong(), bucket));
      }
    }
    return from;
  }

  /** The bucket of a row. */
  Column bucket() {
    Column time = ExpressionUtils.column(column);
    return (isDate() ? time : date_trunc("MINUTE", time)).as(BUCKET);
  }

  /** Whether a row is in the first bucket that is kept, or a later one. */
  Column isKept(long from) {
    return since(ExpressionUtils.column(column), from);
  }

  /** The same of a bucket. */
  Column bucketIsKept(long from) {
    return since(col(BUCKET), from);
  }

  private Column since(Column time, long from) {
    return time.geq(
        isDate()
            ? lit(LocalDate.ofEpochDay(from))
            : lit(Instant.EPOCH.plus(from, ChronoUnit.MICROS)));
  }

  /** Those partial aggregates that count as of a moment. */
  Dataset<Row> counted(Dataset<Row> partials, Instant asOf) {
    Expression bucket = PlanTrees.output(partials, BUCKET);
    Column counts =
        conjuncts.stream()
            .map(
                conjunct ->
                    PlanTrees.rewrite(
                        PlanTrees.asOf(conjunct, asOf),
                        part ->
                            PlanTrees.same(part, column) ? Optional.of(bucket) : Optional.empty()))
            .map(ExpressionUtils::column)
            .reduce(Column::and)
            .orElseThrow();
    return partials.where(counts);
  }

  private boolean isDate() {
    return column.dataType().equals(DataTypes.DateType);
  }

  private Optional<Bound> bound(Expression conjunct) {
    if (!(conjunct instanceof BinaryComparison comparison)) {
      return Optional.empty();
    }
    boolean left = isColumn(comparison.left()) && isBound(comparison.right());
    boolean right = isColumn(comparison.right()) && isBound(comparison.left());
    if (!left && !right) {
      return Optional.empty();
    }
    Expression value = left ? comparison.right() : comparison.left();
    boolean notBefore =
        left ? comparison instanceof GreaterThanOrEqual : comparison instanceof LessThanOrEqual;
    boolean after = left ? comparison instanceof GreaterThan : comparison instanceof LessThan;
    boolean before = left ? comparison instanceof LessThan : comparison instanceof GreaterThan;
    return Optional.of(new Bound(value, notBefore || after, notBefore || before));
  }

  private boolean isColumn(Expression side) {
    return PlanTrees.same(side, column)
        || (isDate()
            && side instanceof Cast cast
            && cast.dataType().equals(DataTypes.TimestampType)
            && PlanTrees.same(cast.child(), column));
  }

  private static boolean isBound(Expression side) {
    return side.foldable()
        && (side.dataType().equals(DataTypes.TimestampType)
            || side.dataType().equals(DataTypes.DateType));
  }

  private static OptionalLong evaluate(Expression bound, Instant asOf) {
    try {
      return PlanTrees.asOf(bound, asOf).eval(null) instanceof Number number
          ? OptionalLong.of(number.longValue())
          : OptionalLong.empty();
    } catch (RuntimeException e) {
      // Some of Spark's functions are only replaced by what can be evaluated when a plan is run.
      return OptionalLong.empty();
    }
  }
}
