package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.window;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.TableChange;
import assay.core.contract.Contract;
import assay.core.contract.Live;
import assay.core.contract.Measure;
import assay.core.contract.Measure.LiveForm;
import assay.core.contract.Measure.Partial;
import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A metric set that the stream keeps up to date. Its table holds partials: what each bronze
 * micro-batch added to a cell and window. They are only ever appended; a cell's value is the merge
 * of its partials.
 */
public final class LiveView {
  /** The start of the window that a partial belongs to, inclusive. */
  public static final String WINDOW_START = "window_start";

  /** How many rows of bronze a partial holds. */
  public static final String ROWS = "_rows";

  /** What to do about {@link #otherDefinition}. */
  public static final String BUILD_AGAIN =
      "run 'assay live rebuild' for the view, or 'assay replay' for all of its domain, which build"
          + " it again from bronze, or give the new definition a new name";

  private static final String DEFINITION = "assay.definition";

  private final SparkSession spark;
  private final LakeTable table;
  private final Contract contract;
  private final MetricSet metrics;
  private final Live live;

  public LiveView(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this.spark = spark;
    this.table = new LakeTable(spark, lake.live(metrics.name()));
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
  }

  public LakeTable table() {
    return table;
  }

  /** The last micro-batch whose rows are in a version of the view; empty where there is none. */
  public OptionalLong lastBatch(long version) {
    return table.lastTransactionAt(version, transactionId());
  }

  public String name() {
    return metrics.name();
  }

  /** Partials to cells, with gold's columns. */
  public Dataset<Row> fold(Dataset<Row> partials) {
    StructType types = partials.schema();
    return partials
        .groupBy(columns(grain()).toArray(Column[]::new))
        .agg(
            merge(partials().get(0), types),
            partials().stream().skip(1).map(p -> merge(p, types)).toArray(Column[]::new))
        .select(values(grain()).toArray(Column[]::new));
  }

  /** The same as SQL over a table of partials. */
  public String foldSql(String partialsTable) {
    String by = grain().stream().map(LiveView::quoted).collect(Collectors.joining(", "));
    StructType types = table.schemaAt(table.version());
    String merged =
        partials().stream()
            .map(p -> mergeSql(p, types) + " AS " + quoted(p.column()))
            .collect(Collectors.joining(", "));
    String values =
        metrics.measures().stream()
            .map(m -> valueSql(m) + " AS " + quoted(m.name()))
            .collect(Collectors.joining(", "));
    return "SELECT %s, %s FROM (SELECT %s, %s FROM %s GROUP BY %s)"
        .formatted(by, values, by, merged, partialsTable, by);
  }

  private static Column merge(Partial partial, StructType types) {
    return expr(mergeSql(partial, types)).as(partial.column());
  }

  /** A sum of sums is of a wider type than the sum; the cell has the type of the sum. */
  private static String mergeSql(Partial partial, StructType types) {
    String type = types.apply(partial.column()).dataType().sql();
    // A sum that no longer fits is NULL, as it is in gold.
    return "TRY_CAST(" + partial.merge() + " AS " + type + ")";
  }

  private List<Column> values(List<String> by) {
    List<Column> values = columns(by);
    metrics.measures().forEach(m -> values.add(expr(valueSql(m)).as(m.name())));
    return values;
  }

  /** In the type that the exact aggregate has: an average of decimals has a scale of its own. */
  private String valueSql(Measure measure) {
    DataType type =
        spark
            .createDataFrame(List.of(), new EventParser(contract).silverSchema())
            .agg(expr(measure.batchSql()))
            .schema()
            .apply(0)
            .dataType();
    return "CAST(" + liveForm(measure).valueSql() + " AS " + type.sql() + ")";
  }

  /**
   * What this view would show had it been fed {@code rows} at once: the live algorithm over any
   * rows, for those who ask what a difference is made of.
   *
   * @param by the columns to group by
   */
  public Dataset<Row> evaluate(Dataset<Row> rows, List<String> by) {
    List<Column> aggregates = new ArrayList<>();
    partials().forEach(p -> aggregates.add(expr(p.fromRows()).as(p.column())));
    return rows.groupBy(columns(by).toArray(Column[]::new))
        .agg(aggregates.get(0), aggregates.stream().skip(1).toArray(Column[]::new))
        .select(values(by).toArray(Column[]::new));
  }

