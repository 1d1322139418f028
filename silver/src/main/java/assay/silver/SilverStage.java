package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.StreamRun;
import assay.core.TableFiles;
import assay.core.TableSize;
import assay.core.Transaction;
import assay.core.contract.Contract;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.storage.StorageLevel;

/**
 * Bronze to silver: parse, rules, quarantine, one winner a key, and one join with silver, pruned by
 * literal bounds on the days present, which decides what is appended, merged and set aside.
 */
public final class SilverStage {
  private static final String STAGE = "silver";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Steps steps;
  private final EventParser parser;
  private final AtomicReference<SilverResult> done = new AtomicReference<>();

  public SilverStage(SparkSession spark, Lake lake, Contract contract, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.steps = steps;
    this.parser = new EventParser(contract);
  }

  /** What {@link #run} would do now. */
  public SilverPlan plan() {
    Silver silver = new Silver(spark, lake, contract);
    LakeTable bronze = bronze();
    long bronzeVersion = bronze.version();
    Dataset<Row> rows = bronze.readAt(bronzeVersion);
    long version = silver.table().version();
    long pending =
        version < 0 ? rows.count() : silver.reads().pending(rows, silver.lastBatch(version));
    TableFiles files = new TableFiles(spark, bronze.path());
    TableSize unread =
        version < 0
            ? files.size(bronzeVersion)
            : silver.reads().unread(files, bronzeVersion, silver.lastBatch(version));
    return new SilverPlan(contract.domain(), pending, unread.bytes(), bronzeVersion, version);
  }

  private LakeTable bronze() {
    return new LakeTable(spark, lake.bronze(contract.domain()))
        .required("run 'assay ingest' first");
  }

  /** Reads what bronze holds now and silver has not read yet, then ends. */
  public SilverResult run() {
    String domain = contract.domain();
    Silver silver = new Silver(spark, lake, contract);
    LakeTable bronze = bronze();
    String checkpoint = lake.checkpoint(STAGE, domain);
    StreamRun.refuseForeignCheckpoint(
        spark,
        checkpoint,
        silver.table(),
        silver.transactionId(),
        "silver is then built again from bronze");
    silver.createTables();
    done.set(SilverResult.none(domain));
    StreamRun.awaitEnd(
        STAGE,
        domain,
        StreamRun.start(
            STAGE,
            domain,
            bronze
                .readStream()
                .writeStream()
                .option("checkpointLocation", checkpoint)
                .trigger(Trigger.AvailableNow())
                .foreachBatch(this::writeBatch)));
    long version = silver.table().version();
    SilverResult run = done.get();
    return run.plus(new SilverResult(domain, 0, 0, 0, 0, 0, 0, version));
  }

