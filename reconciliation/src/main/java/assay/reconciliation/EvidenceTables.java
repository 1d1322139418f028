package assay.reconciliation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Transaction;
import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a reconciliation leaves behind. Evidence is named by its inputs, so that the same comparison
 * made twice, or again after a crash, stands in the tables once. Evidence is written last: cells
 * and attribution whose evidence is missing belong to a run that did not end.
 */
public final class EvidenceTables {
  public static final String EVIDENCE_ID = "evidence_id";
  public static final String DIMENSIONS = "dimensions";

  /** Which files of gold, of silver that gold stands for, and of the live view. */
  static final String GOLD_FILES = "gold_files";

  static final String SILVER_FILES = "silver_files";
  static final String LIVE_FILES = "live_files";

  /** {@link #EVIDENCE_ID} beside a cell's dimensions, which may bear that name. */
  static final String ID_OF_CELL = "__evidence_id";

  static final StructType EVIDENCE =
      new StructType()
          .add(EVIDENCE_ID, StringType)
          .add("domain", StringType)
          .add("metrics", StringType)
          .add("day", DateType)
          .add("verdict", StringType)
          .add("reason", StringType)
          .add("cells", LongType)
          .add("differing", LongType)
          .add("unexplained", CellComparison.AMOUNT)
          .add("unaccounted", LongType)
          .add("bronze_version", LongType)
          .add("silver_version", LongType)
          .add("gold_version", LongType)
          .add("live_version", LongType)
          .add("control_cut", StringType)
          .add("test_cut", StringType)
          .add("contract_hash", StringType)
          .add("reconciled_at", TimestampType)
          .add("rung", StringType)
          .add("ended", StringType)
          .add("beyond", LongType)
          .add("share_beyond", DoubleType)
          .add("ignored", LongType)
          .add("fit", BooleanType)
          .add(GOLD_FILES, StringType)
          .add(SILVER_FILES, StringType)
          .add(LIVE_FILES, StringType);

  static final StructType CELLS =
      new StructType()
          .add(EVIDENCE_ID, StringType)
          .add("metrics", StringType)
          .add("day", DateType)
          .add(DIMENSIONS, DataTypes.createMapType(StringType, StringType))
          .add("measure", StringType)
          .add("control", StringType)
          .add("test", StringType)
          .add("difference", CellComparison.AMOUNT)
          .add("unexplained", CellComparison.AMOUNT)
          .add("rows", LongType)
          .add("verdict", StringType)
          .add("ignored", StringType);

  static final StructType ATTRIBUTION =
      new StructType()
          .add(EVIDENCE_ID, StringType)
          .add("metrics", StringType)
          .add("day", DateType)
          .add(DIMENSIONS, DataTypes.createMapType(StringType, StringType))
          .add("measure", StringType)
          .add("cause", StringType)
          .add("amount", CellComparison.AMOUNT);

  private final LakeTable evidence;
  private final LakeTable cells;
  private final LakeTable attribution;
  private final LakeTable drillDown;

  public EvidenceTables(SparkSession spark, Lake lake) {
    this.evidence = new LakeTable(spark, lake.reconciliation("evidence"));
    this.cells = new LakeTable(spark, lake.reconciliation("cells"));
    this.attribution = new LakeTable(spark, lake.reconciliation("attribution"));
    this.drillDown = new LakeTable(spark, lake.reconciliation("drill_down"));
  }

  public LakeTable evidence() {
    return evidence;
  }

  /** Cells and measures that differ. */
  public LakeTable cells() {
    return cells;
  }

  /** Their differences by cause; the unexplained rest stands in {@link #cells}. */
  public LakeTable attribution() {
    return attribution;
  }

  /** Which values of which dimension carry the differences. */
  public LakeTable drillDown() {
    return drillDown;
  }

  /**
   * The newest evidence of each day of a metric set, by day; none where nothing was compared. That
   * of a newer bronze is newer, whenever it was asked for.
   */
  public List<DayEvidence> newestByDay(String metrics) {
    return newestByDay(metrics, evidence.version());
  }

  /**
   * The same as a version of the table had it.
   *
   * @param version -1 where there was no table
   */
  public List<DayEvidence> newestByDay(String metrics, long version) {
    if (version < 0) {
      return List.of();
    }
    return newest(evidence.readAt(version).where(col("metrics").equalTo(metrics)))
        .orderBy("day")
        .collectAsList()
        .stream()
        .map(DayEvidence::of)
        .toList();
  }

