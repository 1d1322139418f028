package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.core.contract.Contract;
import assay.silver.Enrichment;
import assay.silver.EventParser;
import java.io.Serializable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;

/**
 * What must be known of a micro-batch before its rows are judged, in one pass over them.
 *
 * @param reads rows of {@link BronzeReads#SCHEMA}
 * @param parts the rows that may repeat another, task by task
 * @param ages of the rows, in milliseconds, from Kafka's timestamp to the moment that its start
 *     time names
 */
record Arrivals(List<Row> reads, List<Part> parts, Histogram ages) {
  private static final int INGESTED_AT = 0;
  private static final int PARTITION = 1;
  private static final int OFFSET = 2;
  private static final int FAILS = 3;
  private static final int EVENT_TIME = 4;
  private static final int IS_OPEN = 5;
  private static final int FINGERPRINT_A = 6;
  private static final int FINGERPRINT_B = 7;
  private static final int KAFKA_TIMESTAMP = 8;
  private static final int KEY_HASH = 9;

  /** Two digits of an age count. */
  private static final int DIGITS = 2;

  /**
   * Looks at a micro-batch.
   *
   * @param parsed with the fingerprints of {@link RowJudge#withFingerprints}
   * @param batchId for the rows of {@code reads}
   * @param now the moment that ages are measured to
   */
  static Arrivals of(Dataset<Row> parsed, Contract contract, long batchId, Instant now) {
    long nowMillis = now.toEpochMilli();
    boolean keyed = contract.adjusts();
    FlatMapFunction<Iterator<InternalRow>, Part> pack =
        rows -> List.of(new Part(rows, nowMillis, keyed)).iterator();
    List<Part> parts =
        parsed
            .select(
                col(EventParser.INGESTED_AT),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET),
                col(EventParser.FAILS),
                col(contract.eventTime()),
                not(col(EventParser.FAILS))
                    .and(col(EventParser.OPERATION).equalTo(EventParser.UPSERT)),
                col(LiveTables.FINGERPRINT_A),
                col(LiveTables.FINGERPRINT_B),
                col(EventParser.KAFKA_TIMESTAMP),
                keyed ? col(LiveTables.KEY_HASH) : lit(0L))
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(pack)
            .collect();
    Map<String, Long> versions = Enrichment.versionsOf(parsed);
    Map<Read, long[]> sums = new HashMap<>();
    Histogram ages = new Histogram(DIGITS);
    ages.setStartTimeStamp(nowMillis);
    for (Part part : parts) {
      part.reads.forEach((read, counts) -> sums.merge(read, counts, Part::add));
      ages.add(part.ages);
    }
    List<Row> reads = new ArrayList<>();
    sums.forEach(
        (read, counts) ->
            reads.add(
                new GenericRowWithSchema(
                    new Object[] {
                      batchId,
                      instant(read.ingestedAt),
                      read.partition,
                      counts[Part.LAST_OFFSET],
                      counts[Part.ROWS],
                      counts[Part.MAX_EVENT_TIME] == SeenRows.NEVER
                          ? null
                          : instant(counts[Part.MAX_EVENT_TIME]),
                      versions.isEmpty() ? null : versions
                    },
                    BronzeReads.SCHEMA)));
    return new Arrivals(reads, parts, ages);
  }

  long rows() {
    return reads.stream().mapToLong(row -> row.<Long>getAs(BronzeReads.ROWS)).sum();
  }

  /** The highest event time of each bronze micro-batch among these, by its time of ingest. */
  TreeMap<Instant, Optional<Instant>> highestEventTimes() {
    TreeMap<Instant, Optional<Instant>> highest = new TreeMap<>();
    for (Row row : reads) {
      highest.merge(
          row.getAs(EventParser.INGESTED_AT),
          Optional.ofNullable(row.getAs(BronzeReads.MAX_EVENT_TIME)),
          BronzeClock::later);
    }
    return highest;
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  /** Rows of one bronze micro-batch and Kafka partition. */
  private record Read(long ingestedAt, int partition) implements Serializable {}

  /** What one task saw. The arrays have an entry a row. */
  static final class Part implements Serializable {
    private static final long serialVersionUID = 1;
    private static final int LAST_OFFSET = 0;
    private static final int ROWS = 1;
    private static final int MAX_EVENT_TIME = 2;

    private final HashMap<Read, long[]> reads = new HashMap<>();
    private final Histogram ages = new Histogram(DIGITS);

    // Rows that may repeat another: they neither fail nor delete. Some of them are late.
    long[] fingerprintA = new long[64];
    long[] fingerprintB = new long[64];
    long[] ingestedAt = new long[64];
    long[] eventTime = new long[64];

    /** Empty where the contract does not adjust. */
    long[] keyHash;

    int length;

    private final boolean keyed;

    Part(Iterator<InternalRow> rows, long nowMillis, boolean keyed) {
      this.keyed = keyed;
      this.keyHash = new long[keyed ? 64 : 0];
      rows.forEachRemaining(row -> add(row, nowMillis));
      resize(length);
    }

    private void resize(int size) {
      fingerprintA = Arrays.copyOf(fingerprintA, size);
      fingerprintB = Arrays.copyOf(fingerprintB, size);
      ingestedAt = Arrays.copyOf(ingestedAt, size);
      eventTime = Arrays.copyOf(eventTime, size);
      keyHash = Arrays.copyOf(keyHash, keyed ? size : 0);
    }

    private void add(InternalRow row, long nowMillis) {
      long at = row.getLong(INGESTED_AT);
      boolean clocked = !row.getBoolean(FAILS) && !row.isNullAt(EVENT_TIME);
      long time = clocked ? row.getLong(EVENT_TIME) : SeenRows.NEVER;
      reads.merge(
          new Read(at, row.getInt(PARTITION)),
          new long[] {row.getLong(OFFSET), 1, time},
          Part::add);
      if (!row.isNullAt(KAFKA_TIMESTAMP)) {
        ages.recordValue(Math.max(0, nowMillis - row.getLong(KAFKA_TIMESTAMP) / 1000));
      }
      if (row.getBoolean(IS_OPEN)) {
        if (length == fingerprintA.length) {
          resize(2 * length);
        }
        fingerprintA[length] = row.getLong(FINGERPRINT_A);
        fingerprintB[length] = row.getLong(FINGERPRINT_B);
        ingestedAt[length] = at;
        eventTime[length] = time;
        if (keyed) {
          keyHash[length] = row.getLong(KEY_HASH);
        }
        length++;
      }
    }

    private static long[] add(long[] one, long[] other) {
      return new long[] {
        Math.max(one[LAST_OFFSET], other[LAST_OFFSET]),
        one[ROWS] + other[ROWS],
        Math.max(one[MAX_EVENT_TIME], other[MAX_EVENT_TIME])
      };
    }
  }
}
