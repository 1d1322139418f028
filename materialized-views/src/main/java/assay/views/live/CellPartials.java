package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.window;

import assay.core.AssayException;
import assay.core.contract.Contract;
import assay.core.contract.Live;
import assay.core.contract.Measure;
import assay.core.contract.Measure.LiveForm;
import assay.core.contract.Measure.Partial;
import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A metric set: a partial is what one bronze micro-batch added to a cell and window; a cell's value
 * is the merge of its partials.
 */
public final class CellPartials implements ViewKind {
  /** Ends the columns of {@link #evaluate} that say within what a sketch's estimate stands. */
  public static final String LOWEST = "__lowest";

  public static final String HIGHEST = "__highest";

  private final SparkSession spark;
  private final Contract contract;
  private final MetricSet metrics;
  private final Live live;
  private final MeasurePartials measures;

  public CellPartials(SparkSession spark, Contract contract, MetricSet metrics) {
    this.spark = spark;
    this.contract = contract;
    this.metrics = metrics;
    this.live =
        metrics
            .live()
            .orElseThrow(
                () ->
                    AssayException.usage(
                        metrics.name() + " has no live view",
                        "add 'live:' to the metric set in the contract"));
    this.measures = new MeasurePartials(spark, contract, metrics.measures());
  }

  @Override
  public String name() {
    return metrics.name();
  }

  @Override
  public String definition() {
    return Stream.concat(
            Stream.of(contract.zone().getId(), String.join(",", metrics.by()), live.window() + ""),
            measures.definition())
        .collect(Collectors.joining(";"));
  }

  @Override
  public Dataset<Row> accumulate(Dataset<Row> counted) {
    List<String> by = new ArrayList<>(grain());
    by.add(LiveView.WINDOW_START);
    by.add(EventParser.INGESTED_AT);
    Dataset<Row> rows = withWindow(counted);
    return contract.adjusts() ? measures.ofAdjusted(rows, by) : measures.ofRows(rows, by);
  }

  /** Rows with the start of the window that each belongs to, as in partials. */
  public Dataset<Row> withWindow(Dataset<Row> rows) {
    Column window = window(col(contract.eventTime()), live.window().toSeconds() + " seconds");
    return rows.withColumn(LiveView.WINDOW_START, window.getField("start"));
  }

  @Override
  public Fold fold(StructType types) {
    return fold(grain(), types);
  }

  /**
   * Partials to the measures' values, by any columns of them.
   *
   * @param partials that something is shown of, see {@link LiveView#shownOf}
   */
  public Dataset<Row> fold(Dataset<Row> partials, List<String> by) {
    return fold(by, partials.schema()).of(partials);
  }

  @Override
  public Optional<Fold> foldByWindow(StructType types) {
    return Optional.of(fold(grainByWindow(), types));
  }

  private Fold fold(List<String> by, StructType types) {
    return fold(measures, by, types, List.of());
  }

  private static Fold fold(
      MeasurePartials measures, List<String> by, StructType types, List<String> more) {
    List<Fold.Step> steps = new ArrayList<>(measures.merge(by, types));
    List<String> values = by.stream().map(Fold::quoted).collect(Collectors.toList());
    values.addAll(measures.values());
    values.addAll(more);
    steps.add(new Fold.Select(values));
    return new Fold(steps);
  }

  /**
   * What this view would show had it been fed {@code rows} at once: the live algorithm over any
   * rows, for those who ask what a difference is made of. An estimate is not made again, because no
   * two sketches err alike: its measure has the exact value here, and columns that end in {@link
   * #LOWEST} and {@link #HIGHEST}.
   *
   * @param by the columns to group by
   */
  public Dataset<Row> evaluate(Dataset<Row> rows, List<String> by) {
    return evaluate(rows, by, partials -> partials, by);
  }

  /** Whether groups of rows can be put together after each was accumulated by itself. */
  public boolean putsTogether() {
    return metrics.measures().stream().noneMatch(m -> m instanceof Measure.Sketch);
  }

  /**
   * The same of groups that have rows in common, each row being accumulated once; only where {@link
   * #putsTogether}.
   *
   * @param by the columns to accumulate by
   * @param regroup gives each of these groups the columns of those that it is a part of
   * @param groups the columns of the groups whose values are asked for
   */
  public Dataset<Row> evaluate(
      Dataset<Row> rows,
      List<String> by,
      UnaryOperator<Dataset<Row>> regroup,
      List<String> groups) {
    MeasurePartials exact =
        new MeasurePartials(spark, contract, metrics.measures(), this::exactForm);
    Dataset<Row> partials = regroup.apply(exact.ofRows(rows, by));
    List<String> bounds =
        metrics.measures().stream()
            .filter(m -> m instanceof Measure.Sketch)
            .flatMap(m -> Stream.of(m.name() + LOWEST, m.name() + HIGHEST))
            .map(Fold::quoted)
            .toList();
    return fold(exact, groups, partials.schema(), bounds).of(partials);
  }

  private LiveForm exactForm(Measure measure) {
    if (!(measure instanceof Measure.Sketch sketch)) {
      return MeasurePartials.liveForm(measure, contract);
    }
    String name = sketch.name();
    return new LiveForm(
        List.of(
            once(name, sketch.batchSql()),
            once(name + LOWEST, sketch.lowestSql()),
            once(name + HIGHEST, sketch.highestSql())),
        Fold.quoted(name),
        Optional.empty());
  }

  /** Stands in one partial of a group only. */
  private static Partial once(String column, String fromRows) {
    return new Partial(column, fromRows, "max(" + Fold.quoted(column) + ")");
  }

  private List<String> grain() {
    return Stream.concat(Stream.of(EventParser.EVENT_DATE), metrics.by().stream()).toList();
  }

  /** The columns that name a cell and a window: the day, the window's start, the dimensions. */
  public List<String> grainByWindow() {
    List<String> by = new ArrayList<>(grain());
    by.add(1, LiveView.WINDOW_START);
    return by;
  }

  @Override
  public List<String> apart() {
    return grain();
  }

  /** A cell of which all rows are taken back. */
  @Override
  public boolean rowsVanish() {
    return contract.adjusts();
  }

  @Override
  public boolean staysInItsDay() {
    return true;
  }
}