  /** The newest evidence of each day and metric set; that of a newer bronze is newer. */
  public static Dataset<Row> newest(Dataset<Row> evidence) {
    return evidence
        .groupBy(col("metrics"), col("day"))
        .agg(
            max_by(struct(col("*")), struct(col("bronze_version"), col("reconciled_at")))
                .as("newest"))
        .select("newest.*");
  }

  /** Those of {@code ids} in whose differences rows have a part that one side alone had read. */
  Set<String> withCut(Set<String> ids) {
    return attribution
        .read()
        .where(col(EVIDENCE_ID).isin(ids.toArray()).and(col("cause").equalTo(Cause.CUT.label())))
        .select(EVIDENCE_ID)
        .distinct()
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .collect(Collectors.toSet());
  }

  void createTables() {
    evidence.createOrExtend(EVIDENCE, List.of());
    cells.createOrExtend(CELLS, List.of());
    attribution.createOrExtend(ATTRIBUTION, List.of());
    drillDown.createOrExtend(DrillDown.SCHEMA, List.of());
  }

  /** Those of {@code ids} that a table does not hold yet. */
  static Set<String> missing(LakeTable table, Set<String> ids) {
    Set<String> left = new TreeSet<>(ids);
    if (table.version() == 0) {
      return left;
    }
    table
        .read()
        .where(col(EVIDENCE_ID).isin(ids.toArray()))
        .select(EVIDENCE_ID)
        .distinct()
        .collectAsList()
        .forEach(row -> left.remove(row.getString(0)));
    return left;
  }

  /** Appends those rows whose evidence the table does not hold yet. */
  static void appendOnce(LakeTable table, Dataset<Row> rows, Set<String> ids) {
    Set<String> missing = missing(table, ids);
    if (!missing.isEmpty()) {
      // The transaction stands between two runs of the same comparison at the same time.
      String name = "assay.reconcile." + Integer.toHexString(missing.hashCode());
      table.append(
          rows.where(col(EVIDENCE_ID).isin(missing.toArray())),
          new Transaction(name, table.version()));
    }
  }

  /**
   * Rows of {@link #CELLS}.
   *
   * @param compared with {@link #ID_OF_CELL}
   */
  static Dataset<Row> cellRows(Dataset<Row> compared, MetricSet metrics) {
    List<Column> selected = nameOfCell(metrics);
    for (String name :
        List.of(
            CellComparison.CONTROL,
            CellComparison.TEST,
            CellComparison.DIFFERENCE,
            CellComparison.UNEXPLAINED,
            CellComparison.ROWS,
            CellComparison.VERDICT,
            CellComparison.IGNORED_WHY)) {
      selected.add(col(name));
    }
    return compared
        .where(not(col(CellComparison.VERDICT).equalTo(CellComparison.MATCH)))
        .select(selected.toArray(Column[]::new))
        .toDF(CELLS.fieldNames());
  }

  /**
   * Rows of {@link #ATTRIBUTION}.
   *
   * @param compared with {@link #ID_OF_CELL}
   */
  static Dataset<Row> attributionRows(Dataset<Row> compared, MetricSet metrics) {
    StringBuilder stack = new StringBuilder("stack(" + Cause.values().length);
    for (Cause cause : Cause.values()) {
      stack.append(", '%s', %s".formatted(cause.label(), CellComparison.column(cause)));
    }
    List<Column> selected = nameOfCell(metrics);
    selected.add(expr(stack + ") AS (__cause, __amount)"));
    return compared
        .select(selected.toArray(Column[]::new))
        .toDF(ATTRIBUTION.fieldNames())
        .where(col("amount").notEqual(0));
  }

  /** The columns that both tables begin with. */
  private static List<Column> nameOfCell(MetricSet metrics) {
    return new ArrayList<>(
        List.of(
            col(ID_OF_CELL),
            lit(metrics.name()),
            col(EventParser.EVENT_DATE),
            dimensions(metrics),
            col(CellComparison.MEASURE)));
  }

  private static Column dimensions(MetricSet metrics) {
    List<Column> entries = new ArrayList<>();
    for (String name : metrics.by()) {
      entries.add(lit(name));
      entries.add(col(name).cast(StringType));
    }
    return map(entries.toArray(Column[]::new))
        .cast(DataTypes.createMapType(StringType, StringType));
  }
}
