package assay.views.live;

import static org.apache.spark.sql.functions.col;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.silver.Silver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Builds a domain's live views anew from bronze, under today's contract, beside those that are
 * there, and puts each in the place of the old one in one commit. A live query that runs meanwhile
 * keeps the old ones up to date until then, and then ends with the request to be started again.
 */
public final class LiveRebuild {
  private static final String STAGE = "live";

  /** The property of a table being built that names the contract's hash. */
  private static final String CONTRACT = "assay.contract";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Steps steps;

  public LiveRebuild(SparkSession spark, Lake lake, Contract contract, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.steps = steps;
  }

  /**
   * Builds and replaces. Ended at any point and run again it goes on: the query that builds has a
   * checkpoint, and what is published once is not published again.
   */
  public LiveResult run() {
    LiveTables old = new LiveTables(spark, lake, contract);
    Generation generation = generation(old);
    Lake beside = lake.beside("live-" + generation.checkpointOf(contract.domain()));
    LiveTables anew = new LiveTables(spark, beside, contract);
    Transaction once =
        new Transaction("assay.live.rebuild." + contract.domain(), generation.number());
    boolean sharing =
        old.reads().table().exists()
            && old.reads().table().lastTransaction(once.appId()).orElse(-1) >= once.version();
    beginUnderThisContract(anew, beside, generation, sharing);
    LiveStage stage = new LiveStage(spark, lake, contract, steps, beside);
    // What is copied once is not copied again, so nothing may be read on once that has begun.
    LiveResult result = sharing ? stage.nothing() : stage.runUntilCaughtUp(generation);
    if (anew.lastBatch().isEmpty()) {
      remove(new Path(beside.root()));
      return result;
    }
    reached("built beside");
    old.createShared();
    // First what the views share: its rows are of nobody until a view names their micro-batch.
    share(anew.reads().table(), old.reads().table(), once);
    share(anew.seen(), old.seen(), once);
    share(anew.exceptions(), old.exceptions(), once);
    List<LiveView> views = old.views();
    for (int i = 0; i < views.size(); i++) {
      if (!views.get(i).table().exists() || views.get(i).isBefore(generation)) {
        views.get(i).replaceBy(anew.views().get(i));
        reached(views.get(i).name() + " replaced");
      }
    }
    // Only now, as until here a view of before may have been read with them.
    for (LakeTable table : List.of(old.reads().table(), old.seen(), old.exceptions())) {
      table.delete(col(Silver.BATCH_ID).lt(generation.first()));
    }
    remove(new Path(beside.root()));
    if (generation.number() > 0) {
      String before = new Generation(generation.number() - 1).checkpointOf(contract.domain());
      remove(new Path(lake.checkpoint(STAGE, before)));
    }
    return result;
  }

  /**
   * Takes away what a run under another contract had begun: its rows were judged by other rules.
   *
   * @param sharing whether rows of that run stand in the tables of the lake already
   */
  private void beginUnderThisContract(
      LiveTables anew, Lake beside, Generation generation, boolean sharing) {
    LakeTable reads = anew.reads().table();
    boolean other =
        reads.exists() && !reads.property(CONTRACT).equals(Optional.of(contract.hash()));
    if (other && sharing) {
      throw AssayException.failed(
          "a replay of %s under another contract was ended while it replaced the live views"
              .formatted(contract.domain()),
          "put that contract back and run 'assay replay' to its end, then run it under this one");
    }
    if (other) {
      remove(new Path(beside.root()));
      remove(new Path(lake.checkpoint(STAGE, generation.checkpointOf(contract.domain()))));
    }
    reads.createOrExtend(BronzeReads.SCHEMA, List.of(), Map.of(CONTRACT, contract.hash()));
  }

  /** The next one; or the one at which a run before this one ended. */
  private Generation generation(LiveTables old) {
    OptionalLong last = old.lastBatch();
    Generation newest = Generation.of(last);
    boolean half = old.views().stream().anyMatch(view -> view.isBefore(newest));
    return half ? newest : newest.next();
  }

  private void share(LakeTable from, LakeTable to, Transaction once) {
    to.append(from.read(), once);
    reached(to.path() + " extended");
  }

  private void remove(Path folder) {
    try {
      boolean unused =
          folder.getFileSystem(spark.sessionState().newHadoopConf()).delete(folder, true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }

  private void reached(String step) {
    steps.reached(STAGE, "built anew: " + step);
  }
}
