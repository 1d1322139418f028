package assay.reconciliation;

import static org.apache.spark.sql.functions.broadcast;

import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Stores what a comparison of one metric set came to, the evidence itself last.
 *
 * @param sides the files that the days were compared in
 * @param unaccounted rows of bronze that a ledger does not account for
 * @param now when the comparison is stored
 */
record ProofWriter(
    SparkSession spark,
    EvidenceTables tables,
    Contract contract,
    MetricSet metrics,
    Pins pins,
    SettledDays.Sides sides,
    long unaccounted,
    Instant now,
    Steps steps) {
  private static final String STAGE = "reconcile";

  /** Writes the evidence of days of which no cell was looked into. */
  void write(List<DayVerdict> verdicts) {
    if (verdicts.isEmpty()) {
      return;
    }
    EvidenceTables.appendOnce(tables.evidence(), evidenceRows(verdicts), ids(verdicts));
    steps.reached(STAGE, metrics.name() + ": evidence committed");
  }

  /**
   * Writes what is not there yet.
   *
   * @param control cells of gold
   * @param judged the cells that were looked into; empty where none was
   */
  void write(List<DayVerdict> verdicts, Dataset<Row> control, Optional<Dataset<Row>> judged) {
    judged.ifPresent(cells -> writeCells(verdicts, control, cells));
    write(verdicts);
  }

  private void writeCells(List<DayVerdict> verdicts, Dataset<Row> control, Dataset<Row> judged) {
    Set<String> ids =
        ids(verdicts.stream().filter(v -> v.rung().compareTo(Rung.ATTRIBUTION) >= 0).toList());
    Dataset<Row> withEvidence = withEvidenceId(judged, verdicts);
    Dataset<Row> cells = EvidenceTables.cellRows(withEvidence, metrics);
    EvidenceTables.appendOnce(tables.cells(), cells, ids);
    steps.reached(STAGE, metrics.name() + ": cells committed");
    EvidenceTables.appendOnce(
        tables.attribution(), EvidenceTables.attributionRows(withEvidence, metrics), ids);
    steps.reached(STAGE, metrics.name() + ": attribution committed");
    DrillDown.store(
        tables,
        metrics,
        cells,
        control,
        ids(verdicts.stream().filter(v -> v.differing() > 0).toList()));
    steps.reached(STAGE, metrics.name() + ": drill-down committed");
  }

  private static Set<String> ids(List<DayVerdict> verdicts) {
    return verdicts.stream()
        .map(DayVerdict::evidenceId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Dataset<Row> withEvidenceId(Dataset<Row> judged, List<DayVerdict> verdicts) {
    List<Row> rows =
        verdicts.stream().map(v -> RowFactory.create(v.day(), v.evidenceId())).toList();
    StructType schema =
        new StructType()
            .add(EventParser.EVENT_DATE, DataTypes.DateType)
            .add(EvidenceTables.ID_OF_CELL, DataTypes.StringType);
    return judged.join(broadcast(spark.createDataFrame(rows, schema)), EventParser.EVENT_DATE);
  }

  private Dataset<Row> evidenceRows(List<DayVerdict> verdicts) {
    List<Row> rows = new ArrayList<>();
    for (DayVerdict v : verdicts) {
      rows.add(
          RowFactory.create(
              v.evidenceId(),
              contract.domain(),
              v.metrics(),
              v.day(),
              v.verdict().label(),
              v.verdict().reason().orElse(null),
              v.cells(),
              v.differing(),
              v.unexplained(),
              unaccounted,
              pins.bronze(),
              pins.silver().version(),
              pins.gold(),
              pins.live(),
              pins.control().toString(),
              pins.test().toString(),
              contract.hash(),
              now,
              v.rung().label(),
              v.ended(),
              v.beyond(),
              v.shareBeyond(),
              v.ignored(),
              v.fit(),
              sides.gold(v.day()),
              sides.silver(v.day()),
              sides.live(v.day())));
    }
    return spark.createDataFrame(rows, EvidenceTables.EVIDENCE);
  }
}
