package assay.reconciliation.convergence;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.inline;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import assay.views.live.BronzeReads;
import assay.views.live.CellPartials;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;

/**
 * How far the live number of a cell's window stood from the final one some time after the window
 * closed. The clock is the stream's own, the highest event time in bronze so far, so that a replay
 * of history tells the same as the day itself: {@code m} minutes after a window closed is the first
 * moment at which bronze had reached its end and {@code m} minutes more. What a view showed then is
 * the fold of its partials up to there, each of which names the bronze micro-batch it came with;
 * the final number is the live algorithm's over the rows that silver holds, so that late rows,
 * corrections and repeats are in what is left.
 */
public final class Convergence {
  /** The ages, in minutes after a window closed. */
  static final List<Integer> MINUTES = List.of(1, 5, 15, 60, 360, 1440);

  private static final int AGES = MINUTES.size();

  /** The place, among the ages, of the first one at which a partial or a row is visible. */
  private static final String PLACE = "_place";

  private static final String ROWS = "_rows_of_cell";
  private static final String MOVING = "_moving_";
  private static final String END = "_window_end";
  private static final String AGE = "_age";

  /** In the place of an age: the final number. */
  private static final int FINAL = -1;

  private static final String ERROR = "error";
  private static final String SAME = "same";
  private static final String SETTLED = "settled";
  private static final String TIMES = "times";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final MetricSet metrics;
  private final CellPartials partials;
  private final List<String> grain;

  public Convergence(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.metrics = metrics;
    this.partials = new CellPartials(spark, contract, metrics);
    this.grain = partials.grainByWindow();
  }

  /**
   * What is looked at, at the versions that a comparison pinned.
   *
   * @param partials of the live view
   * @param silver rows that pass the metric set's filter
   * @param differences rows that only one side has in its numbers, and that pass the filter
   * @param lastBatch the newest micro-batch of the live query that the view holds
   */
  public record Inputs(
      Dataset<Row> partials,
      Dataset<Row> silver,
      Dataset<Row> differences,
      OptionalLong lastBatch) {

    private Inputs where(Column condition) {
      return new Inputs(
          partials.where(condition),
          silver.where(condition),
          differences.where(condition),
          lastBatch);
    }
  }

