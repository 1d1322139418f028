package assay.reconciliation;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Enrich;
import assay.ingestion.Bronze;
import assay.ingestion.OffsetRange;
import assay.silver.Cut;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.LookedUp;
import assay.silver.Quarantine;
import assay.silver.Silver;
import assay.views.live.LiveReader;
import assay.views.live.LiveTables;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The rows that one side has in its numbers and the other has not, or has as another. They are
 * found where rows were set aside (exceptions, quarantine), in bronze between the two cuts, and
 * where the two paths looked up in other versions of a reference table; a day is never read whole.
 *
 * <p>A row has the values that it has in the number it is in: where live counted it, those that
 * live looked up for it, and where batch loaded it, those of silver.
 */
final class RowDifferences {
  static final String LIVE = "_live";
  static final String BATCH = "_batch";
  static final String CAUSE = "_cause";

  /**
   * +1 where the row, as it is here, is in the live number only, -1 where it is in the batch number
   * only. A row of {@link Cause#ENRICHMENT} is here twice, once with each.
   */
  static final String SIGN = "_sign";

  private static final String VALUES = "_values";
  private static final String IN_SILVER = "_in_silver";
  private static final String READING = "_reading";
  private static final String[] POSITION = {EventParser.PARTITION, EventParser.OFFSET};

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final List<Enrich> lookUps;
  private final Pins pins;
  private final LiveReader asLive;

