package assay.tests;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.Promotion;
import assay.gold.GoldStage;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.serving.Serving;
import assay.silver.IngestRange;
import assay.silver.SilverStage;
import assay.views.live.LiveRebuild;
import assay.views.live.LiveStage;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * The stages behind bronze, by the names that they report their steps under, the two ways in which
 * silver reads rows anew, and the one in which the live path does.
 */
final class PipelineStages {
  static final List<String> ALL = List.of("silver", "gold", "live", "reconcile", "serving");

  /** So that BI takes a step towards the stream with each day that is proven. */
  private static final Promotion PROMOTE =
      new Promotion(1, List.of(50), Promotion.Approval.AUTOMATIC);

  private PipelineStages() {}

  static void run(String stage, SparkSession spark, Lake lake, Contract contract, Steps steps) {
    switch (stage) {
      case "silver" -> new SilverStage(spark, lake, contract, steps).run();
      case "reprocess" ->
          new SilverStage(spark, lake, contract, steps).reprocess(IngestRange.since(Instant.EPOCH));
      case "retry" -> new SilverStage(spark, lake, contract, steps).retry(Optional.empty());
      case "gold" ->
          new GoldStage(spark, lake, contract, Clock.systemUTC(), steps).run(Optional.empty());
      case "live" -> new LiveStage(spark, lake, contract, steps).runUntilCaughtUp();
      case "replay" -> new LiveRebuild(spark, lake, contract, steps).run();
      case "reconcile" ->
          new ReconcileStage(spark, lake, contract, Clock.systemUTC(), steps)
              .run(ReconcileRequest.ALL);
      case "serving" ->
          contract
              .liveMetrics()
              .forEach(
                  metrics ->
                      new Serving(
                              spark,
                              lake,
                              contract,
                              MetricSetBuilder.builder(metrics)
                                  .promote(Optional.of(PROMOTE))
                                  .build(),
                              Clock.systemUTC(),
                              steps)
                          .publish());
      default -> throw new IllegalArgumentException("no stage " + stage);
    }
  }
}
