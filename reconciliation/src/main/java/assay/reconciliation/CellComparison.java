package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Ignore;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.Tolerance;
import assay.gold.Gold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructType;

/**
 * Judges cells whose differences are split into their causes. Where the live value is an estimate,
 * the exact values of its rows are taken, and what is left is the error of the sketch as long as it
 * is one that the sketch may make of these rows. The terms add up to the difference, and what is
 * left is unexplained. Of a value that is no amount (a text, NaN, an infinity) the difference is
 * zero, and unexplained is one where no rows lead from the one side's value to the other's.
 */
final class CellComparison {
  // Two underscores in front: a dimension may bear any other name.
  static final String MEASURE = "__measure";
  static final String CONTROL = "__control";
  static final String TEST = "__test";
  static final String DIFFERENCE = "__difference";
  static final String UNEXPLAINED = "__unexplained";
  static final String ROWS = "__rows";
  static final String VERDICT = "__verdict";

  /** Why it does not count; NULL where it does. */
  static final String IGNORED_WHY = "__ignored";

  /** Whether one side alone has the cell. */
  static final String ONE_SIDED = "__one_sided";

  static final String MATCH = "MATCH";
  static final String TOLERATED = "TOLERATED";
  static final String EXPLAINED = "EXPLAINED";
  static final String DIVERGED = "DIVERGED";
  static final String IGNORED = "IGNORED";

  /**
   * 27 digits before the point, 10 behind: sums of money and of counts stay exact. One digit short
   * of the widest, so that adding two of them fits and the engine does not take a digit off the
   * scale.
   */
  static final DecimalType AMOUNT = new DecimalType(37, 10);

  private final MetricSet metrics;
  private final List<Ignore> ignored;

  /**
   * @param ignored those that hold today
   */
  CellComparison(MetricSet metrics, List<Ignore> ignored) {
    this.metrics = metrics;
    this.ignored = ignored;
  }

  /**
   * Judges each measure of each cell.
   *
   * @param cells see {@link CellJoin#join}, with the columns of {@link Attribution#sums} and, where
   *     rows of some were read, of {@link Attribution#steps}
   * @param types of the measures
   * @return the grain, {@link #MEASURE}, both values as text, {@link #DIFFERENCE}, a column a
   *     cause, {@link #UNEXPLAINED}, {@link #ROWS}, {@link #IGNORED_WHY}, {@link #ONE_SIDED} and
   *     {@link #VERDICT}; one row a cell and measure
   */
  Dataset<Row> judge(Dataset<Row> cells, StructType types) {
    List<String> present = Arrays.asList(cells.columns());
    Column[] perMeasure =
        metrics.measures().stream()
            .map(
                m ->
                    judge(
                        m, Values.of(metrics, m.name(), types.apply(m.name()).dataType()), present))
            .toArray(Column[]::new);
    List<Column> selected = new ArrayList<>(List.of(CellJoin.grainColumns(Gold.grain(metrics))));
    selected.add(functions.inline(functions.array(perMeasure)));
    return cells.select(selected.toArray(Column[]::new));
  }

  private Column judge(Measure measure, Values values, List<String> present) {
    Column control = CellJoin.control(measure.name());
    Column test = CellJoin.test(measure.name());
    Column beyond = values.isBeyond(control).or(values.isBeyond(test));
    Column difference =
        when(beyond, Values.none())
            .otherwise(values.amount(test).minus(values.amount(control)))
            .cast(AMOUNT);
    List<Column> fields = new ArrayList<>();
    fields.add(lit(measure.name()).as(MEASURE));
    fields.add(control.cast(DataTypes.StringType).as(CONTROL));
    fields.add(test.cast(DataTypes.StringType).as(TEST));
    fields.add(difference.as(DIFFERENCE));
    Column explained = Values.none();
    for (Cause cause : Cause.values()) {
      Column amount =
          when(beyond, Values.none())
              .otherwise(termOf(measure, values, cause, present))
              .cast(AMOUNT);
      fields.add(amount.as(column(cause)));
      explained = explained.plus(amount).cast(AMOUNT);
    }
    Column unexplained = unexplained(measure, values, present, difference, explained);
    fields.add(unexplained.as(UNEXPLAINED));
    fields.add(rows().as(ROWS));
    Column ignoredWhy = ignoredWhy(measure);
    fields.add(ignoredWhy.as(IGNORED_WHY));
    fields.add(CellJoin.isOneSided().as(ONE_SIDED));
    Column verdict =
        when(unexplained.notEqual(0).or(isLost()), DIVERGED)
            .when(isEqual(values, control, test), MATCH)
            .when(within(measure, values, present, beyond, difference), TOLERATED)
            .otherwise(EXPLAINED);
    fields.add(
        when(ignoredWhy.isNotNull().and(verdict.notEqual(MATCH)), IGNORED)
            .otherwise(verdict)
            .as(VERDICT));
    return functions.struct(fields.toArray(Column[]::new));
  }

