package assay.reconciliation.report;

import static assay.reconciliation.EvidenceTables.DIMENSIONS;
import static assay.reconciliation.EvidenceTables.EVIDENCE_ID;
import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.try_sum;

import assay.reconciliation.DrillDown;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.report.ReportModel.CellReport;
import assay.reconciliation.report.ReportModel.Dimension;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** Reads the differing cells of some evidence, and their differences by cause. */
final class DifferenceReader {
  private static final int OF_RED_DAYS = 50;
  private static final int OF_OTHER_DAYS = 10;

  /** A cell's dimensions as they can be compared: maps cannot. */
  private static final String CELL = "_cell";

  private final EvidenceTables tables;
  private final Dataset<Row> ids;
  private final Map<String, List<OfMeasure>> measures = new HashMap<>();
  private final Map<String, Long> rows = new HashMap<>();
  private final Map<String, List<CellReport>> cells = new HashMap<>();
  private final Map<String, Map<String, Map<String, Long>>> sizes = new HashMap<>();

  /**
   * All cells of one piece of evidence.
   *
   * @param terms by cause, what is unexplained too
   */
  record OfMeasure(
      String measure, long cells, BigDecimal difference, Map<String, BigDecimal> terms) {}

  /**
   * @param ids the evidence, and how many cells of it are shown as {@code limit}
   */
  DifferenceReader(EvidenceTables tables, Dataset<Row> ids) {
    this.tables = tables;
    this.ids = ids;
  }

  /** How many cells of a day are shown: all that a person would go through. */
  static int cellsShown(String verdict) {
    return verdict.equals("DIVERGED") ? OF_RED_DAYS : OF_OTHER_DAYS;
  }

  void read() {
    String[] cell = {EVIDENCE_ID, CELL, "measure"};
    Dataset<Row> all = of(tables.cells().read()).persist();
    Dataset<Row> ignored = all.where(col("verdict").equalTo(DrillDown.IGNORED));
    Dataset<Row> differing = all.where(col("verdict").notEqual(DrillDown.IGNORED));
    Dataset<Row> attributed =
        of(tables.attribution().read())
            .join(ignored.select(EVIDENCE_ID, CELL, "measure"), cell, "left_anti")
            .persist();
    try {
      readMeasures(differing, attributed);
      readRows(differing);
      readCells(differing, attributed);
    } finally {
      attributed.unpersist();
      all.unpersist();
    }
  }

  /** By measure, of one piece of evidence; only those that differ. */
  List<OfMeasure> measures(String id) {
    return measures.getOrDefault(id, List.of());
  }

  /** How many rows are in one side's number only. */
  long rows(String id) {
    return rows.getOrDefault(id, 0L);
  }

  /** The greatest differences. */
  List<CellReport> cells(String id) {
    return cells.getOrDefault(id, List.of());
  }

  /** How many differences there are, a cell and measure each. */
  long differences(String id) {
    return measures(id).stream().mapToLong(OfMeasure::cells).sum();
  }

  /** The sum over cells of the size of each cause's term; whole numbers of measures that count. */
  Map<String, Long> sizes(String id, String measure) {
    return sizes.getOrDefault(id, Map.of()).getOrDefault(measure, Map.of());
  }

  private Dataset<Row> of(Dataset<Row> table) {
    return table
        .join(ids, new String[] {EVIDENCE_ID})
        .withColumn(CELL, map_entries(col(DIMENSIONS)));
  }

