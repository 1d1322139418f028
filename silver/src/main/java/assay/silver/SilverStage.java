package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.StreamRun;
import assay.core.TableFiles;
import assay.core.contract.Contract;
import assay.core.rows.KeptRows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.storage.StorageLevel;

/**
 * Bronze to silver: parse, rules, quarantine, one winner a key. Only rows whose key came before or
 * comes twice are judged against each other; all others go straight to silver.
 */
public final class SilverStage {
  private static final String STAGE = "silver";

  private static final String FAILURE = "_failure";
  private static final List<String> OF_FAILURES =
      List.of(
          EventParser.KEY,
          EventParser.VALUE,
          EventParser.KAFKA_TIMESTAMP,
          EventParser.FAILED_VALUES,
          EventParser.PARSER_MESSAGE);

  /** How often a micro-batch is judged anew because another commit came in between. */
  private static final int TRIES = 3;

  /** So many rows are judged sooner by one task than they are handed around. */
  private static final long FEW = 50_000;

  /** To look for them among so many others is work for more than one task. */
  private static final long MANY = 500_000;

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Steps steps;
  private final EventParser parser;
  private final Optional<String> run;
  private final AtomicReference<SilverResult> done = new AtomicReference<>();

  public SilverStage(SparkSession spark, Lake lake, Contract contract, Steps steps) {
    this(spark, lake, contract, steps, Optional.empty());
  }

  /**
   * @param run the id under which the run is written down, for the rows that it sets aside
   */
  public SilverStage(
      SparkSession spark, Lake lake, Contract contract, Steps steps, Optional<String> run) {
    this.run = run;
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.steps = steps;
    this.parser = new EventParser(contract);
  }