  private static Column termOf(Measure measure, Values values, Cause cause, List<String> present) {
    String term = Attribution.term(measure, cause);
    if (present.contains(term)) {
      return coalesce(col(term), Values.none());
    }
    return cause == Cause.SKETCH && measure instanceof Measure.Sketch sketch
        ? bounds(sketch, values, present).error()
        : Values.none();
  }

  private Column unexplained(
      Measure measure, Values values, List<String> present, Column difference, Column explained) {
    Column control = CellJoin.control(measure.name());
    Column test = CellJoin.test(measure.name());
    Column same = values.same(control, test);
    // Values without a distance are explained when the rows lead from the one to the other.
    Column led =
        wereRead(present)
            ? coalesce(
                values
                    .same(control, col(Attribution.first(measure)))
                    .and(values.same(test, col(Attribution.last(measure))))
                    .and(col(Attribution.STEPPED)),
                lit(false))
            : lit(false);
    Column wholly = when(same.or(led), Values.none()).otherwise(lit(1).cast(AMOUNT));
    if (!values.isNumber()) {
      return wholly;
    }
    Column size = greatest(abs(values.amount(control)), abs(values.amount(test)));
    Column rest = values.withoutRounding(difference.minus(explained).cast(AMOUNT), size);
    Column noDistance =
        values
            .isBeyond(control)
            .or(values.isBeyond(test))
            .or(CellJoin.isNullAgainstZero(values, measure.name()));
    // Finer than an amount can tell, and no row that makes it.
    Column tooFine =
        CellJoin.inControl()
            .and(CellJoin.inTest())
            .and(not(same))
            .and(rows().equalTo(0))
            .and(difference.equalTo(0));
    return when(rest.notEqual(0), rest)
        .when(noDistance, wholly)
        .when(tooFine, lit("0.0000000001").cast(AMOUNT))
        .otherwise(Values.none());
  }

  /** A side that does not have the cell is as good as one that has nothing in it, or zero. */
  private static Column isEqual(Values values, Column control, Column test) {
    Column same = values.same(control, test);
    if (!values.isNumber()) {
      return same;
    }
    Column nothing =
        values
            .amount(control)
            .equalTo(0)
            .and(values.amount(test).equalTo(0))
            .and(not(values.isBeyond(control)))
            .and(not(values.isBeyond(test)));
    return same.or(CellJoin.isOneSided().and(nothing));
  }

  /** As the contract says; of an estimate about which it is silent, as the sketch promises. */
  private Column within(
      Measure measure, Values values, List<String> present, Column beyond, Column difference) {
    if (measure instanceof Measure.Sketch sketch
        && !metrics.tolerances().containsKey(measure.name())) {
      return bounds(sketch, values, present).mayBeOfControl();
    }
    if (!values.isNumber()) {
      return lit(false);
    }
    Tolerance tolerance = metrics.tolerance(measure.name());
    Column size =
        greatest(
            abs(values.amount(CellJoin.control(measure.name()))),
            abs(values.amount(CellJoin.test(measure.name()))));
    Column near =
        abs(difference)
            .leq(lit(tolerance.absolute()))
            .or(abs(difference).leq(size.multiply(lit(tolerance.relative()))));
    // A value is never near to none.
    Column missing =
        CellJoin.inControl()
            .and(CellJoin.inTest())
            .and(
                CellJoin.control(measure.name())
                    .isNull()
                    .notEqual(CellJoin.test(measure.name()).isNull()));
    return near.and(not(beyond)).and(not(missing));
  }

  private Column ignoredWhy(Measure measure) {
    Column why = lit(null).cast(DataTypes.StringType);
    for (Ignore ignore : ignored) {
      if (ignore.measure().isPresent()) {
        why =
            ignore.measure().get().equals(measure.name())
                ? coalesce(why, lit(ignore.reason()))
                : why;
      } else {
        why = coalesce(why, when(isOf(ignore.cell()), lit(ignore.reason())));
      }
    }
    return why;
  }

  private static Column isOf(Map<String, String> cell) {
    return cell.entrySet().stream()
        .map(
            e ->
                coalesce(col(e.getKey()).cast(DataTypes.StringType), lit("null"))
                    .equalTo(e.getValue()))
        .reduce(Column::and)
        .orElse(lit(false));
  }

  /**
   * A cell on one side only without a row that makes the difference, or such rows without a cell on
   * either side: the cell itself was lost, whatever its values would have been.
   */
  private static Column isLost() {
    return when(rows().gt(0), not(CellJoin.inControl()).and(not(CellJoin.inTest())))
        .otherwise(CellJoin.isOneSided());
  }

  private static Column rows() {
    return coalesce(col(Attribution.ROWS), lit(0L));
  }

  private static SketchBounds bounds(Measure.Sketch sketch, Values values, List<String> present) {
    return new SketchBounds(sketch, values, wereRead(present));
  }

  private static boolean wereRead(List<String> present) {
    return present.contains(Attribution.STEPPED);
  }

  /** The column of a cause's term in what {@link #judge} gives. */
  static String column(Cause cause) {
    return "__" + cause.label();
  }
}
