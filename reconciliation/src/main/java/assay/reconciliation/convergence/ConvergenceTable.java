package assay.reconciliation.convergence;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Transaction;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** {@code reconciliation/convergence}: a row an evidence, measure and age. */
final class ConvergenceTable {
  static final String EVIDENCE_ID = "evidence_id";
  static final String METRICS = "metrics";
  static final String DAY = "day";
  static final String MEASURE = "measure";

  /** How long ago, by the stream's clock, a cell's window had closed. */
  static final String MINUTES = "minutes";

  /** How many windows of cells had closed so long before the stream stood where it stands. */
  static final String WINDOWS = "windows";

  static final String ERROR_P50 = "error_p50";
  static final String ERROR_P90 = "error_p90";
  static final String ERROR_MAX = "error_max";

  /** The share of {@link #WINDOWS} whose value was the final one. */
  static final String EXACT_SHARE = "exact_share";

  /** The share whose value was, and at each greater age stayed, within the contract's tolerance. */
  static final String SETTLED_SHARE = "settled_share";

  static final StructType SCHEMA =
      new StructType()
          .add(EVIDENCE_ID, StringType)
          .add(METRICS, StringType)
          .add(DAY, DateType)
          .add(MEASURE, StringType)
          .add(MINUTES, IntegerType)
          .add(WINDOWS, LongType)
          .add(ERROR_P50, DoubleType)
          .add(ERROR_P90, DoubleType)
          .add(ERROR_MAX, DoubleType)
          .add(EXACT_SHARE, DoubleType)
          .add(SETTLED_SHARE, DoubleType);

  private final SparkSession spark;
  private final LakeTable table;

  ConvergenceTable(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.table = new LakeTable(spark, lake.reconciliation("convergence"));
  }

  boolean exists() {
    return table.exists();
  }

  /** The rows of some evidence. */
  Dataset<Row> of(Collection<String> evidenceIds) {
    return table.read().where(col(EVIDENCE_ID).isin(evidenceIds.toArray()));
  }

  /** Those days whose evidence has no row yet. */
  Map<LocalDate, String> missing(Map<LocalDate, String> evidence) {
    Map<LocalDate, String> missing = new TreeMap<>(evidence);
    if (!missing.isEmpty() && exists()) {
      of(missing.values()).select(EVIDENCE_ID).distinct().collectAsList().stream()
          .map(row -> row.getString(0))
          .forEach(id -> missing.values().remove(id));
    }
    return missing;
  }

  /**
   * Appends the rows of days.
   *
   * @param rows of {@link #SCHEMA} without the id
   * @param evidence ids by day, none of which the table holds
   */
  void append(Dataset<Row> rows, Map<LocalDate, String> evidence) {
    table.createOrExtend(SCHEMA, List.of());
    List<Row> ids = new ArrayList<>();
    evidence.forEach((day, id) -> ids.add(RowFactory.create(day, id)));
    StructType schema = new StructType().add(DAY, DateType).add(EVIDENCE_ID, StringType);
    // The transaction stands between two runs of the same comparison at the same time.
    String name = "assay.convergence." + Integer.toHexString(evidence.hashCode());
    table.append(
        rows.join(broadcast(spark.createDataFrame(ids, schema)), DAY)
            .selectExpr(SCHEMA.fieldNames()),
        new Transaction(name, table.version()));
  }
}