  /**
   * Rows between two sides.
   *
   * @param lookUps those that what is compared is made of
   */
  RowDifferences(
      SparkSession spark, Lake lake, Contract contract, List<Enrich> lookUps, Pins pins) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.lookUps = List.copyOf(lookUps);
    this.pins = pins;
    this.asLive =
        LiveReader.upTo(
            spark, lake, contract, new LiveTables(spark, lake, contract).reads(), pins.testBatch());
  }

  /**
   * The contract's columns, enriched ones too, day and position, with both dispositions, the cause
   * and the sign. The metric set's filter is not asked.
   *
   * @param days a condition over the day: what was looked up for rows of other days may be out of
   *     reach by now
   */
  Dataset<Row> find(Column days) {
    Dataset<Row> rows = inOneNumber().where(days);
    List<OffsetRange> otherwise = narrowed(lookedUpOtherwise(), rows, days);
    if (otherwise.isEmpty()) {
      return rows;
    }
    Dataset<Row> loaded =
        values(
            silver()
                .where(days)
                .where(
                    BronzeOffsets.in(
                        otherwise, col(EventParser.PARTITION), col(EventParser.OFFSET))),
            IN_SILVER);
    return asEachSideReadThem(rows, loaded, otherwise)
        .unionByName(readOtherwise(loaded, otherwise));
  }

  /** The same ranges, no wider than the rows of some days lie. */
  private List<OffsetRange> narrowed(
      List<OffsetRange> ranges, Dataset<Row> differing, Column days) {
    if (ranges.isEmpty()) {
      return ranges;
    }
    Dataset<Row> positions =
        silver()
            .where(days)
            .select(EventParser.PARTITION, EventParser.OFFSET)
            .unionByName(differing.select(EventParser.PARTITION, EventParser.OFFSET));
    List<OffsetRange> narrow = new ArrayList<>();
    for (OffsetRange extent : extents(positions)) {
      ranges.forEach(range -> range.intersect(extent).ifPresent(narrow::add));
    }
    return narrow;
  }

  /** From the first to the last position of each partition. */
  private static List<OffsetRange> extents(Dataset<Row> positions) {
    Column offset = col(EventParser.OFFSET);
    return positions
        .groupBy(EventParser.PARTITION)
        .agg(min(offset), max(offset))
        .collectAsList()
        .stream()
        .map(row -> new OffsetRange(row.getInt(0), row.getLong(1), row.getLong(2)))
        .toList();
  }

  private Dataset<Row> inOneNumber() {
    Dataset<Row> rows =
        judgedByLive()
            .join(judgedByBatch(), POSITION, "full_outer")
            .join(betweenCuts(), POSITION, "full_outer");
    Column partition = col(EventParser.PARTITION);
    Column offset = col(EventParser.OFFSET);
    Column live =
        when(pins.test().isBefore(partition, offset), lit(Disposition.PENDING))
            .otherwise(coalesce(col(LIVE), lit(Disposition.COUNTED)));
    Column batch =
        when(pins.control().isBefore(partition, offset), lit(Disposition.PENDING))
            .otherwise(coalesce(col(BATCH), lit(Disposition.LOADED)));
    Column counted = col(LIVE).equalTo(Disposition.COUNTED);
    Column loaded = col(BATCH).equalTo(Disposition.LOADED);
    Column values =
        coalesce(col(VALUES + LIVE), col(VALUES + BATCH), col(VALUES + Disposition.PENDING))
            .as(VALUES);
    List<Column> selected = new ArrayList<>(List.of(partition, offset));
    selected.add(live.as(LIVE));
    selected.add(batch.as(BATCH));
    selected.add(values);
    return shaped(
        rows.select(selected.toArray(Column[]::new))
            .where(counted.notEqual(loaded))
            .withColumn(CAUSE, cause())
            .withColumn(SIGN, when(counted, 1).otherwise(-1)));
  }

  private static Dataset<Row> shaped(Dataset<Row> rows) {
    return rows.select(
        col(EventParser.PARTITION),
        col(EventParser.OFFSET),
        col(LIVE),
        col(BATCH),
        col(CAUSE),
        col(SIGN),
        col(VALUES + ".*"));
  }

  /** The table of docs/dispositions.md; only pairs that make a difference come here. */
  private static Column cause() {
    Column live = col(LIVE);
    Column batch = col(BATCH);
    return when(
            live.equalTo(Disposition.PENDING).or(batch.equalTo(Disposition.PENDING)),
            lit(Cause.CUT.label()))
        .when(live.equalTo(Disposition.LATE), lit(Cause.LATE.label()))
        .when(
            live.isin(Disposition.DUPLICATE, Disposition.SUPERSEDED), lit(Cause.SUPERSEDED.label()))
        .when(live.equalTo(Disposition.QUARANTINED), lit(Cause.QUARANTINED.label()))
        .when(batch.equalTo(Disposition.DUPLICATE), lit(Cause.DUPLICATE.label()))
        .when(batch.equalTo(Disposition.SUPERSEDED), lit(Cause.SUPERSEDED.label()))
        .when(batch.equalTo(Disposition.QUARANTINED), lit(Cause.QUARANTINED.label()));
  }

  private Dataset<Row> judgedByLive() {
    return side(exceptionsOfLive(), col(Disposition.COLUMN), LIVE);
  }

  private Dataset<Row> exceptionsOfLive() {
    return new LiveTables(spark, lake, contract).exceptions(pins.testBatch());
  }

  private Dataset<Row> judgedByBatch() {
    Silver silver = new Silver(spark, lake, contract);
    long version = pins.silver().version();
    // What batch set aside makes a difference where live counted it.
    Dataset<Row> setAside = Quarantine.asBronze(silver.quarantine(version));
    Dataset<Row> quarantined = asLive.read(setAside, notSetAsideByLive(setAside));
    return side(silver.exceptions(version), col(Disposition.COLUMN), BATCH)
        .unionByName(side(quarantined, lit(Disposition.QUARANTINED), BATCH));
  }

  /** Where rows lie whose values come from this side: live has none of its own to go by. */
  private List<OffsetRange> notSetAsideByLive(Dataset<Row> setAside) {
    if (asLive.stretches().isEmpty()) {
      return List.of();
    }
    Dataset<Row> positions =
        setAside.select(
            col(Bronze.PARTITION).as(EventParser.PARTITION),
            col(Bronze.OFFSET).as(EventParser.OFFSET));
    return extents(
        positions.join(
            exceptionsOfLive().select(EventParser.PARTITION, EventParser.OFFSET),
            POSITION,
            "left_anti"));
  }

  private Dataset<Row> silver() {
    return new Silver(spark, lake, contract).table().readAt(pins.silver().version());
  }

  /** Rows that exactly one side has read, as that side read them. */
  private Dataset<Row> betweenCuts() {
    Dataset<Row> bronze =
        new LakeTable(spark, lake.bronze(contract.domain())).readAt(pins.bronze());
    // A row that fails is in nobody's number; of those that only batch has read, those in silver
    // are in its number.
    List<OffsetRange> byLive = readOnlyBy(pins.test(), pins.control());
    Dataset<Row> onlyLive =
        asLive
            .read(
                bronze.where(BronzeOffsets.in(byLive, col(Bronze.PARTITION), col(Bronze.OFFSET))),
                byLive)
            .where(not(col(EventParser.FAILS)));
    Dataset<Row> onlyBatch =
        silver()
            .where(
                BronzeOffsets.in(
                    readOnlyBy(pins.control(), pins.test()),
                    col(EventParser.PARTITION),
                    col(EventParser.OFFSET)));
    return values(onlyLive, VALUES + Disposition.PENDING)
        .unionByName(values(onlyBatch, VALUES + Disposition.PENDING));
  }

  /** Up to one cut and behind the other. */
  private static List<OffsetRange> readOnlyBy(Cut one, Cut other) {
    List<OffsetRange> ranges = new ArrayList<>();
    one.lastOffsets()
        .forEach(
            (number, last) -> {
              long first = other.lastOffsets().getOrDefault(number, -1L) + 1;
              if (first <= last) {
                ranges.add(new OffsetRange(number, first, last));
              }
            });
    return ranges;
  }

  /**
   * Where the two paths may have looked up something else for a row that both have read, of what
   * what is compared is made of.
   */
  private List<OffsetRange> lookedUpOtherwise() {
    List<OffsetRange> ranges = new ArrayList<>();
    if (lookUps.isEmpty()) {
      return ranges;
    }
    List<LookedUp> byBatch = new Silver(spark, lake, contract).lookedUp(pins.silver().version());
    for (LiveReader.Stretch live : asLive.stretches()) {
      for (LookedUp batch : byBatch) {
        boolean differs =
            lookUps.stream()
                .map(Enrich::name)
                .filter(live.versions()::containsKey)
                .anyMatch(name -> batch.mayDiffer(name, live.versions().get(name)));
        if (differs) {
          live.range().intersect(batch.range()).ifPresent(ranges::add);
        }
      }
    }
    return ranges;
  }

  /** What live set aside has the values that live looked up, and the other way round. */
  private Dataset<Row> asEachSideReadThem(
      Dataset<Row> rows, Dataset<Row> loaded, List<OffsetRange> otherwise) {
    Column counted = col(SIGN).equalTo(1);
    Dataset<Row> asCounted = asLive.lookUpAnew(rows.where(counted), otherwise);
    Dataset<Row> asLoaded =
        rows.where(not(counted))
            .join(loaded, POSITION, "left_outer")
            .withColumn(VALUES, coalesce(col(IN_SILVER), structOfValues()));
    return asCounted.unionByName(shaped(asLoaded));
  }

  /** Rows in both numbers that are not the same there. */
  private Dataset<Row> readOtherwise(Dataset<Row> loaded, List<OffsetRange> otherwise) {
    Dataset<Row> asLoaded =
        loaded
            .join(
                exceptionsOfLive().select(EventParser.PARTITION, EventParser.OFFSET),
                POSITION,
                "left_anti")
            .select(
                col(EventParser.PARTITION),
                col(EventParser.OFFSET),
                col(IN_SILVER),
                col(IN_SILVER + ".*"));
    Dataset<Row> both = asLive.lookUpAnew(asLoaded, otherwise).withColumn(VALUES, structOfValues());
    Column same = lit(true);
    for (Enrich enrich : lookUps) {
      for (Enrich.Added added : enrich.columns()) {
        same = same.and(col(added.name()).eqNullSafe(col(IN_SILVER).getField(added.name())));
      }
    }
    return shaped(
        both.where(not(same))
            .select(
                col(EventParser.PARTITION),
                col(EventParser.OFFSET),
                lit(Disposition.COUNTED).as(LIVE),
                lit(Disposition.LOADED).as(BATCH),
                lit(Cause.ENRICHMENT.label()).as(CAUSE),
                explode(
                        array(
                            struct(lit(-1).as(SIGN), col(IN_SILVER).as(VALUES)),
                            struct(lit(1).as(SIGN), col(VALUES).as(VALUES))))
                    .as(READING))
            .select(
                col(EventParser.PARTITION),
                col(EventParser.OFFSET),
                col(LIVE),
                col(BATCH),
                col(CAUSE),
                col(READING + ".*")));
  }

  private Dataset<Row> side(Dataset<Row> rows, Column disposition, String name) {
    return rows.select(
        col(EventParser.PARTITION),
        col(EventParser.OFFSET),
        disposition.as(name),
        structOfValues().as(VALUES + name));
  }

  /** The position, and all values as one column. */
  private Dataset<Row> values(Dataset<Row> rows, String name) {
    return rows.select(
        col(EventParser.PARTITION), col(EventParser.OFFSET), structOfValues().as(name));
  }

  private Column structOfValues() {
    return struct(
        Stream.concat(Stream.of(EventParser.EVENT_DATE), contract.allColumnNames().stream())
            .map(functions::col)
            .toArray(Column[]::new));
  }
}
