package assay.reconciliation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.ingestion.BronzeGaps;
import assay.ingestion.OffsetRange;
import assay.reconciliation.BronzeOffsets.Held;
import assay.reconciliation.Ledger.Finding;
import assay.silver.Cut;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.BronzeReads;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Shows where every row of bronze went on each path: in sum over all that was ever read, and row by
 * row in the ranges of offsets that were read since the last time.
 */
final class Ledgers {
  private static final String BATCH = "batch";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Instant now;
  private final LakeTable bronze;
  private final LedgerTable table;
  private final Map<OffsetRange, Held> looked = new HashMap<>();

  Ledgers(SparkSession spark, Lake lake, Contract contract, Instant now) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.now = now;
    this.bronze = new LakeTable(spark, lake.bronze(contract.domain()));
    this.table = new LedgerTable(spark, lake);
  }

  Ledger ofBatch(Pins pins) {
    Silver silver = new Silver(spark, lake, contract);
    long version = pins.silver().version();
    Dataset<Row> loaded = silver.table().readAt(version);
    Dataset<Row> exceptions = silver.exceptions(version);
    Dataset<Row> quarantine = silver.quarantine(version);
    Map<String, Long> aside = countBy(exceptions);
    long rows = bronzeAt(pins).count();
    Map<String, Long> dispositions = new LinkedHashMap<>();
    dispositions.put(Disposition.LOADED, loaded.count());
    dispositions.put(Disposition.SUPERSEDED, aside.getOrDefault(Disposition.SUPERSEDED, 0L));
    dispositions.put(Disposition.DUPLICATE, aside.getOrDefault(Disposition.DUPLICATE, 0L));
    if (contract.source().tellsDeletes()) {
      dispositions.put(Disposition.DELETED, aside.getOrDefault(Disposition.DELETED, 0L));
    }
    dispositions.put(Disposition.QUARANTINED, quarantine.count());
    dispositions.put(Disposition.PENDING, rows - pins.silver().rowsRead());
    Dataset<Row> judged =
        judged(loaded, lit(Disposition.LOADED))
            .unionByName(judged(exceptions, col(Disposition.COLUMN)))
            .unionByName(judged(quarantine, lit(Disposition.QUARANTINED)));
    Ledger sums = new Ledger(contract.domain(), BATCH, rows, dispositions);
    return inRanges(
        sums,
        pins,
        pins.control(),
        (ranges, held) -> {
          Map<Integer, Judged> found = countJudged(judged, ranges);
          List<OffsetRange> off =
              ranges.stream()
                  .filter(
                      r ->
                          !found
                              .getOrDefault(r.partition(), Judged.NONE)
                              .isOf(held.get(r.partition())))
                  .toList();
          return new Judgement(found, off.isEmpty() ? List.of() : misplaced(judged, pins).in(off));
        },
        () -> misplaced(judged, pins).in(upTo(pins.control())));
  }

  Ledger ofLive(MetricSet metrics, Pins pins) {
    LiveTables live = new LiveTables(spark, lake, contract);
    LiveView view = new LiveView(spark, lake, contract, metrics);
    Dataset<Row> exceptions = live.exceptions(pins.testBatch());
    Dataset<Row> partials = view.table().readAt(pins.live());
    Dataset<Row> reads = live.reads().upTo(pins.testBatch());
    Map<String, Long> setAside = countBy(exceptions);
    long rows = bronzeAt(pins).count();
    Map<String, Long> dispositions = new LinkedHashMap<>();
    dispositions.put(Disposition.COUNTED, LiveView.rows(partials));
    dispositions.put(Disposition.DUPLICATE, setAside.getOrDefault(Disposition.DUPLICATE, 0L));
    dispositions.put(Disposition.LATE, setAside.getOrDefault(Disposition.LATE, 0L));
    if (contract.adjusts() || setAside.containsKey(Disposition.SUPERSEDED)) {
      dispositions.put(Disposition.SUPERSEDED, setAside.getOrDefault(Disposition.SUPERSEDED, 0L));
    }
    dispositions.put(Disposition.QUARANTINED, setAside.getOrDefault(Disposition.QUARANTINED, 0L));
    if (contract.source().tellsDeletes()) {
      dispositions.put(Disposition.DELETED, setAside.getOrDefault(Disposition.DELETED, 0L));
    }
    dispositions.put(Disposition.PENDING, rows - sumOf(reads, BronzeReads.ROWS));
    Dataset<Row> judged = judged(exceptions, col(Disposition.COLUMN));
    Ledger sums = new Ledger(contract.domain(), "live." + metrics.name(), rows, dispositions);
    return inRanges(
        sums,
        pins,
        pins.test(),
        (ranges, held) -> {
          Map<Integer, Judged> found = new TreeMap<>(countJudged(judged, ranges));
          // A view keeps no row that it counts: what was not set aside is what it must hold.
          for (OffsetRange r : ranges) {
            Judged aside = found.getOrDefault(r.partition(), Judged.NONE);
            long counted = held.get(r.partition()).rows() - aside.rows();
            found.put(
                r.partition(),
                aside.and(new Judged(Map.of(Disposition.COUNTED, counted), counted, 0)));
          }
          return new Judgement(found, misplaced(judged, pins).twiceIn(ranges));
        },
        () -> MicroBatches.find(reads, exceptions, partials));
  }

  /** Sums to what was read since the last time, range by range. */
  private Ledger inRanges(Ledger sums, Pins pins, Cut cut, Judge judge, Search search) {
    String id = bronze.id();
    List<LedgerRange> known = table.known(contract.domain(), sums.path(), id);
    List<OffsetRange> ranges = behind(known, cut);
    List<Finding> findings = new ArrayList<>();
    List<LedgerRange> added = new ArrayList<>();
    if (!ranges.isEmpty()) {
      Map<Integer, Held> held = held(ranges, pins);
      Judgement judgement = judge.judge(ranges, held);
      findings.addAll(judgement.findings());
      for (OffsetRange range : ranges) {
        Held rows = held.get(range.partition());
        rows.twice().stream()
            .limit(Misplaced.SHOWN)
            .forEach(
                offset ->
                    findings.add(
                        new Finding(
                            new OffsetRange(range.partition(), offset, offset).toString(),
                            1,
                            "twice in bronze")));
        added.add(
            new LedgerRange(
                range,
                rows.rows(),
                judgement.found().getOrDefault(range.partition(), Judged.NONE).byDisposition(),
                rows.gaps(),
                rows.missing()));
      }
    }
    if (sums.unaccounted() != 0 && findings.isEmpty()) {
      findings.addAll(search.search());
    }
    List<LedgerRange> all =
        known.stream().filter(r -> isWithin(r.range(), cut)).collect(Collectors.toList());
    all.addAll(added);
    Ledger ledger =
        new Ledger(
            sums.domain(),
            sums.path(),
            sums.bronze(),
            sums.dispositions(),
            LedgerRange.together(all),
            findings);
    table.append(contract.domain(), sums.path(), id, pins.bronze(), added, ledger.wrong(), now);
    return ledger;
  }

  /**
   * By partition; bronze is only ever appended to, so that one look at a range serves all paths.
   */
  private Map<Integer, Held> held(List<OffsetRange> ranges, Pins pins) {
    List<OffsetRange> unknown = ranges.stream().filter(r -> !looked.containsKey(r)).toList();
    new BronzeOffsets(bronzeAt(pins), new BronzeGaps(spark, lake, contract))
        .of(unknown)
        .values()
        .forEach(h -> looked.put(h.range(), h));
    return ranges.stream().collect(Collectors.toMap(OffsetRange::partition, looked::get));
  }

  private interface Judge {
    Judgement judge(List<OffsetRange> ranges, Map<Integer, Held> held);
  }

  private interface Search {
    List<Finding> search();
  }

  /** What a path did with the rows of ranges, by partition, and what is wrong with it. */
  private record Judgement(Map<Integer, Judged> found, List<Finding> findings) {}

  /**
   * Rows that have a disposition.
   *
   * @param print see {@link BronzeOffsets#print}
   */
  private record Judged(Map<String, Long> byDisposition, long rows, long print) {
    static final Judged NONE = new Judged(Map.of(), 0, 0);

    Judged and(Judged more) {
      Map<String, Long> all = new TreeMap<>(byDisposition);
      all.putAll(more.byDisposition);
      return new Judged(all, rows + more.rows, print + more.print);
    }

    boolean isOf(Held held) {
      return rows == held.rows() && print == held.print();
    }
  }

  private static Dataset<Row> judged(Dataset<Row> rows, Column disposition) {
    return rows.select(
        col(EventParser.PARTITION), col(EventParser.OFFSET), disposition.as(Disposition.COLUMN));
  }

  private static Map<Integer, Judged> countJudged(Dataset<Row> judged, List<OffsetRange> ranges) {
    Map<Integer, Judged> byPartition = new TreeMap<>();
    judged
        .where(BronzeOffsets.in(ranges, col(EventParser.PARTITION), col(EventParser.OFFSET)))
        .groupBy(col(EventParser.PARTITION), col(Disposition.COLUMN))
        .agg(count(lit(1)), sum(BronzeOffsets.print(col(EventParser.OFFSET))))
        .collectAsList()
        .forEach(
            row ->
                byPartition.merge(
                    row.getInt(0),
                    new Judged(
                        Map.of(row.getString(1), row.getLong(2)), row.getLong(2), row.getLong(3)),
                    Judged::and));
    return byPartition;
  }

  private Misplaced misplaced(Dataset<Row> judged, Pins pins) {
    return new Misplaced(bronzeAt(pins), judged);
  }

  private Dataset<Row> bronzeAt(Pins pins) {
    return bronze.readAt(pins.bronze());
  }

  private static boolean isWithin(OffsetRange range, Cut cut) {
    return range.last() <= cut.lastOffsets().getOrDefault(range.partition(), -1L);
  }

  private static List<OffsetRange> upTo(Cut cut) {
    return behind(List.of(), cut);
  }

  /** What a cut has behind the ranges that are known; each partition's follow each other. */
  private static List<OffsetRange> behind(List<LedgerRange> known, Cut cut) {
    Map<Integer, Long> next =
        known.stream()
            .map(LedgerRange::range)
            .collect(Collectors.toMap(OffsetRange::partition, r -> r.last() + 1, Math::max));
    List<OffsetRange> ranges = new ArrayList<>();
    cut.lastOffsets()
        .forEach(
            (partition, last) -> {
              long first = next.getOrDefault(partition, 0L);
              if (first <= last) {
                ranges.add(new OffsetRange(partition, first, last));
              }
            });
    return ranges;
  }

  private static Map<String, Long> countBy(Dataset<Row> exceptions) {
    return exceptions.groupBy(col(Disposition.COLUMN)).count().collectAsList().stream()
        .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
  }

  private static long sumOf(Dataset<Row> rows, String column) {
    Row row = rows.agg(sum(col(column))).head();
    return row.isNullAt(0) ? 0 : row.getLong(0);
  }
}
