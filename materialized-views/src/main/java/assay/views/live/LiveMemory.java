package assay.views.live;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.rows.KeyHashes;
import assay.core.rows.SharedHashes;
import assay.ingestion.Bronze;
import assay.silver.Cut;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.EventReader;
import assay.views.live.StandingRows.Packed;
import assay.views.live.StandingRows.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * What the live query remembers from one micro-batch to the next, so that it asks no table: the
 * clock of bronze, and the rows of the look-back. Lost with the process, it is read back from what
 * was committed.
 */
final class LiveMemory {
  /** The part of the heap that the look-back may take; beyond it the table is asked each time. */
  private static final int SHARE_OF_HEAP = 8;

  private static final FlatMapFunction<Iterator<InternalRow>, Packed> PACK =
      rows -> {
        Packed packed = new Packed();
        rows.forEachRemaining(
            row -> packed.add(row.getLong(0), row.getLong(1), row.getInt(2), row.getLong(3)));
        return List.of(packed.trimmed()).iterator();
      };

  private final Lake lake;
  private final Contract contract;
  private final long mostBytes;
  private final long withinMicros;

  /** The micro-batch that all of this stands behind; empty before anything was read back. */
  private OptionalLong behind = OptionalLong.empty();

  private BronzeClock clock;

  /** Empty where they are more than memory is for. */
  private Optional<SeenRows> seen = Optional.empty();

  /** The rows that may be taken back; empty where {@link #seen} is, or none may be. */
  private StandingRows standing = new StandingRows();