  /**
   * All writes of a micro-batch. Silver's commit is the last and the one that counts: readers take
   * the rows of the other tables only up to the micro-batch that silver names. A crash before it
   * leaves rows there that nobody takes; the engine then hands over the same range again, and each
   * commit that is already there is skipped.
   */
  private void writeBatch(Dataset<Row> batch, Long batchId) {
    SparkSession session = batch.sparkSession();
    Silver silver = new Silver(session, lake, contract);
    Transaction transaction = new Transaction(silver.transactionId(), batchId);
    // One version for the question whether this micro-batch is in silver and for the rows that
    // stand
    // there: were it committed by another run in between, its rows would meet themselves.
    long version = silver.table().version();
    if (silver.lastBatch(version).orElse(-1) >= batchId) {
      return;
    }
    Dataset<Row> parsed = parser.parse(batch).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Row summary = summarize(parsed);
      silver.reads().append(BronzeReads.summarize(parsed, contract, batchId), transaction);
      reached(batchId, "reads committed");
      if (summary.getLong(1) > 0) {
        silver.quarantine().append(quarantined(parsed, batchId), transaction);
        reached(batchId, "quarantine committed");
      }
      SilverResult read =
          new SilverResult(
              contract.domain(), summary.getLong(0), 0, 0, 0, 0, summary.getLong(1), -1);
      done.accumulateAndGet(read, SilverResult::plus);
      resolveAndLoad(silver, version, parsed, summary, transaction);
    } finally {
      parsed.unpersist();
    }
  }

  private void resolveAndLoad(
      Silver silver, long version, Dataset<Row> parsed, Row summary, Transaction transaction) {
    Dataset<Row> arrived = parsed.where(not(col(EventParser.FAILS))).selectExpr(silverColumns());
    KeyHistory history = new KeyHistory(contract);
    Dataset<Row> judged =
        history
            .judge(arrived, standing(silver.table().readAt(version), arrived, summary))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Row outcome = countOutcomes(judged);
      if (outcome.getLong(6) == 0) {
        write(silver, judged, outcome, transaction);
        return;
      }
      Dataset<Row> mixed = judged.where(col(KeyHistory.MIXED));
      Dataset<Row> anew =
          judged
              .where(not(col(KeyHistory.MIXED)))
              .unionByName(history.judgeMixed(mixed))
              .persist(StorageLevel.MEMORY_AND_DISK());
      try {
        write(silver, anew, countOutcomes(anew), transaction);
      } finally {
        anew.unpersist();
      }
    } finally {
      judged.unpersist();
    }
  }

  private void write(Silver silver, Dataset<Row> judged, Row outcome, Transaction transaction) {
    if (outcome.getLong(1) + outcome.getLong(3) > 0) {
      silver.exceptions().append(exceptions(judged, transaction.version()), transaction);
      reached(transaction.version(), "exceptions committed");
    }
    load(silver, judged, outcome, transaction);
    reached(transaction.version(), "silver committed, " + done.get().rows() + " rows read so far");
    SilverResult written =
        new SilverResult(
            contract.domain(),
            0,
            outcome.getLong(0),
            outcome.getLong(1),
            outcome.getLong(2),
            outcome.getLong(3),
            0,
            -1);
    done.accumulateAndGet(written, SilverResult::plus);
  }

  /** Rows, failing rows, and the first and last day of those that do not fail. */
  private static Row summarize(Dataset<Row> parsed) {
    Column day = when(not(col(EventParser.FAILS)), col(EventParser.EVENT_DATE));
    return parsed.agg(count(lit(1)), count_if(col(EventParser.FAILS)), min(day), max(day)).head();
  }

  /**
   * Loaded, superseded, superseded out of silver, duplicate, the first and last day of the rows
   * that leave silver, and the rows of mixed keys.
   */
  private static Row countOutcomes(Dataset<Row> judged) {
    Column outcome = col(KeyHistory.OUTCOME);
    Column superseded = outcome.equalTo(Disposition.SUPERSEDED);
    return judged
        .agg(
            count_if(loaded()),
            count_if(superseded),
            count_if(gone()),
            count_if(outcome.equalTo(Disposition.DUPLICATE)),
            min(when(gone(), col(EventParser.EVENT_DATE))),
            max(when(gone(), col(EventParser.EVENT_DATE))),
            count_if(col(KeyHistory.MIXED)))
        .head();
  }

  /** Rows that take a place in silver; those that keep theirs are left out. */
  private static Column loaded() {
    return col(KeyHistory.OUTCOME).equalTo(Disposition.LOADED).and(not(col(KeyHistory.STANDING)));
  }

  /** Rows that lose their place in silver. */
  private static Column gone() {
    return col(KeyHistory.OUTCOME).equalTo(Disposition.SUPERSEDED).and(col(KeyHistory.STANDING));
  }

  /**
   * The rows of silver whose keys are among those that arrived, from the days they may stand on.
   */
  private Dataset<Row> standing(Dataset<Row> all, Dataset<Row> arrived, Row summary) {
    if (summary.isNullAt(2)) {
      return all.where(lit(false));
    }
    long reach = contract.correctionsWithin().toDays();
    LocalDate first = summary.getLocalDate(2).minusDays(reach);
    LocalDate last = summary.getLocalDate(3).plusDays(reach);
    String[] key = contract.key().toArray(String[]::new);
    Dataset<Row> keys = arrived.selectExpr(key).distinct();
    return all.where(col(EventParser.EVENT_DATE).between(lit(first), lit(last)))
        .join(keys, key, "left_semi")
        .selectExpr(silverColumns());
  }

  private void load(Silver silver, Dataset<Row> judged, Row outcome, Transaction transaction) {
    Dataset<Row> winners = judged.where(loaded()).selectExpr(silverColumns());
    if (outcome.getLong(2) == 0) {
      // Nothing in silver gives way, so an append does, at a fifth of the price of a MERGE. It is
      // made without rows too: its commit says that silver has read this micro-batch.
      silver.table().append(winners, transaction);
      return;
    }
    Dataset<Row> gone = judged.where(gone()).selectExpr(silverColumns());
    Column bounds =
        col("target." + EventParser.EVENT_DATE)
            .between(lit(outcome.getLocalDate(4)), lit(outcome.getLocalDate(5)));
    silver
        .table()
        .exchange(
            gone, winners, List.of(EventParser.PARTITION, EventParser.OFFSET), bounds, transaction);
  }

  private static Dataset<Row> quarantined(Dataset<Row> parsed, long batchId) {
    return parsed
        .where(col(EventParser.FAILS))
        .withColumnRenamed(EventParser.FAILED_RULES, "failed_rules")
        .withColumn(Silver.BATCH_ID, lit(batchId))
        .selectExpr(Silver.QUARANTINE_SCHEMA.fieldNames());
  }

  private Dataset<Row> exceptions(Dataset<Row> judged, long batchId) {
    return judged
        .where(not(col(KeyHistory.OUTCOME).equalTo(Disposition.LOADED)))
        .withColumn(Disposition.COLUMN, col(KeyHistory.OUTCOME))
        .withColumn(Silver.BATCH_ID, lit(batchId))
        .drop(KeyHistory.OUTCOME, KeyHistory.STANDING, KeyHistory.MIXED);
  }

  private String[] silverColumns() {
    return parser.silverColumns().toArray(String[]::new);
  }

  private void reached(long batchId, String step) {
    steps.reached(STAGE, "batch " + batchId + ": " + step);
  }
}
