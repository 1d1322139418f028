package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.rows.KeptRows;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.EventReader;
import assay.silver.Silver;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Writes the micro-batches of one live query, one after the other. A view's own commit is the last
 * that concerns it and the one that counts: readers take the rows of the tables that the views
 * share only up to the micro-batch that the view names. A crash in between leaves rows there that
 * nobody takes for this view; the engine then hands over the same range again, it is judged the
 * same way, and each commit that is already there is skipped.
 */
final class LiveWriter {
  /** As many rows as one task writes sooner than several that shuffle. */
  private static final long FEW = 200_000;

  /** Rows that others may repeat. */
  private static final List<String> SEEN =
      List.of(Disposition.COUNTED, Disposition.DUPLICATE, Disposition.SUPERSEDED);

  private final Lake lake;
  private final Lake written;
  private final Contract contract;
  private final Steps steps;
  private final Generation generation;
  private final EventParser parser;
  private final RowJudge judge;
  private final Corrections corrections;
  private final LiveMemory memory;
  private final ViewFeed feed;
  private final Consumer<RowCounts> counts;

  /**
   * A writer for one query.
   *
   * @param written the root of the tables that it writes
   * @param counts told what became of the rows of each micro-batch
   */
  LiveWriter(
      Lake lake,
      Lake written,
      Contract contract,
      Steps steps,
      Generation generation,
      ViewFeed feed,
      Consumer<RowCounts> counts) {
    this.lake = lake;
    this.written = written;
    this.contract = contract;
    this.steps = steps;
    this.generation = generation;
    this.parser = new EventParser(contract);
    this.judge = new RowJudge(contract);
    this.corrections = new Corrections(lake, contract);
    this.memory = new LiveMemory(lake, contract);
    this.feed = feed;
    this.counts = counts;
  }

  /** All writes of a micro-batch. */
  void write(Dataset<Row> batch, long batchId) {
    SparkSession session = batch.sparkSession();
    LiveTables tables = new LiveTables(session, written, contract);
    refuseOvertaken(tables);
    Transaction transaction = new Transaction("assay.live." + contract.domain(), batchId);
    if (!feed.awaits(tables.views(), batchId) && !awaitsFingerprints(tables, transaction)) {
      return;
    }
    EventReader reader =
        EventReader.at(
            session, lake, contract, tables.reads().versionsOfBegun(contract, transaction));
    try (KeptRows kept = new KeptRows(read(batch, reader))) {
      Arrivals arrivals = Arrivals.of(kept.rows(), contract, batchId, Instant.now());
      if (arrivals.rows() == 0) {
        feed.feed(tables.views(), tables.noRows(), batchId, arrivals, memory.bytes());
        return;
      }
      judgeAndCount(tables, kept.rows(), reader, arrivals, transaction);
    }
    // A view that was replaced meanwhile took none of these rows.
    refuseOvertaken(tables);
  }

  /** Whether they are not there; nor are those of a micro-batch that has none. */
  private boolean awaitsFingerprints(LiveTables tables, Transaction transaction) {
    return !LiveMemory.withinMicroBatch(contract)
        && tables.seen().lastTransaction(transaction.appId()).orElse(-1) < transaction.version();
  }

  private void refuseOvertaken(LiveTables tables) {
    if (tables.lastBatch().orElse(0) >= generation.next().first()) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "the live views of " + contract.domain() + " were built anew while this query ran",
          "run the same command again: it goes on with the new ones");
    }
  }

  private void judgeAndCount(
      LiveTables tables,
      Dataset<Row> parsed,
      EventReader reader,
      Arrivals arrivals,
      Transaction transaction) {
    long batchId = transaction.version();
    SparkSession session = parsed.sparkSession();
    boolean few = arrivals.rows() <= FEW;
    try (LiveMemory.Standards standards = memory.standards(tables, session, arrivals, batchId);
        SideBySide work = new SideBySide(session);
        KeptRows judged = new KeptRows(judge(parsed, reader, standards))) {
      // Which versions of reference tables were read must be known before any row that was judged
      // by them is.
      work.begin(
          () ->
              tables
                  .reads()
                  .append(
                      session.createDataFrame(arrivals.reads(), BronzeReads.SCHEMA).coalesce(1),
                      transaction));
      // Has the rows judged and kept on the way.
      Outcomes outcomes = Outcomes.of(judged.rows(), tables.views(), contract.adjusts());
      work.awaitAll();
      reached(batchId, "reads committed");
      Dataset<Row> rows = few ? judged.rows().coalesce(1) : judged.rows();
      long seen = SEEN.stream().mapToLong(outcomes::rows).sum();
      if (outcomes.anySetAside()) {
        work.begin(() -> tables.exceptions().append(exceptions(rows, batchId), transaction));
      }
      work.awaitAll();
      reached(batchId, "exceptions committed");
      // Nobody who reads a view asks for fingerprints: they may land with the views, or after them.
      if (seen > 0 && !LiveMemory.withinMicroBatch(contract)) {
        work.begin(() -> tables.seen().append(fingerprints(tables, rows, batchId), transaction));
      }
      feed.feed(tables.views(), rows, batchId, arrivals, memory.bytes());
      work.awaitAll();
      reached(batchId, "fingerprints committed");
      memory.remember(arrivals, standards, outcomes, batchId);
      counts.accept(outcomes.changes());
    }
  }

  /** Rows of bronze with what they are judged by. */
  private Dataset<Row> read(Dataset<Row> bronze, EventReader reader) {
    Dataset<Row> read = judge.withFingerprints(reader.read(bronze));
    return (contract.adjusts()
            ? read.withColumn(LiveTables.KEY_HASH, corrections.keyHash())
                .withColumn(LiveView.TAKEN_BACK, lit(false))
            : read)
        .selectExpr(neededColumns());
  }

  private Dataset<Row> judge(
      Dataset<Row> parsed, EventReader reader, LiveMemory.Standards standards) {
    SparkSession session = parsed.sparkSession();
    Dataset<Row> judged =
        judge.judge(parsed, BronzeClock.rows(session, standards.watermarks()), standards.repeats());
    return standards
        .met()
        .map(
            met ->
                corrections.decide(judged, read(corrections.standing(session, met), reader), met))
        .orElse(judged);
  }

  private String[] neededColumns() {
    return Stream.of(
            parser.silverColumns().stream(),
            Stream.of(
                EventParser.KAFKA_TIMESTAMP,
                EventParser.FAILS,
                EventParser.OPERATION,
                LiveTables.FINGERPRINT_A,
                LiveTables.FINGERPRINT_B),
            Stream.of(LiveTables.KEY_HASH, LiveView.TAKEN_BACK).filter(name -> contract.adjusts()))
        .flatMap(columns -> columns)
        .toArray(String[]::new);
  }

  private Dataset<Row> fingerprints(LiveTables tables, Dataset<Row> judged, long batchId) {
    Dataset<Row> seen =
        judged
            .where(col(Disposition.COLUMN).isin(SEEN.toArray()))
            .withColumn(Silver.BATCH_ID, lit(batchId));
    if (contract.adjusts()) {
      Column counted = col(Disposition.COLUMN).equalTo(Disposition.COUNTED);
      seen =
          seen.where(not(col(LiveView.TAKEN_BACK)))
              .withColumn(LiveTables.KEY_HASH, when(counted, col(LiveTables.KEY_HASH)));
    }
    return seen.selectExpr(tables.seenSchema().fieldNames());
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

  private void reached(long batchId, String step) {
    steps.reached(LiveStage.STAGE, "batch " + batchId + ": " + step);
  }
}
