package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.TableChange;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.core.contract.MetricSet;
import assay.core.contract.RowFilter;
import assay.silver.Disposition;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A view that the stream keeps up to date. Its table holds partials: what each micro-batch adds to
 * it. They are only ever appended, once a micro-batch; what the view shows is their fold.
 */
public final class LiveView {
  /** The start of the window that a partial of a metric set belongs to, inclusive. */
  public static final String WINDOW_START = "window_start";

  /** How many rows of bronze a partial counts, or, with {@link #FILTERED}, does not. */
  public static final String ROWS = "_rows";

  /**
   * Where a view has a filter: in partials that nothing is shown of, how many of the {@link #ROWS}
   * that it keeps out fail each rule, by name; NULL in all others.
   */
  public static final String FILTERED = "_filtered";

  /**
   * Whether a judged row was counted before and does not count any more; a column of judged rows
   * only where the contract adjusts.
   */
  static final String TAKEN_BACK = "_taken_back";

  /** What to do about {@link #otherDefinition}. */
  public static final String BUILD_AGAIN =
      "run 'assay live rebuild' for the view, or 'assay replay' for all of its domain, which build"
          + " it again from bronze, or give the new definition a new name";

  private static final String DEFINITION = "assay.definition";

  private final LakeTable table;
  private final ViewKind kind;
  private final RowFilter filter;
  private final boolean adjusts;

  private LiveView(
      SparkSession spark, Lake lake, Contract contract, ViewKind kind, RowFilter filter) {
    this.table = new LakeTable(spark, lake.live(kind.name()));
    this.kind = kind;
    this.filter = filter;
    this.adjusts = contract.adjusts();
  }

  /** The live view of a metric set. */
  public LiveView(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this(spark, lake, contract, new CellPartials(spark, contract, metrics), metrics.filter());
  }

  static LiveView of(SparkSession spark, Lake lake, Contract contract, LiveDefinition.Kept kept) {
    return new LiveView(
        spark,
        lake,
        contract,
        kept instanceof LiveDefinition.Sessions sessions
            ? new SessionPartials(spark, contract, sessions)
            : latest(contract, (LiveDefinition.Latest) kept),
        kept.filter());
  }

  private static ViewKind latest(Contract contract, LiveDefinition.Latest latest) {
    return contract.source().tellsDeletes()
        ? new LatestOfChanges(contract, latest)
        : new LatestRows(contract, latest);
  }

  public LakeTable table() {
    return table;
  }

  /** The last micro-batch whose rows are in a version of the view; empty where there is none. */
  public OptionalLong lastBatch(long version) {
    return table.lastTransactionAt(version, transactionId());
  }

  public String name() {
    return kind.name();
  }

  RowFilter filter() {
    return filter;
  }

  /** Partials to what the view shows; of a metric set, cells with gold's columns. */
  public Dataset<Row> fold(Dataset<Row> partials) {
    return kind.fold(partials.schema()).of(shownOf(partials));
  }

  /** The partials that something is shown of. */
  public Dataset<Row> shownOf(Dataset<Row> partials) {
    return filter.isEmpty() ? partials : partials.where(col(FILTERED).isNull());
  }

  /** The same as SQL over a table of partials. */
  public String foldSql(String partialsTable) {
    return kind.fold(types()).sql(shownOf(partialsTable));
  }

  /** {@link #foldSql} by window; empty where the view has none. */
  public Optional<String> foldByWindowSql(String partialsTable) {
    return kind.foldByWindow(types()).map(fold -> fold.sql(shownOf(partialsTable)));
  }

  private String shownOf(String partialsTable) {
    return filter.isEmpty()
        ? partialsTable
        : "(SELECT * FROM %s WHERE %s IS NULL)".formatted(partialsTable, FILTERED);
  }

  /**
   * By day and rule, the rows that fail a rule of the filter, as SQL over a table of partials;
   * empty where the view has no filter.
   */
  Optional<String> filteredSql(String partialsTable) {
    return filter.isEmpty()
        ? Optional.empty()
        : Optional.of(
            """
            SELECT event_date, rule, sum(failing) AS rows
            FROM (SELECT event_date, _rows, explode(%s) AS (rule, failing) FROM %s)
            GROUP BY event_date, rule
            HAVING sum(_rows) > 0"""
                .formatted(FILTERED, partialsTable));
  }

