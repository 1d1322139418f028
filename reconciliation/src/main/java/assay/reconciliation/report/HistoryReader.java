package assay.reconciliation.report;

import static assay.reconciliation.EvidenceTables.EVIDENCE_ID;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.median;
import static org.apache.spark.sql.functions.sum;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.reconciliation.report.ReportModel.Curve;
import assay.reconciliation.report.ReportModel.Point;
import assay.reconciliation.report.ReportModel.StageChange;
import assay.reconciliation.serving.StageTable;
import assay.reconciliation.serving.Standing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads convergence and stages, by metric set; nothing where their tables are not there. */
final class HistoryReader {
  private final LakeTable convergence;
  private final StageTable stages;

  HistoryReader(SparkSession spark, Lake lake) {
    this.convergence = new LakeTable(spark, lake.reconciliation("convergence"));
    this.stages = new StageTable(spark, lake);
  }

  Map<String, List<Curve>> convergence(Dataset<Row> ids) {
    if (!convergence.exists()) {
      return Map.of();
    }
    Map<String, Map<String, List<Point>>> points = new HashMap<>();
    convergence
        .read()
        .join(ids, new String[] {EVIDENCE_ID}, "left_semi")
        .where(col("windows").gt(0))
        .groupBy("metrics", "measure", "minutes")
        .agg(
            sum("windows").as("windows"),
            median(col("error_p50")).as("half"),
            median(col("error_p90")).as("nine_tenths"),
            max("error_max").as("worst"),
            sum(col("exact_share").multiply(col("windows"))).divide(sum("windows")).as("exact"))
        .orderBy("metrics", "measure", "minutes")
        .collectAsList()
        .forEach(
            row ->
                points
                    .computeIfAbsent(row.getAs("metrics"), key -> new LinkedHashMap<>())
                    .computeIfAbsent(row.getAs("measure"), key -> new ArrayList<>())
                    .add(
                        new Point(
                            row.<Integer>getAs("minutes"),
                            row.<Long>getAs("windows"),
                            row.<Double>getAs("half"),
                            row.<Double>getAs("nine_tenths"),
                            row.<Double>getAs("worst"),
                            row.<Double>getAs("exact"))));
    Map<String, List<Curve>> curves = new HashMap<>();
    points.forEach(
        (metrics, byMeasure) ->
            curves.put(
                metrics,
                byMeasure.entrySet().stream()
                    .map(e -> new Curve(e.getKey(), e.getValue()))
                    .toList()));
    return curves;
  }

  Map<String, List<StageChange>> stages() {
    return stages.changes().stream()
        .collect(
            Collectors.groupingBy(
                Standing::metrics,
                Collectors.mapping(HistoryReader::stageChange, Collectors.toList())));
  }

  private static StageChange stageChange(Standing standing) {
    return new StageChange(
        standing.number(),
        standing.position().stage().label(),
        standing.position().share() / 100.0,
        standing.who(),
        standing.why(),
        standing.evidenceIds().size(),
        standing.at());
  }
}
