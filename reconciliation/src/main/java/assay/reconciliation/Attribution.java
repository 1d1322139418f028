package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
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
import org.apache.spark.sql.types.StructType;

/**
 * What each cause makes of a cell. For a measure that can be summed it is the sum over the rows of
 * that cause. For any other, and where a sum is no number, it is told from what the live algorithm
 * gives when the rows of one cause after the other are put in and taken out, beginning with the
 * control's own rows.
 */
final class Attribution {
  /** How many rows are in one side's number only. */
  static final String ROWS = CellComparison.ROWS;

  /** Marks a cell whose rows were read. */
  static final String STEPPED = "__stepped";

  private static final String STEP = "__step";
  private static final String PLACE = "__place";

  private final MetricSet metrics;
  private final CellPartials live;
  private final List<String> grain;

  Attribution(MetricSet metrics, CellPartials live) {
    this.metrics = metrics;
    this.live = live;
    this.grain = Gold.grain(metrics);
  }

  /** Per cell, the number of rows and the sum of each cause for each measure that can be summed. */
  Dataset<Row> sums(Dataset<Row> differences) {
    List<Column> sums = new ArrayList<>();
    for (Measure measure : metrics.measures()) {
      if (measure.additive()) {
        for (Cause cause : Cause.OF_ROWS) {
          sums.add(sum(measure, is(cause)).as(term(measure, cause)));
        }
      }
    }
    return differences
        .groupBy(CellJoin.grainColumns(grain))
        .agg(count(lit(1)).as(ROWS), sums.toArray(Column[]::new));
  }

  /**
   * What rows make of a measure that can be summed.
   *
   * @param which of the rows
   */
  static Column sum(Measure measure, Column which) {
    // In the measure's own type, like the cell's value; the amount is taken of the sum.
    Column value = expr(measure.rowSql());
    Column added = functions.try_sum(when(which.and(signIs(1)), value));
    Column taken = functions.try_sum(when(which.and(signIs(-1)), value));
    return coalesce(added.try_cast(CellComparison.AMOUNT), Values.none())
        .minus(coalesce(taken.try_cast(CellComparison.AMOUNT), Values.none()))
        .cast(CellComparison.AMOUNT);
  }

  /**
   * Whether the rows of a cell must be read; never NULL.
   *
   * @param types of the measures
   */
  Column needsRows(StructType types) {
    Column differingSketch = lit(false);
    Column notSummed = lit(false);
    for (Measure measure : metrics.measures()) {
      Values values = Values.of(metrics, measure.name(), types.apply(measure.name()).dataType());
      Column control = CellJoin.control(measure.name());
      Column test = CellJoin.test(measure.name());
      Column same = values.same(control, test);
      if (measure instanceof Measure.Sketch sketch) {
        differingSketch = differingSketch.or(not(same.or(SketchBounds.maySayOfControl(sketch))));
      }
      Column noAmount =
          values
              .isBeyond(control)
              .or(values.isBeyond(test))
              .or(CellJoin.isNullAgainstZero(values, measure.name()));
      notSummed = notSummed.or(measure.additive() ? not(same).and(noAmount) : lit(true));
    }
    return differingSketch.or(col(ROWS).isNotNull().and(notSummed));
  }

