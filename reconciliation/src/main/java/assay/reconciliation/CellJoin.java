package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.silver.EventParser;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Both sides of a metric set, cell by cell: a full join in which NULL is a value like any other.
 */
final class CellJoin {
  /** How often a side has the cell. */
  static final String IN_CONTROL = "__in_control";

  static final String IN_TEST = "__in_test";

  /** In front of a measure's name: its value on a side. */
  static final String CONTROL_SIDE = "_control_";

  static final String TEST_SIDE = "_test_";

  private static final String IS_CONTROL = "__is_control";

  private final MetricSet metrics;
  private final List<String> grain;

  CellJoin(MetricSet metrics) {
    this.metrics = metrics;
    this.grain = Gold.grain(metrics);
  }

  /**
   * What a day comes to before any difference is looked into.
   *
   * @param cells of either side
   * @param controlTwice cells that the control has more than once
   * @param testTwice the same of the test
   * @param differing cells that are not the same, or on one side only
   */
  record DayCount(
      long cells, long control, long test, long controlTwice, long testTwice, long differing) {
    static final DayCount NONE = new DayCount(0, 0, 0, 0, 0, 0);
  }

  /**
   * One row a cell: the grain, both values of each measure, and how often each side has it. One
   * aggregation over both, which needs no second look for cells that are there twice.
   */
  Dataset<Row> join(Dataset<Row> control, Dataset<Row> test) {
    List<Column> values = new ArrayList<>();
    for (Measure measure : metrics.measures()) {
      Column value = col("`" + measure.name() + "`");
      values.add(max(when(col(IS_CONTROL), value)).as(CONTROL_SIDE + measure.name()));
      values.add(max(when(not(col(IS_CONTROL)), value)).as(TEST_SIDE + measure.name()));
    }
    values.add(count_if(not(col(IS_CONTROL))).as(IN_TEST));
    return side(control, true)
        .unionByName(side(test, false))
        .groupBy(grainColumns(grain))
        .agg(count_if(col(IS_CONTROL)).as(IN_CONTROL), values.toArray(Column[]::new));
  }

  private Dataset<Row> side(Dataset<Row> cells, boolean control) {
    List<String> columns =
        Stream.concat(grain.stream(), metrics.measures().stream().map(Measure::name)).toList();
    return cells.select(grainColumns(columns)).withColumn(IS_CONTROL, lit(control));
  }

  /** The control's value of a measure in what {@link #join} gives. */
  static Column control(String measure) {
    return col("`" + CONTROL_SIDE + measure + "`");
  }

  static Column test(String measure) {
    return col("`" + TEST_SIDE + measure + "`");
  }

  /**
   * Whether both sides have the cell, and no distance tells a value from none: one is NULL and the
   * other zero; never NULL.
   */
  static Column isNullAgainstZero(Values values, String measure) {
    return inControl()
        .and(inTest())
        .and(control(measure).isNull().notEqual(test(measure).isNull()))
        .and(values.amount(control(measure)).equalTo(values.amount(test(measure))));
  }

  /** Whether exactly one side has the cell; never NULL. */
  static Column isOneSided() {
    return inControl().notEqual(inTest());
  }

  static Column inControl() {
    return coalesce(col(IN_CONTROL), lit(0L)).gt(0);
  }

  static Column inTest() {
    return coalesce(col(IN_TEST), lit(0L)).gt(0);
  }

  /**
   * Whether a cell needs a closer look; never NULL.
   *
   * @param types of the measures
   */
  Column differs(StructType types) {
    Column differs = isOneSided();
    for (Measure measure : metrics.measures()) {
      Values values = Values.of(metrics, measure.name(), types.apply(measure.name()).dataType());
      differs = differs.or(not(values.same(control(measure.name()), test(measure.name()))));
    }
    return differs;
  }

  /** Counts what {@link #join} gave, by day. */
  Map<LocalDate, DayCount> countByDay(Dataset<Row> joined, StructType types) {
    Map<LocalDate, DayCount> days = new TreeMap<>();
    joined
        .groupBy(col(EventParser.EVENT_DATE))
        .agg(
            count(lit(1)),
            count_if(inControl()),
            count_if(inTest()),
            count_if(col(IN_CONTROL).gt(1)),
            count_if(col(IN_TEST).gt(1)),
            count_if(differs(types)))
        .collectAsList()
        .forEach(
            row ->
                days.put(
                    row.getLocalDate(0),
                    new DayCount(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6))));
    return days;
  }

  /** A join on the grain in which NULL is a value; {@code how} as the engine names it. */
  static Dataset<Row> onGrain(
      List<String> grain, Dataset<Row> cells, Dataset<Row> more, String how) {
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

  static Column[] grainColumns(List<String> names) {
    return names.stream().map(functions::col).toArray(Column[]::new);
  }

  /** A cell's or key's name for people, as {@code origin=SEA, destination=LAX}. */
  static String nameOf(List<String> by, Row row) {
    return by.stream().map(name -> name + "=" + row.getAs(name)).collect(Collectors.joining(", "));
  }
}
