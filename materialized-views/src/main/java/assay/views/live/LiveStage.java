package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.StreamRun;
import assay.core.TableFiles;
import assay.core.TableSize;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.EventReader;
import assay.silver.Silver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.storage.StorageLevel;

/** Bronze to live views: one streaming query a domain, which parses and judges each row once. */
public final class LiveStage {
  private static final String STAGE = "live";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Steps steps;
  private final EventParser parser;
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
    this.parser = new EventParser(contract);
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
    StreamRun.awaitEnd(STAGE, contract.domain(), start(Trigger.AvailableNow(), generation));
    return done.get();
  }

  /** The live query that the views are of. */
  private Generation generation() {
    return Generation.of(new LiveTables(spark, lake, contract).lastBatch());
  }

  /** Reads on, as often as the most eager view asks for, until the query is stopped. */
  public StreamingQuery start() {
    Duration every = contract.liveEvery().orElse(Duration.ofSeconds(10));
    return start(Trigger.ProcessingTime(every.toMillis()), generation());
  }

  private LakeTable bronze() {
    return new LakeTable(spark, lake.bronze(contract.domain()))
        .required("run 'assay ingest' first");
  }

  private StreamingQuery start(Trigger trigger, Generation generation) {
    if (contract.liveTables().isEmpty()) {
      throw AssayException.usage(
          "domain " + contract.domain() + " has no live view",
          "add 'live:' to a metric set in its contract");
    }
    LakeTable bronze = bronze();
    String checkpoint = lake.checkpoint(STAGE, generation.checkpointOf(contract.domain()));
    LiveTables tables = new LiveTables(spark, written, contract);
    for (LiveView view : tables.views()) {
      if (!view.table().exists() && StreamRun.hasCheckpoint(spark, checkpoint)) {
        throw AssayException.failed(
            "the live view " + view.table().path() + " is new, but its domain's query has read on",
            LiveView.BUILD_AGAIN);
      }
      if (view.isBefore(generation)) {
        throw AssayException.failed(
            "the live views of " + contract.domain() + " were not all built anew",
            "run 'assay replay " + contract.domain() + "' again: it goes on where it ended");
      }
      StreamRun.refuseForeignCheckpoint(
          spark,
          checkpoint,
          view.table(),
          view.transactionId(),
          generation.first(),
          "the live views are then built again from bronze");
    }
    tables.createTables();
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
                    (batch, number) -> writeBatch(batch, generation.first() + number, generation)));
  }

  /**
   * All writes of a micro-batch. A view's own commit is the last that concerns it and the one that
   * counts: readers take the rows of the other tables only up to the micro-batch that the view
   * names. A crash in between leaves rows there that nobody takes for this view; the engine then
   * hands over the same range again, it is judged the same way, and each commit that is already
   * there is skipped.
   */
  private void writeBatch(Dataset<Row> batch, long batchId, Generation generation) {
    SparkSession session = batch.sparkSession();
    LiveTables tables = new LiveTables(session, written, contract);
    refuseOvertaken(tables, generation);
    List<LiveView> behind =
        tables.views().stream()
            .filter(v -> v.table().lastTransaction(v.transactionId()).orElse(-1) < batchId)
            .toList();
    if (behind.isEmpty()) {
      return;
    }
    Transaction transaction = new Transaction("assay.live." + contract.domain(), batchId);
    Dataset<Row> parsed =
        EventReader.at(
                session, lake, contract, tables.reads().versionsOfBegun(contract, transaction))
            .read(batch)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<Row> summary = BronzeReads.summarize(parsed, contract, batchId).collectAsList();
      tables.reads().append(session.createDataFrame(summary, BronzeReads.SCHEMA), transaction);
      reached(batchId, "reads committed");
      judgeAndCount(tables, behind, parsed, summary, transaction);
      // A view that was replaced meanwhile took none of these rows.
      refuseOvertaken(tables, generation);
    } finally {
      parsed.unpersist();
    }
  }

  private void refuseOvertaken(LiveTables tables, Generation generation) {
    if (tables.lastBatch().orElse(0) >= generation.next().first()) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "the live views of " + contract.domain() + " were built anew while this query ran",
          "run the same command again: it goes on with the new ones");
    }
  }

  private void judgeAndCount(
      LiveTables tables,
      List<LiveView> behind,
      Dataset<Row> parsed,
      List<Row> summary,
      Transaction transaction) {
    long batchId = transaction.version();
    SparkSession session = parsed.sparkSession();
    Dataset<Row> before = tables.reads().upTo(OptionalLong.of(batchId - 1));
    Dataset<Row> watermarks = Watermarks.of(session, summary, before, contract.allowedLateness());
    Dataset<Row> judged =
        new RowJudge(contract)
            .judge(parsed, watermarks, lookBack(tables, summary, batchId))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Map<String, Long> counts = countDispositions(judged);
      tables.seen().append(fingerprints(judged, batchId), transaction);
      reached(batchId, "seen committed");
      Dataset<Row> exceptions = exceptions(judged, batchId);
      tables.exceptions().append(exceptions, transaction);
      reached(batchId, "exceptions committed");
      Dataset<Row> counted = judged.where(col(Disposition.COLUMN).equalTo(Disposition.COUNTED));
      for (LiveView view : behind) {
        view.table()
            .append(view.accumulate(counted), new Transaction(view.transactionId(), batchId));
        reached(batchId, view.table().path() + " committed");
      }
      done.accumulateAndGet(result(counts), LiveResult::plus);
    } finally {
      judged.unpersist();
    }
  }

  /** Fingerprints of rows from before this micro-batch that its rows may repeat. */
  private Dataset<Row> lookBack(LiveTables tables, List<Row> summary, long batchId) {
    Dataset<Row> seen = tables.seen().read().where(Generation.upTo(OptionalLong.of(batchId - 1)));
    return summary.stream()
        .map(row -> row.<Instant>getAs(EventParser.INGESTED_AT))
        .min(Comparator.naturalOrder())
        .map(first -> first.minus(contract.dedupWithin()))
        .map(from -> seen.where(col(EventParser.INGESTED_AT).geq(lit(from))))
        .orElse(seen.where(lit(false)));
  }

  private static Dataset<Row> fingerprints(Dataset<Row> judged, long batchId) {
    return judged
        .where(col(Disposition.COLUMN).isin(Disposition.COUNTED, Disposition.DUPLICATE))
        .withColumn(Silver.BATCH_ID, lit(batchId))
        .selectExpr(LiveTables.SEEN_SCHEMA.fieldNames());
  }

  private Dataset<Row> exceptions(Dataset<Row> judged, long batchId) {
    return judged
        .where(not(col(Disposition.COLUMN).equalTo(Disposition.COUNTED)))
        .selectExpr(
            Stream.concat(
                    parser.silverColumns().stream(),
                    Stream.of(Disposition.COLUMN, batchId + "L AS " + Silver.BATCH_ID))
                .toArray(String[]::new));
  }

  private static Map<String, Long> countDispositions(Dataset<Row> judged) {
    return judged.groupBy(col(Disposition.COLUMN)).count().collectAsList().stream()
        .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
  }

  private LiveResult result(Map<String, Long> counts) {
    Function<String, Long> of = name -> counts.getOrDefault(name, 0L);
    LiveResult none = nothing();
    return new LiveResult(
        none.domain(),
        none.views(),
        of.apply(Disposition.COUNTED),
        of.apply(Disposition.DUPLICATE),
        of.apply(Disposition.LATE),
        of.apply(Disposition.QUARANTINED),
        of.apply(Disposition.DELETED));
  }

  LiveResult nothing() {
    return new LiveResult(contract.domain(), contract.liveTables(), 0, 0, 0, 0, 0);
  }

  private void reached(long batchId, String step) {
    steps.reached(STAGE, "batch " + batchId + ": " + step);
  }
}