  /**
   * What {@link #run} would do now.
   *
   * @throws AssayException where a column changed to a type that cannot be widened to
   */
  public SilverPlan plan() {
    Silver silver = new Silver(spark, lake, contract);
    LakeTable bronze = bronze();
    long bronzeVersion = bronze.version();
    long version = silver.table().version();
    Dataset<Row> rows = bronze.readAt(bronzeVersion);
    TableFiles files = new TableFiles(spark, bronze.path());
    if (version < 0) {
      return new SilverPlan(
          contract.domain(),
          rows.count(),
          files.size(bronzeVersion).bytes(),
          bronzeVersion,
          version,
          List.of());
    }
    List<String> columns = silver.table().columnChanges(silver.schema()).inWords();
    Cut read = silver.state(version).read();
    return new SilverPlan(
        contract.domain(),
        read.pending(rows),
        read.unread(files, bronzeVersion).bytes(),
        bronzeVersion,
        version,
        columns);
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
        0,
        "silver is then built again from bronze");
    if (silver.table().exists()) {
      silver.refuseForeignTables(silver.state(silver.table().version()));
    }
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
    return done.get().at(silver.table().version());
  }

  /**
   * Reads rows that silver has read before once more, under today's contract. Where one comes out
   * otherwise than before, all rows of its keys are judged from the first on. Nothing is written
   * where none does.
   */
  public SilverResult reprocess(IngestRange range) {
    return reread(false).range(bronze(), range);
  }

  /**
   * What {@link #reprocess} would do now, without writing.
   *
   * @return of which {@code rows} and {@code quarantined} are told
   */
  public SilverResult planReprocess(IngestRange range) {
    return reread(true).range(bronze(), range);
  }

  /**
   * Reads rows of quarantine once more, under today's contract; those that pass leave it.
   *
   * @param rule that they failed, among others; empty for all
   */
  public SilverResult retry(Optional<String> rule) {
    return reread(false).quarantined(rule);
  }

  /** What {@link #retry} would do now, see {@link #planReprocess}. */
  public SilverResult planRetry(Optional<String> rule) {
    return reread(true).quarantined(rule);
  }

  /**
   * Makes silver and the tables beside it anew of all rows that silver has read, under today's
   * contract, also where columns changed to types that cannot be widened to.
   */
  public SilverResult rebuild() {
    return reread(false).all(bronze());
  }

  /** What {@link #rebuild} would do now, see {@link #planReprocess}. */
  public SilverResult planRebuild() {
    return reread(true).all(bronze());
  }

  private Reread reread(boolean dryRun) {
    new Silver(spark, lake, contract).table().required("run 'assay silver' first");
    return new Reread(spark, lake, contract, dryRun, run, step -> steps.reached(STAGE, step));
  }

  private LakeTable bronze() {
    return new LakeTable(spark, lake.bronze(contract.domain()))
        .required("run 'assay ingest' first");
  }

  /**
   * One micro-batch of silver's query. The engine hands over the same range again after a crash;
   * silver's commit carries the number of the micro-batch, so that one which is in is left alone.
   */
  private void writeBatch(Dataset<Row> batch, Long batchId) {
    SparkSession session = batch.sparkSession();
    Silver silver = new Silver(session, lake, contract);
    EventReader reader = EventReader.now(session, lake, contract);
    try (KeptRows kept = new KeptRows(packed(reader.read(batch)))) {
      Dataset<Row> parsed = unpacked(kept.rows());
      BatchSummary summary = BatchSummary.of(parsed, contract);
      summary
          .stop(contract, batchId)
          .ifPresent(
              stopped -> {
                throw stopped;
              });
      for (int attempt = 1; ; attempt++) {
        try {
          done.accumulateAndGet(
              write(silver, parsed, summary, reader.versions(), batchId), SilverResult::plus);
          return;
        } catch (AssayException e) {
          if (e.code() != ErrorCode.TRY_AGAIN || attempt == TRIES) {
            throw e;
          }
        }
      }
    }
  }

  /**
   * Rows as they are kept: what only those that fail have is put into one column, NULL in all
   * others, and what each row has alike into none. That is most of a row.
   */
  private Dataset<Row> packed(Dataset<Row> read) {
    Column[] ofFailures = OF_FAILURES.stream().map(functions::col).toArray(Column[]::new);
    Column named = col(EventParser.FAILED_RULES);
    Dataset<Row> packed =
        read.withColumn(FAILURE, when(col(EventParser.FAILS), struct(ofFailures)))
            .withColumn(EventParser.FAILED_RULES, when(size(named).gt(0), named))
            .drop(OF_FAILURES.toArray(String[]::new))
            .drop(EventParser.FAILS);
    return contract.source().tellsDeletes() ? packed : packed.drop(EventParser.OPERATION);
  }

  /** What was kept, as it was read but for {@link #OF_FAILURES}. */
  private Dataset<Row> unpacked(Dataset<Row> kept) {
    Dataset<Row> rows = kept.withColumn(EventParser.FAILS, col(FAILURE).isNotNull());
    return contract.source().tellsDeletes()
        ? rows
        : rows.withColumn(EventParser.OPERATION, lit(EventParser.UPSERT));
  }

  private SilverResult write(
      Silver silver,
      Dataset<Row> parsed,
      BatchSummary summary,
      Map<String, Long> references,
      long batchId) {
    // One version for all: whether this micro-batch is in silver, the rows that stand there, and
    // what the commit will stand on.
    SilverState state = silver.newest();
    SilverResult nothing = SilverResult.none(contract.domain());
    if (state.lastBatch().orElse(-1) >= batchId) {
      return nothing;
    }
    SilverWrite write =
        new SilverWrite(silver, state, batchId, run, step -> reached(batchId, step));
    if (summary.failing() > 0) {
      write.quarantine(
          quarantined(parsed.where(col(EventParser.FAILS)).select(col("*"), col(FAILURE + ".*"))));
    }
    if (!summary.truncates().isEmpty()) {
      write.setAside(truncates(parsed));
    }
    Runnable commit =
        () -> write.commit(summary.rows(), numbers(silver, state, summary, references, batchId));
    SilverResult read = summary.result(contract.domain());
    if (summary.keyed() == 0) {
      commit.run();
      return read;
    }
    return read.plus(
        writeKeyed(new StandingRows(silver, state, contract), parsed, summary, write, commit));
  }

  /** Hands over what becomes of rows that concern keys, and commits. */
  private SilverResult writeKeyed(
      StandingRows standing,
      Dataset<Row> parsed,
      BatchSummary summary,
      SilverWrite write,
      Runnable commit) {
    Dataset<Row> arrived =
        standing.asNew(parsed.where(not(col(EventParser.FAILS)).and(not(isTruncate()))));
    if (!summary.truncates().isEmpty()) {
      // It takes away all that stands and what came alone.
      return writeJudged(together(arrived, standing.all()), summary, write, commit);
    }
    try (MetKeys keys = new MetKeys(contract, arrived)) {
      Dataset<Row> stands =
          standing.ofKeys(arrived, keys, summary).persist(StorageLevel.MEMORY_AND_DISK());
      try {
        keys.meetStanding(stands);
        long alone = summary.keyed() - keys.arrivedRows();
        if (alone > 0) {
          write.load(keys.notAmong(arrived).selectExpr(silverColumns()));
        }
        if (keys.rows() == 0) {
          commit.run();
          return loaded(alone);
        }
        Dataset<Row> rows = together(keys.among(arrived), stands);
        boolean few = keys.rows() <= FEW && summary.rows() <= MANY;
        return writeJudged(few ? rows.coalesce(1) : rows, summary, write, commit)
            .plus(loaded(alone));
      } finally {
        stands.unpersist();
      }
    }
  }

  private static Dataset<Row> together(Dataset<Row> arrived, Dataset<Row> stands) {
    return arrived
        .withColumn(KeyHistory.STANDING, lit(false))
        .unionByName(stands.withColumn(KeyHistory.STANDING, lit(true)));
  }

  private SilverResult writeJudged(
      Dataset<Row> rows, BatchSummary summary, SilverWrite write, Runnable commit) {
    try (RowResolver resolver = new RowResolver(contract, summary.truncates(), rows)) {
      resolver.writeTo(write, parser.silverColumns());
      commit.run();
      return resolver.result(contract.domain());
    }
  }

  private String[] silverColumns() {
    return parser.silverColumns().toArray(String[]::new);
  }

  private SilverResult loaded(long rows) {
    return new SilverResult(contract.domain(), 0, rows, 0, 0, 0, 0, 0, Map.of(), -1);
  }

  private static Map<String, Long> numbers(
      Silver silver,
      SilverState state,
      BatchSummary summary,
      Map<String, Long> references,
      long batchId) {
    Map<String, Long> numbers = new TreeMap<>(silver.numbers(state));
    numbers.putAll(silver.referenceNumbers(references));
    numbers.put(silver.transactionId(), batchId);
    numbers.put(silver.rowsId(), state.rowsRead() + summary.rows());
    summary
        .lastOffsets()
        .forEach((partition, offset) -> numbers.put(silver.partitionId() + partition, offset));
    return numbers;
  }

  static Dataset<Row> quarantined(Dataset<Row> parsed) {
    return parsed
        .where(col(EventParser.FAILS))
        .withColumnRenamed(EventParser.FAILED_RULES, "failed_rules")
        .withColumnRenamed(EventParser.FAILED_VALUES, Silver.FAILED_VALUES)
        .withColumnRenamed(EventParser.PARSER_MESSAGE, Silver.PARSER_MESSAGE);
  }

  /** Truncates as they are set aside: they are of no key, and stand. */
  static Dataset<Row> truncates(Dataset<Row> parsed) {
    return parsed
        .where(not(col(EventParser.FAILS)).and(isTruncate()))
        .withColumn(Disposition.COLUMN, lit(Disposition.DELETED));
  }

  static Column isTruncate() {
    return col(EventParser.OPERATION).equalTo(EventParser.TRUNCATE);
  }

  private void reached(long batchId, String step) {
    steps.reached(
        STAGE,
        "batch %d: %s%s"
            .formatted(
                batchId,
                step,
                step.startsWith("silver")
                    ? ", " + done.get().rows() + " rows read before it"
                    : ""));
  }
}
