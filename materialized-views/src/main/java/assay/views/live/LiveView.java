package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.TableChange;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.core.contract.MetricSet;
import assay.silver.Disposition;
import assay.silver.EventParser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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

  /** How many rows of bronze a partial counts. */
  public static final String ROWS = "_rows";

  /** What to do about {@link #otherDefinition}. */
  public static final String BUILD_AGAIN =
      "run 'assay live rebuild' for the view, or 'assay replay' for all of its domain, which build"
          + " it again from bronze, or give the new definition a new name";

  private static final String DEFINITION = "assay.definition";

  private final LakeTable table;
  private final ViewKind kind;

  private LiveView(SparkSession spark, Lake lake, ViewKind kind) {
    this.table = new LakeTable(spark, lake.live(kind.name()));
    this.kind = kind;
  }

  /** The live view of a metric set. */
  public LiveView(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this(spark, lake, new CellPartials(spark, contract, metrics));
  }

  static LiveView of(SparkSession spark, Lake lake, Contract contract, LiveDefinition.Kept kept) {
    return new LiveView(
        spark,
        lake,
        kept instanceof LiveDefinition.Sessions sessions
            ? new SessionPartials(spark, contract, sessions)
            : latest(contract, (LiveDefinition.Latest) kept));
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

  /** Partials to what the view shows; of a metric set, cells with gold's columns. */
  public Dataset<Row> fold(Dataset<Row> partials) {
    return kind.fold(partials.schema()).of(partials);
  }

  /** The same as SQL over a table of partials. */
  public String foldSql(String partialsTable) {
    return kind.fold(types()).sql(partialsTable);
  }

  /** {@link #foldSql} by window; empty where the view has none. */
  public Optional<String> foldByWindowSql(String partialsTable) {
    return kind.foldByWindow(types()).map(fold -> fold.sql(partialsTable));
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
                false,
                types -> cells.foldByWindow(types).orElseThrow()))
        : Optional.empty();
  }

  /** The same of those rows that a definition takes of it. */
  ShownRows shown(TopRows top) {
    return new ShownRows(
        this,
        List.of(EventParser.EVENT_DATE),
        TopRows.KEY,
        false,
        t -> kind.fold(t).then(top.fold()));
  }

  /** Whether a version was accumulated under today's definition. */
  boolean isOfToday(long version) {
    return table.propertyAt(version, DEFINITION).equals(Optional.of(kind.definition()));
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

  /** Rows, judged, to the partials of a micro-batch. */
  Dataset<Row> accumulate(Dataset<Row> judged) {
    return kind.accumulate(judged.where(col(Disposition.COLUMN).isin(kind.takes().toArray())));
  }

  /** Creates the table, or refuses one that was accumulated under another definition. */
  void createTable(Dataset<Row> noRows) {
    otherDefinition()
        .ifPresent(
            known -> {
              throw AssayException.failed(
                  "the live view %s was accumulated under another definition: %s instead of %s"
                      .formatted(table.path(), known, kind.definition()),
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
            .filter(known -> !known.equals(kind.definition()))
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
    return Map.of(DEFINITION, kind.definition(), LakeTable.CHECKPOINT_INTERVAL, LakeTable.SELDOM);
  }

  String transactionId() {
    return "assay.live." + kind.name();
  }

  /** How many rows of bronze the partials of a dataset count. */
  public static long rows(Dataset<Row> partials) {
    Row row = partials.agg(sum(col(ROWS))).head();
    return row.isNullAt(0) ? 0 : row.getLong(0);
  }
}