  LiveMemory(Lake lake, Contract contract) {
    this(lake, contract, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /**
   * @param mostBytes that the rows of the look-back may take
   */
  LiveMemory(Lake lake, Contract contract, long mostBytes) {
    this.lake = lake;
    this.contract = contract;
    this.mostBytes = mostBytes;
    this.withinMicros = contract.dedupWithin().toNanos() / 1000;
  }

  /**
   * What the rows of a micro-batch are judged by.
   *
   * @param watermarks by time of ingest
   * @param met which rows may correct another; empty where none may
   */
  record Standards(Map<Instant, Optional<Instant>> watermarks, Repeats repeats, Optional<Met> met)
      implements AutoCloseable {
    @Override
    public void close() {
      repeats.close();
      met.ifPresent(Met::close);
    }
  }

  /** Prepares the judgement of a micro-batch, whose arrivals are not empty. */
  Standards standards(LiveTables tables, SparkSession spark, Arrivals arrivals, long batchId) {
    TreeMap<Instant, Optional<Instant>> highest = arrivals.highestEventTimes();
    Instant first = highest.firstKey();
    if (!behind.equals(OptionalLong.of(batchId - 1)) || first.isBefore(clock.at())) {
      readBack(tables, spark, batchId - 1, first);
    }
    TreeMap<Instant, Optional<Instant>> watermarks =
        clock.watermarks(highest, contract.allowedLateness());
    return new Standards(
        watermarks,
        seen.isPresent()
            ? repeats(spark, arrivals, watermarks, seen.get())
            : new Repeats(Optional.empty(), lookBack(tables, batchId - 1, first), Long.MAX_VALUE),
        contract.adjusts()
            ? met(tables, spark, arrivals, watermarks, batchId - 1)
            : Optional.empty());
  }

  /** Takes in a micro-batch that is done. */
  void remember(Arrivals arrivals, Standards standards, Outcomes outcomes, long batchId) {
    TreeMap<Instant, Optional<Instant>> highest = arrivals.highestEventTimes();
    clock = clock.behind(highest);
    seen.ifPresent(
        rows -> {
          long forgotten = Arrivals.micros(highest.lastKey()) - withinMicros;
          rows.forgetBefore(forgotten);
          eachOpen(
              arrivals,
              standards.watermarks(),
              (part, i) ->
                  rows.put(part.fingerprintA[i], part.fingerprintB[i], part.ingestedAt[i]));
          standing.forgetBefore(forgotten);
          outcomes.takenBack().forEach(part -> part.each(standing::takeBack));
          outcomes.standing().forEach(part -> part.each(standing::add));
        });
    if (!withinMicroBatch(contract) && bytes() > mostBytes) {
      seen = Optional.empty();
      standing = new StandingRows();
    }
    behind = OptionalLong.of(batchId);
  }

  /** How much memory the look-back takes. */
  long bytes() {
    return seen.map(rows -> rows.bytes() + (contract.adjusts() ? standing.bytes() : 0)).orElse(0L);
  }

  /** Whether repeats are looked for within a bronze micro-batch alone: no table keeps them. */
  static boolean withinMicroBatch(Contract contract) {
    return contract.dedupWithin().equals(Duration.ZERO);
  }

  private Repeats repeats(
      SparkSession spark,
      Arrivals arrivals,
      Map<Instant, Optional<Instant>> watermarks,
      SeenRows known) {
    KeyHashes arrived = new KeyHashes();
    KeyHashes suspicious = new KeyHashes();
    List<Row> repeated = new ArrayList<>();
    long[] rows = {0};
    eachOpen(
        arrivals,
        watermarks,
        (part, i) -> {
          long a = part.fingerprintA[i];
          long last = known.last(a, part.fingerprintB[i]);
          boolean again = last != SeenRows.NEVER && part.ingestedAt[i] - last <= withinMicros;
          if (again) {
            repeated.add(RowFactory.create(a, part.fingerprintB[i], Arrivals.instant(last), null));
          }
          if (!arrived.add(a) || again) {
            // The row itself, and where it is the first of its kind to be told, the one before it.
            rows[0] += suspicious.add(a) ? 2 : 1;
          }
        });
    return new Repeats(
        Optional.of(new SharedHashes(spark, suspicious)),
        spark.createDataFrame(repeated, LiveTables.SEEN_SCHEMA).coalesce(1),
        rows[0]);
  }

  private Optional<Met> met(
      LiveTables tables,
      SparkSession spark,
      Arrivals arrivals,
      Map<Instant, Optional<Instant>> watermarks,
      long last) {
    KeyHashes arrived = new KeyHashes();
    KeyHashes several = new KeyHashes();
    eachOpen(
        arrivals,
        watermarks,
        (part, i) -> {
          if (!arrived.add(part.keyHash[i])) {
            several.add(part.keyHash[i]);
          }
        });
    StandingRows known =
        seen.isPresent()
            ? standing
            : standingOf(tables, spark, arrived, last, arrivals.highestEventTimes().firstKey());
    KeyHashes keys = new KeyHashes();
    Set<Standing> found = new HashSet<>();
    long[] rows = {0};
    eachOpen(
        arrivals,
        watermarks,
        (part, i) -> {
          long hash = part.keyHash[i];
          boolean stands = known.find(hash, part.ingestedAt[i] - withinMicros, found);
          if (stands || several.contains(hash)) {
            keys.add(hash);
            rows[0]++;
          }
        });
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Met(new SharedHashes(spark, keys), List.copyOf(found), rows[0] + found.size()));
  }

  private StandingRows standingOf(
      LiveTables tables, SparkSession spark, KeyHashes keys, long last, Instant first) {
    try (SharedHashes shared = new SharedHashes(spark, keys)) {
      return collectStanding(
          standingRows(tables, last, first).where(shared.holds(col(LiveTables.KEY_HASH))));
    }
  }

  private interface OpenRow {
    void at(Arrivals.Part part, int index);
  }

  /** Those of the rows that may repeat another that are not late. */
  private static void eachOpen(
      Arrivals arrivals, Map<Instant, Optional<Instant>> watermarks, OpenRow visitor) {
    Map<Long, Long> micros = new TreeMap<>();
    watermarks.forEach(
        (at, mark) ->
            micros.put(Arrivals.micros(at), mark.map(Arrivals::micros).orElse(SeenRows.NEVER)));
    long at = 0;
    long watermark = SeenRows.NEVER;
    boolean begun = false;
    for (Arrivals.Part part : arrivals.parts()) {
      for (int i = 0; i < part.length; i++) {
        if (!begun || part.ingestedAt[i] != at) {
          begun = true;
          at = part.ingestedAt[i];
          watermark = micros.get(at);
        }
        if (part.eventTime[i] >= watermark) {
          visitor.at(part, i);
        }
      }
    }
  }

  private void readBack(LiveTables tables, SparkSession spark, long last, Instant first) {
    Column at = col(EventParser.INGESTED_AT);
    Column highest = col(BronzeReads.MAX_EVENT_TIME);
    Row row =
        tables
            .reads()
            .upTo(OptionalLong.of(last))
            .agg(
                max(when(at.lt(lit(first)), highest)).as("before"),
                max(when(at.equalTo(lit(first)), highest)).as("within"))
            .head();
    clock =
        new BronzeClock(
            Optional.ofNullable(row.getAs("before")),
            first,
            Optional.ofNullable(row.getAs("within")));
    Dataset<Row> rows =
        withinMicroBatch(contract)
            ? readBefore(tables, spark, last, first)
            : lookBack(tables, last, first);
    SeenRows known = new SeenRows();
    boolean tooMany = !withinMicroBatch(contract) && mostBytesOf(rows.count()) > mostBytes;
    standing = new StandingRows();
    if (!tooMany) {
      rows.select(LiveTables.FINGERPRINT_A, LiveTables.FINGERPRINT_B, EventParser.INGESTED_AT)
          .queryExecution()
          .toRdd()
          .toJavaRDD()
          .map(LiveMemory::longs)
          .collect()
          .forEach(entry -> known.put(entry[0], entry[1], entry[2]));
    }
    if (!tooMany && contract.adjusts()) {
      standing = collectStanding(standingRows(tables, last, first));
    }
    seen = tooMany ? Optional.empty() : Optional.of(known);
    behind = OptionalLong.of(last);
  }

  private long mostBytesOf(long rows) {
    return rows * 4 * 3 * Long.BYTES + (contract.adjusts() ? StandingRows.bytes(rows) : 0);
  }

  private static StandingRows collectStanding(Dataset<Row> rows) {
    StandingRows standing = new StandingRows();
    rows.select(
            LiveTables.KEY_HASH, EventParser.INGESTED_AT, EventParser.PARTITION, EventParser.OFFSET)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(PACK)
        .collect()
        .forEach(part -> part.each(standing::add));
    return standing;
  }

  private static long[] longs(InternalRow row) {
    return new long[] {row.getLong(0), row.getLong(1), row.getLong(2)};
  }

  /** Fingerprints of rows that those of a micro-batch may repeat. */
  private Dataset<Row> lookBack(LiveTables tables, long last, Instant first) {
    return tables
        .seen()
        .read()
        .where(Generation.upTo(OptionalLong.of(last)))
        .where(col(EventParser.INGESTED_AT).geq(lit(first.minus(contract.dedupWithin()))));
  }

  /** Rows that count for their keys, and that those of a micro-batch may correct. */
  private Dataset<Row> standingRows(LiveTables tables, long last, Instant first) {
    Dataset<Row> takenBack =
        tables
            .exceptions(OptionalLong.of(last))
            .where(col(Disposition.COLUMN).equalTo(Disposition.SUPERSEDED))
            .where(col(EventParser.INGESTED_AT).geq(lit(first.minus(contract.dedupWithin()))))
            .select(EventParser.PARTITION, EventParser.OFFSET)
            .as("_taken");
    Dataset<Row> counted =
        lookBack(tables, last, first).where(col(LiveTables.KEY_HASH).isNotNull()).as("_counted");
    return counted.join(
        takenBack,
        Stream.of(EventParser.PARTITION, EventParser.OFFSET)
            .map(name -> col("_counted." + name).equalTo(col("_taken." + name)))
            .reduce(Column::and)
            .orElseThrow(),
        "left_anti");
  }

  /** The rows of a bronze micro-batch that an earlier one of the live query has read. */
  private Dataset<Row> readBefore(LiveTables tables, SparkSession spark, long last, Instant at) {
    Cut cut = tables.reads().cut(OptionalLong.of(last));
    Dataset<Row> bronze =
        new LakeTable(spark, lake.bronze(contract.domain()))
            .read()
            .where(col(Bronze.INGESTED_AT).equalTo(lit(at)))
            .where(not(cut.isBefore(col(Bronze.PARTITION), col(Bronze.OFFSET))));
    Dataset<Row> parsed =
        EventReader.at(spark, lake, contract, tables.reads().referenceVersions(last)).read(bronze);
    Optional<Instant> watermark = clock.before().map(t -> t.minus(contract.allowedLateness()));
    Column late = watermark.map(mark -> col(contract.eventTime()).lt(lit(mark))).orElse(lit(false));
    return new RowJudge(contract)
        .withFingerprints(
            parsed.where(
                not(col(EventParser.FAILS))
                    .and(col(EventParser.OPERATION).equalTo(EventParser.UPSERT))
                    .and(not(coalesce(late, lit(false))))));
  }
}
