package assay.reconciliation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.gold.Gold;
import assay.ingestion.Bronze;
import assay.silver.Cut;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.BronzeReads;
import assay.views.live.LiveView;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Finds the newest version of each side that had read no further than an earlier version of bronze.
 *
 * @param at the version of bronze
 */
record PinsInTime(
    SparkSession spark, Contract contract, Gold gold, LiveView view, LakeTable bronze, long at) {
  private static final String NEWER = "give a newer version of bronze, or leave --at out";

  /** Up to where that version of bronze goes. */
  Cut limit() {
    if (at < 0 || at > bronze.version() || !bronze.reaches(at)) {
      throw Pins.missing(
          "%s has no version %d that its log reaches; the newest is %d"
              .formatted(bronze.path(), at, bronze.version()),
          "give one that 'DESCRIBE HISTORY' of the table lists");
    }
    Map<Integer, Long> offsets = new TreeMap<>();
    bronze
        .readAt(at)
        .groupBy(col(Bronze.PARTITION))
        .agg(max(col(Bronze.OFFSET)))
        .collectAsList()
        .forEach(row -> offsets.put(row.getInt(0), row.getLong(1)));
    return new Cut(offsets);
  }

  /** The version of gold. */
  long goldWithin(Cut limit, Silver silver) {
    LakeTable table = gold.table();
    long version =
        newest(
            table,
            v -> {
              OptionalLong ofSilver = gold.silverVersionAt(v);
              return ofSilver.isEmpty()
                  || !silver.table().reaches(ofSilver.getAsLong())
                  || isWithin(silver.state(ofSilver.getAsLong()).read(), limit);
            });
    OptionalLong ofSilver = version < 0 ? OptionalLong.empty() : gold.silverVersionAt(version);
    boolean known = ofSilver.isPresent() && silver.table().reaches(ofSilver.getAsLong());
    if (!known) {
      throw readFurther(table, "a later 'assay gold' restated it all");
    }
    if (!gold.isOfToday(version, silver.table())) {
      throw Pins.missing(
          "version %d of %s, the newest that had read no further, was computed under another definition or from another silver"
              .formatted(version, table.path()),
          NEWER);
    }
    return version;
  }

  /** The version of the live view. */
  long liveWithin(Cut limit, BronzeReads reads) {
    LakeTable table = view.table();
    Row beyond =
        reads
            .upTo(view.lastBatch(table.version()))
            .where(limit.isBefore(col(EventParser.PARTITION), col(BronzeReads.LAST_OFFSET)))
            .agg(min(col(Silver.BATCH_ID)))
            .head();
    if (beyond.isNullAt(0)) {
      return table.version();
    }
    long first = beyond.getLong(0);
    long version = newest(table, v -> view.lastBatch(v).orElse(-1) < first);
    boolean known =
        version >= 0
            && view.lastBatch(version).isPresent()
            && !reads.cut(view.lastBatch(version)).lastOffsets().isEmpty();
    if (!known) {
      throw readFurther(table, "it was built anew since");
    }
    if (!view.isOfToday(version)) {
      throw Pins.missing(
          "version %d of %s, the newest that had read no further, was accumulated under another definition"
              .formatted(version, table.path()),
          NEWER);
    }
    return version;
  }

  private RuntimeException readFurther(LakeTable table, String or) {
    return Pins.missing(
        "%s had read beyond version %d of bronze in every version that its log reaches, or %s"
            .formatted(table.path(), at, or),
        NEWER);
  }

  /**
   * The newest version that is within, as versions read on from one to the next; -1 where none is.
   * One that the log does not reach counts as within.
   */
  private static long newest(LakeTable table, LongPredicate within) {
    long low = -1;
    long high = table.version();
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (!table.reaches(middle) || within.test(middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low >= 0 && table.reaches(low) ? low : -1;
  }

  private static boolean isWithin(Cut read, Cut limit) {
    return read.lastOffsets().entrySet().stream()
        .allMatch(e -> e.getValue() <= limit.lastOffsets().getOrDefault(e.getKey(), -1L));
  }
}