  private void readMeasures(Dataset<Row> differing, Dataset<Row> attributed) {
    Map<List<String>, Map<String, BigDecimal>> terms = new HashMap<>();
    attributed
        .groupBy(EVIDENCE_ID, "measure", "cause")
        .agg(try_sum(col("amount")).as("amount"), try_sum(abs(col("amount"))).as("size"))
        .collectAsList()
        .forEach(
            row -> {
              String id = row.getAs(EVIDENCE_ID);
              String measure = row.getAs("measure");
              String cause = row.getAs("cause");
              terms
                  .computeIfAbsent(List.of(id, measure), key -> new HashMap<>())
                  .put(cause, number(row, "amount"));
              sizes
                  .computeIfAbsent(id, key -> new HashMap<>())
                  .computeIfAbsent(measure, key -> new HashMap<>())
                  .put(cause, number(row, "size").setScale(0, RoundingMode.HALF_UP).longValue());
            });
    differing
        .groupBy(EVIDENCE_ID, "measure")
        .agg(
            count(lit(1)).as("cells"),
            try_sum(col("difference")).as("difference"),
            try_sum(col("unexplained")).as("unexplained"))
        .collectAsList()
        .forEach(
            row -> {
              String id = row.getAs(EVIDENCE_ID);
              String measure = row.getAs("measure");
              Map<String, BigDecimal> all =
                  new HashMap<>(terms.getOrDefault(List.of(id, measure), Map.of()));
              all.put(ReportModel.UNEXPLAINED, number(row, "unexplained"));
              measures
                  .computeIfAbsent(id, key -> new ArrayList<>())
                  .add(
                      new OfMeasure(
                          measure,
                          row.<Long>getAs("cells"),
                          number(row, "difference"),
                          withoutZeros(all)));
            });
  }

  private void readRows(Dataset<Row> differing) {
    differing
        .groupBy(EVIDENCE_ID, CELL)
        .agg(max("rows").as("rows"))
        .groupBy(EVIDENCE_ID)
        .agg(sum("rows").as("rows"))
        .collectAsList()
        .forEach(row -> rows.put(row.getAs(EVIDENCE_ID), row.<Long>getAs("rows")));
  }

  private void readCells(Dataset<Row> differing, Dataset<Row> attributed) {
    var largest =
        Window.partitionBy(EVIDENCE_ID)
            .orderBy(
                col("verdict").equalTo("DIVERGED").desc(),
                abs(col("unexplained")).desc(),
                col("rows").desc(),
                abs(col("difference")).desc(),
                col(CELL),
                col("measure"));
    Dataset<Row> shown =
        differing
            .withColumn("_place", row_number().over(largest))
            .where(col("_place").leq(col("limit")));
    Map<List<Object>, Map<String, BigDecimal>> terms = new HashMap<>();
    String[] cell = {EVIDENCE_ID, CELL, "measure"};
    attributed
        .join(shown.select(EVIDENCE_ID, CELL, "measure"), cell, "left_semi")
        .collectAsList()
        .forEach(
            row ->
                terms
                    .computeIfAbsent(keyOf(row), key -> new HashMap<>())
                    .put(row.getAs("cause"), number(row, "amount")));
    shown
        .orderBy(EVIDENCE_ID, "_place")
        .collectAsList()
        .forEach(
            row -> {
              Map<String, BigDecimal> all = new HashMap<>(terms.getOrDefault(keyOf(row), Map.of()));
              all.put(ReportModel.UNEXPLAINED, number(row, "unexplained"));
              cells
                  .computeIfAbsent(row.getAs(EVIDENCE_ID), key -> new ArrayList<>())
                  .add(
                      new CellReport(
                          dimensions(row),
                          row.getAs("measure"),
                          Optional.ofNullable(row.getAs("control")),
                          Optional.ofNullable(row.getAs("test")),
                          number(row, "difference"),
                          withoutZeros(all),
                          row.<Long>getAs("rows"),
                          row.getAs("verdict")));
            });
  }

  private static List<Object> keyOf(Row row) {
    return List.of(row.getAs(EVIDENCE_ID), dimensions(row), row.getAs("measure"));
  }

  private static List<Dimension> dimensions(Row row) {
    return row.<Row>getList(row.fieldIndex(CELL)).stream()
        .map(e -> new Dimension(e.getString(0), Optional.ofNullable(e.getString(1))))
        .toList();
  }

  /** Zero where the sum has more digits than fit. */
  private static BigDecimal number(Row row, String column) {
    BigDecimal number = row.getAs(column);
    return number == null || number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
  }

  private static Map<String, BigDecimal> withoutZeros(Map<String, BigDecimal> terms) {
    Map<String, BigDecimal> left = new LinkedHashMap<>();
    for (String cause : Causes.inOrder(List.copyOf(terms.keySet()))) {
      if (terms.get(cause).signum() != 0) {
        left.put(cause, terms.get(cause));
      }
    }
    return left;
  }
}
