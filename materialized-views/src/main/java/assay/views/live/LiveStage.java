package assay.views.live;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.StreamRun;
import assay.core.TableFiles;
import assay.core.TableSize;
import assay.core.contract.Contract;
import assay.silver.Disposition;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;

/** Bronze to live views: one streaming query a domain, which parses and judges each row once. */
public final class LiveStage {
  static final String STAGE = "live";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Steps steps;
  private final AtomicReference<LiveResult> done = new AtomicReference<>();

  /** The root of the tables that the stage writes. */
  private final Lake written;

  public LiveStage(SparkSession spark, Lake lake, Contract contract, Steps steps) {
    this(spark, lake, contract, steps, lake);
  }

  /**
   * @param written another root for the tables that the stage writes
   */
  LiveStage(SparkSession spark, Lake lake, Contract contract, Steps steps, Lake written) {
    this.spark = spark;
    this.lake = lake;
    this.written = written;
    this.contract = contract;
    this.steps = steps;
    this.done.set(nothing());
  }

  /** What {@link #runUntilCaughtUp} would read now, view by view. */
  public List<LivePlan> plan() {
    LakeTable bronze = bronze();
    long bronzeVersion = bronze.version();
    Dataset<Row> rows = bronze.readAt(bronzeVersion);
    LiveTables tables = new LiveTables(spark, lake, contract);
    TableFiles files = new TableFiles(spark, bronze.path());
    List<LivePlan> plans = new ArrayList<>();
    for (LiveView view : tables.views()) {
      long version = view.table().version();
      long pending =
          version < 0 ? rows.count() : tables.reads().cut(view.lastBatch(version)).pending(rows);
      TableSize unread =
          version < 0
              ? files.size(bronzeVersion)
              : tables.reads().cut(view.lastBatch(version)).unread(files, bronzeVersion);
      plans.add(new LivePlan(view.name(), pending, unread.bytes(), bronzeVersion, version));
    }
    return plans;
  }

  /** Reads what bronze holds now and the views have not read yet, then ends. */
  public LiveResult runUntilCaughtUp() {
    return runUntilCaughtUp(generation());
  }

  LiveResult runUntilCaughtUp(Generation generation) {
    done.set(nothing());
    ViewFeed feed = feed(generation, Optional.empty());
    StreamRun.awaitEnd(STAGE, contract.domain(), start(Trigger.AvailableNow(), generation, feed));
    feed.finish(spark);
    return done.get();
  }

  /** The live query that the views are of. */
  private Generation generation() {
    return Generation.of(new LiveTables(spark, lake, contract).lastBatch());
  }

  /** Reads on, as often as the most eager view asks for, until the query is stopped. */
  public StreamingQuery start() {
    Duration every = contract.liveEvery().orElse(Duration.ofSeconds(10));
    Generation generation = generation();
    return start(
        Trigger.ProcessingTime(every.toMillis()),
        generation,
        feed(generation, Optional.of(new FreshnessLog(written, contract.domain()))));
  }

  private ViewFeed feed(Generation generation, Optional<FreshnessLog> freshness) {
    return new ViewFeed(lake, written, contract, steps, generation, Clock.systemUTC(), freshness);
  }

  private LakeTable bronze() {
    return new LakeTable(spark, lake.bronze(contract.domain()))
        .required("run 'assay ingest' first");
  }

  private StreamingQuery start(Trigger trigger, Generation generation, ViewFeed feed) {
    if (contract.liveTables().isEmpty()) {
      throw AssayException.usage(
          "domain " + contract.domain() + " has no live view",
          "add 'live:' to a metric set in its contract");
    }
    LakeTable bronze = bronze();
    String checkpoint = lake.checkpoint(STAGE, generation.checkpointOf(contract.domain()));
    LiveTables tables = new LiveTables(spark, written, contract);
    for (LiveView view : tables.views()) {
      // One that has taken nothing yet is built from bronze like any that is behind.
      if (view.isBefore(generation) && view.lastBatch(view.table().version()).isPresent()) {
        throw AssayException.failed(
            "the live views of " + contract.domain() + " were not all built anew",
            "run 'assay replay " + contract.domain() + "' again: it goes on where it ended");
      }
    }
    // One that is behind the others is built from bronze; the newest tells where the query stands.
    LiveView newest = tables.newestView();
    StreamRun.refuseForeignCheckpoint(
        spark,
        checkpoint,
        newest.table(),
        newest.transactionId(),
        generation.first(),
        "the live views are then built again from bronze");
    tables.createTables();
    LiveWriter writer =
        new LiveWriter(
            lake,
            written,
            contract,
            steps,
            generation,
            feed,
            counts -> done.accumulateAndGet(result(counts), LiveResult::plus));
    return StreamRun.start(
        STAGE,
        generation.checkpointOf(contract.domain()),
        bronze
            .readStream()
            .writeStream()
            .option("checkpointLocation", checkpoint)
            .trigger(trigger)
            .foreachBatch(
                (VoidFunction2<Dataset<Row>, Long>)
                    (batch, number) -> writer.write(batch, generation.first() + number)));
  }

  private LiveResult result(RowCounts counts) {
    LiveResult none = nothing();
    return new LiveResult(
        none.domain(),
        none.views(),
        counts.of(Disposition.COUNTED),
        counts.of(Disposition.DUPLICATE),
        counts.of(Disposition.LATE),
        counts.of(Disposition.QUARANTINED),
        counts.of(Disposition.DELETED),
        counts.of(Disposition.SUPERSEDED),
        counts.filtered());
  }

  LiveResult nothing() {
    return new LiveResult(contract.domain(), contract.liveTables(), 0, 0, 0, 0, 0, 0, Map.of());
  }
}