  /** How many of the rows behind partials fail each rule of the filter, by rule. */
  Map<String, Long> filtered(Dataset<Row> partials) {
    Map<String, Long> filtered = new TreeMap<>();
    if (!filter.isEmpty()) {
      filter.rules().forEach(rule -> filtered.put(rule.name(), 0L));
      partials
          .select(explode(col(FILTERED)).as(new String[] {"rule", "failing"}))
          .groupBy(col("rule"))
          .agg(sum(col("failing")))
          .collectAsList()
          .forEach(row -> filtered.put(row.getString(0), row.getLong(1)));
    }
    return filtered;
  }

  /** What the view shows, for those who send it on. */
  ShownRows shown() {
    return new ShownRows(this, kind.apart(), kind.key(), kind.rowsVanish(), kind::fold);
  }

  /** The same by window; empty where the view has none. */
  Optional<ShownRows> shownByWindow() {
    return kind instanceof CellPartials cells
        ? Optional.of(
            new ShownRows(
                this,
                cells.grainByWindow(),
                cells.grainByWindow(),
                kind.rowsVanish(),
                types -> cells.foldByWindow(types).orElseThrow()))
        : Optional.empty();
  }

  /** The same of those rows that a definition takes of it. */
  ShownRows shown(TopRows top) {
    return new ShownRows(
        this,
        List.of(EventParser.EVENT_DATE),
        TopRows.KEY,
        kind.rowsVanish(),
        t -> kind.fold(t).then(top.fold()));
  }

  /** See {@link ViewKind#touchesAll}. */
  Optional<String> touchesAll() {
    return kind.touchesAll();
  }

  /** Whether a version was accumulated under today's definition. */
  public boolean isOfToday(long version) {
    return table.propertyAt(version, DEFINITION).equals(Optional.of(definition()));
  }

  /**
   * Whether what the view shows of a day comes of that day's partials alone. The last row of a key
   * leaves its day for another, and a session may begin the day before.
   */
  public boolean staysInItsDay() {
    return kind.staysInItsDay();
  }

  private StructType types() {
    return table.schemaAt(table.version());
  }

  /**
   * Rows, judged, to the partials of a micro-batch: those of the rows that pass the filter, and how
   * many do not. A row that takes others away has no values to ask.
   */
  Dataset<Row> accumulate(Dataset<Row> judged) {
    Dataset<Row> taken = judged.where(isTakenBack().or(has(kind.takes())));
    if (filter.isEmpty()) {
      return kind.accumulate(taken);
    }
    Column passes = not(filter.keepsOut()).or(has(Set.of(Disposition.DELETED)));
    return kind.accumulate(taken.where(passes)).unionByName(keptOut(judged), true);
  }

  private static Column has(Set<String> dispositions) {
    return col(Disposition.COLUMN).isin(dispositions.toArray());
  }

  private Column isTakenBack() {
    return adjusts ? col(TAKEN_BACK) : lit(false);
  }

  private Dataset<Row> keptOut(Dataset<Row> judged) {
    Column one = when(isTakenBack(), lit(-1L)).otherwise(lit(1L));
    List<Column> failing = new ArrayList<>();
    for (RowFilter.Condition rule : filter.rules()) {
      failing.add(lit(rule.name()));
      failing.add(sum(when(rule.fails(), one).otherwise(lit(0L))));
    }
    return judged
        .where(isTakenBack().or(has(Set.of(Disposition.COUNTED))))
        .where(filter.keepsOut())
        .groupBy(col(EventParser.EVENT_DATE), col(EventParser.INGESTED_AT))
        .agg(sum(one).as(ROWS), map(failing.toArray(Column[]::new)).as(FILTERED));
  }

  private String definition() {
    return kind.definition()
        + (adjusts ? ";adjust" : "")
        + (filter.isEmpty() ? "" : ";" + filter.definition());
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
   * @param anew a view of the same definition under another root
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
    return table.streamed(Map.of(DEFINITION, definition()));
  }

  String transactionId() {
    return "assay.live." + kind.name();
  }

  /** How many rows of bronze partials count, those included that a filter keeps out. */
  public static long rows(Dataset<Row> partials) {
    Row row = partials.agg(sum(col(ROWS))).head();
    return row.isNullAt(0) ? 0 : row.getLong(0);
  }
}
