package assay.reconciliation;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.gold.GoldStage;
import assay.silver.SilverStage;
import assay.views.live.LiveStage;
import java.time.Clock;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Runs the two paths that a proof compares, over what is in bronze, and the proof. */
public record BothPaths(SparkSession spark, Lake lake, Contract contract) {

  /** Batch, then live. */
  public void run() {
    batch();
    live();
  }

  public void batch() {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    gold();
  }

  public void gold() {
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
  }

  public void live() {
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  /** The proof of all days. */
  public Reconciliation reconcile() {
    return reconcile(ReconcileRequest.ALL);
  }

  public Reconciliation reconcile(ReconcileRequest request) {
    return new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(request);
  }
}