  /**
   * Per cell, what each cause changes for the measures that cannot be summed: a value a step, step
   * 0 over the control's rows, step i with the first i causes put right. Of all measures the values
   * at the first and at the last step.
   *
   * @param silver the rows that the control was computed from
   * @param affected the cells, by their grain
   */
  Dataset<Row> steps(
      Dataset<Row> silver, Dataset<Row> differences, Dataset<Row> affected, List<Cause> causes) {
    Dataset<Row> rows = rowsOf(silver, differences, affected, causes);
    List<String> byStep = with(STEP);
    Dataset<Row> values =
        live.putsTogether()
            ? live.evaluate(rows, with(PLACE, RowDifferences.SIGN), r -> inSteps(r, causes), byStep)
            : live.evaluate(inSteps(rows, causes), byStep);
    List<Column> wide = new ArrayList<>();
    for (Measure measure : metrics.measures()) {
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
            .groupBy(CellJoin.grainColumns(grain))
            .agg(wide.get(0), wide.stream().skip(1).toArray(Column[]::new));
    return perCell.select(termsOf(perCell.schema(), causes));
  }

  /** The rows of the cells on either side, each with the step at which it is put right. */
  private Dataset<Row> rowsOf(
      Dataset<Row> silver, Dataset<Row> differences, Dataset<Row> affected, List<Cause> causes) {
    String[] position = {EventParser.PARTITION, EventParser.OFFSET};
    Dataset<Row> taken =
        differences
            .where(signIs(-1))
            .select(
                col(EventParser.PARTITION),
                col(EventParser.OFFSET),
                col(RowDifferences.CAUSE),
                col(RowDifferences.SIGN));
    Dataset<Row> controlRows =
        CellJoin.onGrain(grain, silver, affected, "left_semi").join(taken, position, "left_outer");
    List<String> columns = new ArrayList<>(Arrays.asList(silver.columns()));
    // Silver has more: what no measure is made of, and columns that the contract had before.
    columns.retainAll(List.of(differences.columns()));
    columns.addAll(List.of(RowDifferences.CAUSE, RowDifferences.SIGN));
    String[] kept = columns.toArray(String[]::new);
    Dataset<Row> added =
        CellJoin.onGrain(grain, differences.where(signIs(1)), affected, "left_semi");
    Column place = lit(0);
    for (int i = 0; i < causes.size(); i++) {
      place = when(is(causes.get(i)), lit(i + 1)).otherwise(place);
    }
    return controlRows
        .selectExpr(kept)
        .unionByName(added.selectExpr(kept))
        .withColumn(PLACE, place);
  }

  /** Each row, or group of rows, in all steps that it is a part of. */
  private static Dataset<Row> inSteps(Dataset<Row> rows, List<Cause> causes) {
    Column steps =
        functions.array(
            Stream.iterate(0, i -> i + 1)
                .limit(causes.size() + 1L)
                .map(functions::lit)
                .toArray(Column[]::new));
    Column done = col(PLACE).leq(col(STEP));
    Column included =
        when(col(RowDifferences.SIGN).isNull(), true).when(signIs(-1), not(done)).otherwise(done);
    return rows.withColumn(STEP, explode(steps)).where(included);
  }

  private List<String> with(String... more) {
    return Stream.concat(grain.stream(), Stream.of(more)).toList();
  }

  private Column[] termsOf(StructType steps, List<Cause> causes) {
    List<Column> terms = new ArrayList<>(List.of(CellJoin.grainColumns(grain)));
    for (Measure measure : metrics.measures()) {
      Values values =
          Values.of(metrics, measure.name(), steps.apply(atStep(measure, 0)).dataType());
      for (int i = 0; i < causes.size() && !measure.additive(); i++) {
        Column change =
            values
                .amount(col(atStep(measure, i + 1)))
                .minus(values.amount(col(atStep(measure, i))));
        terms.add(change.cast(CellComparison.AMOUNT).as(term(measure, causes.get(i))));
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
    return terms.toArray(Column[]::new);
  }

  private static Column signIs(int sign) {
    return col(RowDifferences.SIGN).equalTo(sign);
  }

  private static Column is(Cause cause) {
    return col(RowDifferences.CAUSE).equalTo(cause.label());
  }

  /** The column of what a cause makes of a measure. */
  static String term(Measure measure, Cause cause) {
    return "_" + measure.name() + "_" + cause.label();
  }

  /** The column of a measure's value over the control's rows. */
  static String first(Measure measure) {
    return "_" + measure.name() + "_first";
  }

  /** The column of a measure's value with all causes put right. */
  static String last(Measure measure) {
    return "_" + measure.name() + "_last";
  }

  private static String atStep(Measure measure, int step) {
    return "_" + measure.name() + "_step_" + step;
  }
}