  /**
   * Writes how the live numbers of days became final, once for each evidence: a crash before the
   * evidence is written leaves rows that the next run finds.
   *
   * @param evidence ids by day, of days that are over
   */
  public void write(Map<LocalDate, String> evidence, Inputs inputs) {
    ConvergenceTable table = new ConvergenceTable(spark, lake);
    Map<LocalDate, String> missing = table.missing(evidence);
    if (missing.isEmpty()) {
      return;
    }
    Optional<Instant> reached = reads().highestEventTime(inputs.lastBatch());
    if (reached.isEmpty()) {
      return;
    }
    Inputs wanted = inputs.where(col(EventParser.EVENT_DATE).isin(missing.keySet().toArray()));
    LiveView view = new LiveView(spark, lake, contract, metrics);
    Dataset<Row> placed = placed(view.shownOf(wanted.partials()), wanted.lastBatch());
    Dataset<Row> cells = cells(placed, wanted.differences());
    cells.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      table.append(new Windows(cells, placed, wanted.silver(), reached.get()).curves(), missing);
    } finally {
      cells.unpersist();
    }
  }

  private BronzeReads reads() {
    return new LiveTables(spark, lake, contract).reads();
  }

  /**
   * Partials with the place of the first age at which they were visible; {@link #AGES} for none.
   */
  private Dataset<Row> placed(Dataset<Row> shown, OptionalLong lastBatch) {
    Instant from = shown.agg(min(col(EventParser.INGESTED_AT))).head().getInstant(0);
    Dataset<Row> clock = reads().clock(lastBatch, from == null ? Instant.EPOCH : from);
    Column place = lit(AGES);
    for (int age = AGES - 1; age >= 0; age--) {
      // The micro-batch that took the clock to a moment is the last that was seen then: those
      // before which it had not reached it.
      Column visible =
          col(BronzeReads.CLOCK).isNull().or(col(BronzeReads.CLOCK).lt(later(windowEnd(), age)));
      place = when(visible, lit(age)).otherwise(place);
    }
    return shown
        .join(broadcast(clock), new String[] {EventParser.INGESTED_AT}, "left_outer")
        .withColumn(PLACE, place)
        .drop(BronzeReads.CLOCK);
  }

  /**
   * The windows of all cells: with place 0 those that showed the final number from the first age
   * on, with a greater one those that moved later, or that not all of the final rows are in.
   */
  private Dataset<Row> cells(Dataset<Row> placed, Dataset<Row> differences) {
    Column[] of = columns(grain);
    Dataset<Row> seen = placed.select(with(of, col(PLACE), col(LiveView.ROWS).as(ROWS)));
    Dataset<Row> unlike =
        partials.withWindow(differences).select(with(of, lit(AGES).as(PLACE), lit(0L).as(ROWS)));
    return seen.unionByName(unlike)
        .groupBy(of)
        .agg(max(col(PLACE)).as(PLACE), sum(col(ROWS)).as(ROWS))
        .withColumn(END, windowEnd());
  }

  private Column windowEnd() {
    long seconds = metrics.live().orElseThrow().window().toSeconds();
    return col(LiveView.WINDOW_START).plus(seconds(seconds));
  }

  private static Column later(Column end, int age) {
    return end.plus(seconds(Duration.ofMinutes(MINUTES.get(age)).toSeconds()));
  }

  private static Column seconds(long seconds) {
    return expr("INTERVAL '" + seconds + "' SECOND");
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(functions::col).toArray(Column[]::new);
  }

  private static Column[] with(Column[] columns, Column... more) {
    return Stream.concat(Stream.of(columns), Stream.of(more)).toArray(Column[]::new);
  }

  /** The windows of some days, and how their numbers moved. */
  private final class Windows {
    private final Dataset<Row> cells;
    private final Dataset<Row> placed;
    private final Dataset<Row> silver;
    private final Instant reached;

    Windows(Dataset<Row> cells, Dataset<Row> placed, Dataset<Row> silver, Instant reached) {
      this.cells = cells;
      this.placed = placed;
      this.silver = silver;
      this.reached = reached;
    }

    /** Whether a window had been closed for so long when the stream stood where it stands. */
    private Column closed(int age) {
      return later(col(END), age).leq(lit(reached));
    }

    /** Rows of {@link ConvergenceTable#SCHEMA} without the id. */
    Dataset<Row> curves() {
      Column share = sum(col(TIMES)).cast("double");
      // Silver is read only where something moved.
      Dataset<Row> all =
          moving().isEmpty() ? still() : still().unionByName(moved().selectExpr(still().columns()));
      return all.groupBy(
              col(EventParser.EVENT_DATE).as(ConvergenceTable.DAY),
              col(ConvergenceTable.MEASURE),
              col(ConvergenceTable.MINUTES))
          .agg(
              sum(col(TIMES)).as(ConvergenceTable.WINDOWS),
              percentile(0.5).as(ConvergenceTable.ERROR_P50),
              percentile(0.9).as(ConvergenceTable.ERROR_P90),
              max(col(ERROR)).as(ConvergenceTable.ERROR_MAX),
              timesWhere(SAME).divide(share).as(ConvergenceTable.EXACT_SHARE),
              timesWhere(SETTLED).divide(share).as(ConvergenceTable.SETTLED_SHARE))
          .withColumn(ConvergenceTable.METRICS, lit(metrics.name()));
    }

    private static Column percentile(double share) {
      return expr("percentile(" + ERROR + ", " + share + "D, " + TIMES + ")");
    }

    private static Column timesWhere(String flag) {
      return sum(when(col(flag), col(TIMES)).otherwise(lit(0L)));
    }

    /** The windows that never moved, counted: their error is zero for each measure. */
    private Dataset<Row> still() {
      List<Column> counts = new ArrayList<>();
      for (int age = 0; age < AGES; age++) {
        counts.add(count_if(closed(age)).as("_closed_" + age));
      }
      List<Column> rows = new ArrayList<>();
      for (Measure measure : metrics.measures()) {
        for (int age = 0; age < AGES; age++) {
          rows.add(
              struct(
                  lit(measure.name()).as(ConvergenceTable.MEASURE),
                  lit(MINUTES.get(age)).as(ConvergenceTable.MINUTES),
                  lit(0.0).as(ERROR),
                  lit(true).as(SAME),
                  lit(true).as(SETTLED),
                  col("_closed_" + age).as(TIMES)));
        }
      }
      return cells
          .where(col(PLACE).equalTo(0).and(col(ROWS).gt(0)))
          .groupBy(col(EventParser.EVENT_DATE))
          .agg(counts.get(0), counts.subList(1, AGES).toArray(Column[]::new))
          .select(col(EventParser.EVENT_DATE), inline(array(rows.toArray(Column[]::new))))
          .where(col(TIMES).gt(0));
    }

    private Dataset<Row> moving() {
      Column[] renamed =
          grain.stream().map(name -> col(name).as(MOVING + name)).toArray(Column[]::new);
      return cells.where(col(PLACE).gt(0)).select(renamed);
    }

    /**
     * The windows that moved: one row a window of a cell, measure and age that it has reached, with
     * the error, whether it was the final value, and whether it stayed near it.
     */
    private Dataset<Row> moved() {
      Dataset<Row> wide = wide(moving());
      List<Column> rows = new ArrayList<>();
      for (Measure measure : metrics.measures()) {
        ValueError error =
            new ValueError(
                measure,
                wide.schema().apply(at(measure, FINAL)).dataType(),
                Optional.ofNullable(metrics.tolerances().get(measure.name())));
        String last = at(measure, FINAL);
        Column settled = lit(true);
        for (int age = AGES - 1; age >= 0; age--) {
          Column value = col(at(measure, age));
          settled = settled.and(not(closed(age)).or(error.within(value, last)));
          rows.add(
              struct(
                  lit(measure.name()).as(ConvergenceTable.MEASURE),
                  lit(MINUTES.get(age)).as(ConvergenceTable.MINUTES),
                  closed(age).as("closed"),
                  error.relative(value, last).as(ERROR),
                  error.same(value, last).as(SAME),
                  settled.as(SETTLED),
                  lit(1L).as(TIMES)));
        }
      }
      return wide.select(with(columns(grain), inline(array(rows.toArray(Column[]::new)))))
          .where(col("closed"));
    }

    /** One row a window of a cell, each measure's value at each age and its final one beside it. */
    private Dataset<Row> wide(Dataset<Row> moving) {
      Dataset<Row> early =
          only(placed.where(col(PLACE).lt(AGES)), moving)
              .withColumn(AGE, explode(sequence(col(PLACE), lit(AGES - 1))));
      List<String> byAge = Stream.concat(grain.stream(), Stream.of(AGE)).toList();
      Dataset<Row> last =
          partials
              .evaluate(only(partials.withWindow(silver), moving), grain)
              .withColumn(AGE, lit(FINAL));
      List<Column> values = new ArrayList<>();
      for (Measure measure : metrics.measures()) {
        IntStream.range(FINAL, AGES)
            .forEach(age -> values.add(valueAt(age, measure.name()).as(at(measure, age))));
        if (measure instanceof Measure.Sketch) {
          for (String bound : List.of(CellPartials.LOWEST, CellPartials.HIGHEST)) {
            values.add(valueAt(FINAL, measure.name() + bound).as(at(measure, FINAL) + bound));
          }
        }
      }
      return partials
          .fold(early, byAge)
          .unionByName(last, true)
          .groupBy(columns(grain))
          .agg(values.get(0), values.subList(1, values.size()).toArray(Column[]::new))
          .withColumn(END, windowEnd());
    }

    private static Column valueAt(int age, String column) {
      return max(when(col(AGE).equalTo(age), col(column)));
    }

    private static String at(Measure measure, int age) {
      return "_" + measure.name() + (age == FINAL ? "_final" : "_at_" + age);
    }

    /** The rows of some windows of cells, NULL a value like any other. */
    private Dataset<Row> only(Dataset<Row> rows, Dataset<Row> moving) {
      Column same =
          grain.stream()
              .map(name -> col(name).eqNullSafe(col(MOVING + name)))
              .reduce(Column::and)
              .orElseThrow();
      return rows.join(moving, same, "left_semi");
    }
  }
}
