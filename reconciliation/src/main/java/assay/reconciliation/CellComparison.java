package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.Tolerance;
import assay.gold.Gold;
import assay.silver.EventParser;
import assay.views.live.CellPartials;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * Control and test, cell by cell, with every difference split into its causes. For a measure that
 * can be summed, a term is the sum over the rows of that cause. For any other, it is what the live
 * algorithm's value changes by when the rows of that cause are put in and taken out, one cause
 * after the other, beginning with the control's own rows. Where the live value is an estimate, the
 * exact values of these rows are taken, and what is left is the error of the sketch as long as it
 * is one that the sketch may make of these rows. Either way the terms add up, and what is left is
 * unexplained.
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

  static final String MATCH = "MATCH";
  static final String TOLERATED = "TOLERATED";
  static final String EXPLAINED = "EXPLAINED";
  static final String DIVERGED = "DIVERGED";

  /**
   * 27 digits before the point, 10 behind: sums of money and of counts stay exact. One digit short
   * of the widest, so that adding two of them fits and the engine does not take a digit off the
   * scale.
   */
  static final DecimalType AMOUNT = new DecimalType(37, 10);

  /**
   * Two ways of adding up floating point numbers may differ by this much, relative to the value, or
   * to one where the value is smaller; the scale of an amount ends there as well.
   */
  private static final double ROUNDING = 1e-9;

  private static final String CONTROL_SIDE = "_control_";
  private static final String TEST_SIDE = "_test_";
  private static final String IN_CONTROL = "__in_control";
  private static final String IN_TEST = "__in_test";
  private static final String STEP = "__step";

  /** Marks a cell whose rows were read. */
  private static final String STEPPED = "__stepped";

  private final MetricSet metrics;
  private final CellPartials live;
  private final List<String> grain;

  CellComparison(MetricSet metrics, CellPartials live) {
    this.metrics = metrics;
    this.live = live;
    this.grain = Gold.grain(metrics);
  }

  /**
   * Compares whole days.
   *
   * @param control cells of gold
   * @param test cells of the live view
   * @param silver the rows that {@code control} was computed from
   * @param differences see {@link RowDifferences}; cached by the caller
   * @return the grain, {@link #MEASURE}, both values as text, {@link #DIFFERENCE}, a column a
   *     cause, {@link #UNEXPLAINED}, {@link #ROWS} and {@link #VERDICT}; one row a cell and measure
   */
  Dataset<Row> compare(
      Dataset<Row> control, Dataset<Row> test, Dataset<Row> silver, Dataset<Row> differences) {
    Dataset<Row> cells = joinSides(control, test);
    Dataset<Row> withTerms = joinOnGrain(cells, sumTerms(differences), "full_outer");
    List<Cause> causes = causesOf(differences);
    boolean summable = metrics.measures().stream().allMatch(Measure::additive);
    if (!summable) {
      Dataset<Row> affected =
          withTerms.where(col(ROWS).isNotNull().or(anyNotAdditiveDiffers())).select(grainColumns());
      withTerms =
          joinOnGrain(withTerms, stepTerms(silver, differences, affected, causes), "left_outer");
    }
    return melt(withTerms, control.schema());
  }

  private Dataset<Row> joinSides(Dataset<Row> control, Dataset<Row> test) {
    return joinOnGrain(
        side(control, CONTROL_SIDE, IN_CONTROL), side(test, TEST_SIDE, IN_TEST), "full_outer");
  }

  /** The grain, the measures under names of their side, and a mark that the side has the cell. */
  private Dataset<Row> side(Dataset<Row> cells, String prefix, String mark) {
    List<Column> selected = new ArrayList<>(List.of(grainColumns()));
    metrics.measures().forEach(m -> selected.add(col(m.name()).as(prefix + m.name())));
    selected.add(lit(true).as(mark));
    return cells.select(selected.toArray(Column[]::new));
  }

  /** Per cell, the number of rows and the sum of each cause for each measure that can be summed. */
  private Dataset<Row> sumTerms(Dataset<Row> differences) {
    List<Column> sums = new ArrayList<>();
    for (Measure measure : metrics.measures()) {
      if (measure.additive()) {
        for (Cause cause : Cause.OF_ROWS) {
          // In the measure's own type, like the cell's value; the amount is taken of the sum.
          Column value = expr(measure.rowSql());
          Column added = functions.try_sum(when(is(cause).and(signIs(1)), value));
          Column taken = functions.try_sum(when(is(cause).and(signIs(-1)), value));
          Column zero = lit(0).cast(AMOUNT);
          sums.add(
              coalesce(added.try_cast(AMOUNT), zero)
                  .minus(coalesce(taken.try_cast(AMOUNT), zero))
                  .cast(AMOUNT)
                  .as(term(measure, cause)));
        }
      }
    }
    return differences
        .groupBy(grainColumns())
        .agg(count(lit(1)).as(ROWS), sums.toArray(Column[]::new));
  }

  /**
   * Per affected cell, what each cause changes for the measures that cannot be summed: a value a
   * step, step 0 over the control's rows, step i with the first i causes put right.
   */
  private Dataset<Row> stepTerms(
      Dataset<Row> silver, Dataset<Row> differences, Dataset<Row> affected, List<Cause> causes) {
    String[] position = {EventParser.PARTITION, EventParser.OFFSET};
    Dataset<Row> taken =
        differences
            .where(col(RowDifferences.SIGN).equalTo(-1))
            .select(
                col(EventParser.PARTITION),
                col(EventParser.OFFSET),
                col(RowDifferences.CAUSE),
                col(RowDifferences.SIGN));
    Dataset<Row> controlRows =
        joinOnGrain(silver, affected, "left_semi").join(taken, position, "left_outer");
    List<String> columns = new ArrayList<>(Arrays.asList(silver.columns()));
    // Silver has more: what no measure is made of, and columns that the contract had before.
    columns.retainAll(List.of(differences.columns()));
    columns.addAll(List.of(RowDifferences.CAUSE, RowDifferences.SIGN));
    String[] kept = columns.toArray(String[]::new);
    Dataset<Row> added = differences.where(col(RowDifferences.SIGN).equalTo(1));
    Column place = lit(0);
    for (int i = 0; i < causes.size(); i++) {
      place = when(is(causes.get(i)), lit(i + 1)).otherwise(place);
    }
    Column steps =
        functions.array(
            Stream.iterate(0, i -> i + 1)
                .limit(causes.size() + 1L)
                .map(functions::lit)
                .toArray(Column[]::new));
    Column done = place.leq(col(STEP));
    Column included =
        when(col(RowDifferences.SIGN).isNull(), true)
            .when(col(RowDifferences.SIGN).equalTo(-1), not(done))
            .otherwise(done);
    Dataset<Row> stepped =
        controlRows
            .selectExpr(kept)
            .unionByName(added.selectExpr(kept))
            .withColumn(STEP, explode(steps))
            .where(included);
    List<String> by = Stream.concat(grain.stream(), Stream.of(STEP)).toList();
    Dataset<Row> values = live.evaluate(stepped, by);
    List<Column> wide = new ArrayList<>();
    for (Measure measure : notAdditive()) {
      for (int step = 0; step <= causes.size(); step++) {
        Column value = when(col(STEP).equalTo(step), col(measure.name()));
        wide.add(max(value).as(atStep(measure, step)));
      }
      if (measure instanceof Measure.Sketch) {
        for (String bound : List.of(CellPartials.LOWEST, CellPartials.HIGHEST)) {
          Column value = col(measure.name() + bound);
          wide.add(max(when(col(STEP).equalTo(0), value)).as(first(measure) + bound));
          wide.add(max(when(col(STEP).equalTo(causes.size()), value)).as(last(measure) + bound));
        }
      }
    }
    Dataset<Row> perCell =
        values
            .groupBy(grainColumns())
            .agg(wide.get(0), wide.stream().skip(1).toArray(Column[]::new));
    List<Column> terms = new ArrayList<>(List.of(grainColumns()));
    for (Measure measure : notAdditive()) {
      DataType type = perCell.schema().apply(atStep(measure, 0)).dataType();
      for (int i = 0; i < causes.size(); i++) {
        Column change =
            amount(col(atStep(measure, i + 1)), type).minus(amount(col(atStep(measure, i)), type));
        terms.add(change.cast(AMOUNT).as(term(measure, causes.get(i))));
      }
      terms.add(col(atStep(measure, 0)).as(first(measure)));
      terms.add(col(atStep(measure, causes.size())).as(last(measure)));
      if (measure instanceof Measure.Sketch) {
        for (String bound : List.of(CellPartials.LOWEST, CellPartials.HIGHEST)) {
          terms.add(col(first(measure) + bound));
          terms.add(col(last(measure) + bound));
        }
      }
    }
    terms.add(lit(true).as(STEPPED));
    return perCell.select(terms.toArray(Column[]::new));
  }

  /** One row a cell to one row a cell and measure, in one pass. */
  private Dataset<Row> melt(Dataset<Row> wide, StructType types) {
    List<String> present = Arrays.asList(wide.columns());
    Column[] perMeasure =
        metrics.measures().stream()
            .map(m -> judge(m, types.apply(m.name()).dataType(), present))
            .toArray(Column[]::new);
    List<Column> selected = new ArrayList<>(List.of(grainColumns()));
    selected.add(functions.inline(functions.array(perMeasure)));
    return wide.select(selected.toArray(Column[]::new));
  }

  private Column judge(Measure measure, DataType type, List<String> present) {
    Column control = col(CONTROL_SIDE + measure.name());
    Column test = col(TEST_SIDE + measure.name());
    Column controlAmount = amount(control, type);
    Column testAmount = amount(test, type);
    Column difference = testAmount.minus(controlAmount).cast(AMOUNT);
    List<Column> fields = new ArrayList<>();
    fields.add(lit(measure.name()).as(MEASURE));
    fields.add(control.cast(DataTypes.StringType).as(CONTROL));
    fields.add(test.cast(DataTypes.StringType).as(TEST));
    fields.add(difference.as(DIFFERENCE));
    Column explained = lit(0).cast(AMOUNT);
    for (Cause cause : Cause.values()) {
      Column amount =
          present.contains(term(measure, cause))
              ? coalesce(col(term(measure, cause)), lit(0).cast(AMOUNT))
              : cause == Cause.SKETCH && estimated(measure, present)
                  ? sketchError(measure, type)
                  : lit(0).cast(AMOUNT);
      fields.add(amount.as(column(cause)));
      explained = explained.plus(amount).cast(AMOUNT);
    }
    Column size = greatest(abs(controlAmount), abs(testAmount));
    Column unexplained = withoutRounding(leftOver(measure, type, present, explained), size, type);
    fields.add(unexplained.as(UNEXPLAINED));
    fields.add(coalesce(col(ROWS), lit(0L)).as(ROWS));
    Column equal = control.eqNullSafe(test);
    if (type instanceof NumericType) {
      // Nothing against zero is equal: a sum over no cell and a sum of zero.
      Column zero = lit(0).cast(type);
      equal = equal.or(coalesce(control, zero).equalTo(coalesce(test, zero)));
    }
    fields.add(
        when(coalesce(unexplained.notEqual(0), lit(true)).or(impossible()), DIVERGED)
            .when(equal, MATCH)
            .when(within(measure, type, present, difference, size), TOLERATED)
            .otherwise(EXPLAINED)
            .as(VERDICT));
    return functions.struct(fields.toArray(Column[]::new));
  }

  /** As the contract says; of an estimate about which it is silent, as the sketch promises. */
  private Column within(
      Measure measure, DataType type, List<String> present, Column difference, Column size) {
    if (estimated(measure, present) && !metrics.tolerances().containsKey(measure.name())) {
      return coalesce(mayStandFor(measure, first(measure)), maySayOfControl(measure));
    }
    Tolerance tolerance = metrics.tolerance(measure.name());
    return isNumber(type)
        ? abs(difference)
            .leq(lit(tolerance.absolute()))
            .or(abs(difference).leq(size.multiply(lit(tolerance.relative()))))
        : lit(false);
  }

  /**
   * Whether the live value is one that a sketch may give for the control's own rows, told from the
   * control's value alone; false where that takes the rows.
   */
  private static Column maySayOfControl(Measure measure) {
    String test = "`" + TEST_SIDE + measure.name() + "`";
    String control = "`" + CONTROL_SIDE + measure.name() + "`";
    return measure instanceof Measure.Sketch sketch
        ? sketch
            .maySay(test, control)
            .map(sql -> coalesce(expr(sql), lit(false)))
            .orElse(lit(false))
        : lit(false);
  }

  private static boolean estimated(Measure measure, List<String> present) {
    return measure instanceof Measure.Sketch && present.contains(first(measure));
  }

  /**
   * Whether the live value is one that a sketch may give for the rows of a step; NULL where the
   * cell's rows were not read, or there are none.
   */
  private static Column mayStandFor(Measure measure, String step) {
    return col(TEST_SIDE + measure.name())
        .between(col(step + CellPartials.LOWEST), col(step + CellPartials.HIGHEST));
  }

  private static Column sketchError(Measure measure, DataType type) {
    Column test = amount(col(TEST_SIDE + measure.name()), type);
    Column none = lit(0).cast(AMOUNT);
    Column ofRows = test.minus(amount(col(last(measure)), type)).cast(AMOUNT);
    Column ofControl = test.minus(amount(col(CONTROL_SIDE + measure.name()), type)).cast(AMOUNT);
    // The same rows on both sides, which were not read: the exact value is the control's.
    Column unread = col(STEPPED).isNull();
    return when(unread, when(maySayOfControl(measure), ofControl).otherwise(none))
        .when(mayStandFor(measure, last(measure)), ofRows)
        .otherwise(none);
  }

  /**
   * A cell on one side only without a row that makes the difference, or such rows without a cell on
   * either side: the cell itself was lost, whatever its values would have been.
   */
  private static Column impossible() {
    Column control = col(IN_CONTROL).isNotNull();
    Column test = col(IN_TEST).isNotNull();
    Column rows = coalesce(col(ROWS), lit(0L)).gt(0);
    return when(rows, not(control).and(not(test))).otherwise(control.notEqual(test));
  }

  private Column leftOver(Measure measure, DataType type, List<String> present, Column explained) {
    Column control = col(CONTROL_SIDE + measure.name());
    Column test = col(TEST_SIDE + measure.name());
    Column same = test.eqNullSafe(control);
    if (isNumber(type)) {
      Column difference = amount(test, type).minus(amount(control, type)).cast(AMOUNT);
      // A value too large for an amount is not explained by amounts.
      Column tooLarge = hasNoAmount(control, type).or(hasNoAmount(test, type));
      return when(tooLarge, when(same, lit(0)).otherwise(lit(1)).cast(AMOUNT))
          .otherwise(difference.minus(explained).cast(AMOUNT));
    }
    // A text has no amount: it is explained when the rows lead from one value to the other.
    Column led =
        present.contains(first(measure))
            ? control.eqNullSafe(col(first(measure))).and(test.eqNullSafe(col(last(measure))))
            : lit(false);
    return when(same.or(led), lit(0)).otherwise(lit(1)).cast(AMOUNT);
  }

  /**
   * What floating point addition in another order leaves, or the rounding of a term to the scale of
   * an amount, is no difference.
   */
  private static Column withoutRounding(Column unexplained, Column size, DataType type) {
    boolean floating = type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
    boolean finer = type instanceof DecimalType decimal && decimal.scale() > AMOUNT.scale();
    if (!floating && !finer) {
      return unexplained;
    }
    Column scale = floating ? greatest(size.cast("double"), lit(1.0)) : lit(1.0);
    Column rounding = abs(unexplained).cast("double").leq(scale.multiply(ROUNDING));
    return when(rounding, lit(0).cast(AMOUNT)).otherwise(unexplained);
  }

  private Column anyNotAdditiveDiffers() {
    return notAdditive().stream()
        .map(
            m ->
                not(
                    col(CONTROL_SIDE + m.name())
                        .eqNullSafe(col(TEST_SIDE + m.name()))
                        .or(maySayOfControl(m))))
        .reduce(Column::or)
        .orElse(lit(false));
  }

  private List<Measure> notAdditive() {
    return metrics.measures().stream().filter(m -> !m.additive()).toList();
  }

  private static List<Cause> causesOf(Dataset<Row> differences) {
    List<String> found =
        differences.select(col(RowDifferences.CAUSE)).distinct().collectAsList().stream()
            .map(row -> row.getString(0))
            .toList();
    return Arrays.stream(Cause.values()).filter(c -> found.contains(c.label())).toList();
  }

  private Dataset<Row> joinOnGrain(Dataset<Row> cells, Dataset<Row> more, String how) {
    String marker = "__cell_";
    Dataset<Row> renamed = more;
    for (String name : grain) {
      renamed = renamed.withColumnRenamed(name, marker + name);
    }
    Column same = lit(true);
    for (String name : grain) {
      same = same.and(cells.col(name).eqNullSafe(renamed.col(marker + name)));
    }
    Dataset<Row> joined = cells.join(renamed, same, how);
    if (how.equals("full_outer")) {
      // With both sides' keys NULL-safe equal, the one that is there names the cell.
      for (String name : grain) {
        joined = joined.withColumn(name, coalesce(col(name), col(marker + name)));
      }
    }
    return joined.drop(grain.stream().map(name -> marker + name).toArray(String[]::new));
  }

  private Column[] grainColumns() {
    return grain.stream().map(functions::col).toArray(Column[]::new);
  }

  /** The column of a cause's term in what {@link #compare} gives. */
  static String column(Cause cause) {
    return "__" + cause.label();
  }

  private static Column signIs(int sign) {
    return col(RowDifferences.SIGN).equalTo(sign);
  }

  private static Column is(Cause cause) {
    return col(RowDifferences.CAUSE).equalTo(cause.label());
  }

  /** A value as a number; a cell that is not there, or has no value, counts as zero. */
  private static Column amount(Column value, DataType type) {
    return coalesce(number(value, type).try_cast(AMOUNT), lit(0).cast(AMOUNT));
  }

  private static Column hasNoAmount(Column value, DataType type) {
    return value.isNotNull().and(number(value, type).try_cast(AMOUNT).isNull());
  }

  private static Column number(Column value, DataType type) {
    if (type.equals(DataTypes.DateType)) {
      return functions.unix_date(value);
    }
    return type.equals(DataTypes.TimestampType)
        ? functions.unix_micros(value).cast(AMOUNT).divide(lit(1_000_000))
        : isNumber(type) ? value : lit(0);
  }

  private static boolean isNumber(DataType type) {
    return type instanceof NumericType
        || type.equals(DataTypes.DateType)
        || type.equals(DataTypes.TimestampType);
  }

  private static String term(Measure measure, Cause cause) {
    return "_" + measure.name() + "_" + cause.label();
  }

  private static String atStep(Measure measure, int step) {
    return "_" + measure.name() + "_step_" + step;
  }

  private static String first(Measure measure) {
    return "_" + measure.name() + "_first";
  }

  private static String last(Measure measure) {
    return "_" + measure.name() + "_last";
  }
}