  /** Rows, judged as counted, to the partials of a micro-batch. */
  Dataset<Row> accumulate(Dataset<Row> counted) {
    List<Column> aggregates = new ArrayList<>();
    partials().forEach(p -> aggregates.add(expr(p.fromRows()).as(p.column())));
    Column start = window(col(contract.eventTime()), live.window().toSeconds() + " seconds");
    List<Column> by = columns(grain());
    by.add(col(WINDOW_START));
    by.add(col(EventParser.INGESTED_AT));
    return counted
        .withColumn(WINDOW_START, start.getField("start"))
        .groupBy(by.toArray(Column[]::new))
        .agg(count(lit(1)).as(ROWS), aggregates.toArray(Column[]::new));
  }

  /** Creates the table, or refuses one that was accumulated under another definition. */
  void createTable(Dataset<Row> noRows) {
    otherDefinition()
        .ifPresent(
            known -> {
              throw AssayException.failed(
                  "the live view %s was accumulated under another definition: %s instead of %s"
                      .formatted(table.path(), known, definition()),
                  BUILD_AGAIN);
            });
    createTable(accumulate(noRows).schema());
  }

  private void createTable(StructType schema) {
    table.createOrExtend(schema, List.of(EventParser.EVENT_DATE), properties());
  }

  /** The definition that the table was accumulated under, where it is not today's. */
  public Optional<String> otherDefinition() {
    return table.exists()
        ? Optional.of(table.property(DEFINITION).orElse("none"))
            .filter(known -> !known.equals(definition()))
        : Optional.empty();
  }

  /** Whether the view holds rows of an earlier live query. */
  boolean isBefore(Generation generation) {
    return table.exists()
        && Generation.of(lastBatch(table.version())).number() < generation.number();
  }

  /**
   * Puts the partials of a view that was built anew in the place of these, in one commit, under
   * today's definition.
   *
   * @param anew a view of the same metric set under another root
   */
  void replaceBy(LiveView anew) {
    long number = anew.lastBatch(anew.table.version()).orElseThrow();
    Dataset<Row> partials = anew.table.read();
    if (!table.exists()) {
      createTable(anew.table.read().limit(0).schema());
    }
    table.commit(
        table.version(),
        TableChange.rebuild(
            partials, partials.schema(), Map.of(transactionId(), number), properties()),
        LakeTable.Later.REFUSE);
  }

  /** What the table says about how its partials came to be. */
  Map<String, String> properties() {
    return Map.of(DEFINITION, definition());
  }

  String transactionId() {
    return "assay.live." + metrics.name();
  }

  /** How many rows of bronze the partials of a dataset hold. */
  public static long rows(Dataset<Row> partials) {
    Row row = partials.agg(sum(col(ROWS))).head();
    return row.isNullAt(0) ? 0 : row.getLong(0);
  }

  private String definition() {
    return Stream.concat(
            Stream.of(contract.zone().getId(), String.join(",", metrics.by()), live.window() + ""),
            partials().stream().map(p -> p.column() + "=" + p.fromRows()))
        .collect(Collectors.joining(";"));
  }

  private List<Partial> partials() {
    return metrics.measures().stream().flatMap(m -> liveForm(m).partials().stream()).toList();
  }

  private LiveForm liveForm(Measure measure) {
    return measure
        .live()
        .orElseThrow(
            () ->
                AssayException.usage(
                    "measure " + measure.name() + " of " + metrics.name() + " cannot be merged",
                    "take it out of a metric set with 'live:'"));
  }

  private List<String> grain() {
    return Stream.concat(Stream.of(EventParser.EVENT_DATE), metrics.by().stream()).toList();
  }

  private static String quoted(String name) {
    return "`" + name + "`";
  }

  private static List<Column> columns(List<String> names) {
    return names.stream().map(functions::col).collect(Collectors.toCollection(ArrayList::new));
  }
}
