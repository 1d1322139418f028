package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import assay.silver.Cut;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.EventReader;
import assay.silver.Quarantine;
import assay.silver.Silver;
import assay.views.live.BronzeReads;
import assay.views.live.LiveTables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The rows that one side has in its numbers and the other has not. They are found where rows were
 * set aside (exceptions, quarantine) and in bronze between the two cuts; a day is never read whole.
 */
final class RowDifferences {
  static final String LIVE = "_live";
  static final String BATCH = "_batch";
  static final String CAUSE = "_cause";

  /** +1 where the row is in the live number only, -1 where it is in the batch number only. */
  static final String SIGN = "_sign";

  private static final String VALUES = "_values";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Pins pins;

  RowDifferences(SparkSession spark, Lake lake, Contract contract, Pins pins) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.pins = pins;
  }

  /**
   * The contract's columns, enriched ones too, day and position, with both dispositions, the cause
   * and the sign.
   */
  Dataset<Row> find() {
    String[] position = {EventParser.PARTITION, EventParser.OFFSET};
    Dataset<Row> rows =
        judgedByLive()
            .join(judgedByBatch(), position, "full_outer")
            .join(betweenCuts(), position, "full_outer");
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
    return rows.select(selected.toArray(Column[]::new))
        .where(counted.notEqual(loaded))
        .withColumn(CAUSE, cause())
        .withColumn(SIGN, when(counted, 1).otherwise(-1))
        .select(
            partition, offset, col(LIVE), col(BATCH), col(CAUSE), col(SIGN), col(VALUES + ".*"));
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
    Dataset<Row> exceptions = new LiveTables(spark, lake, contract).exceptions(pins.testBatch());
    return side(exceptions, col(Disposition.COLUMN), LIVE);
  }

  private Dataset<Row> judgedByBatch() {
    Silver silver = new Silver(spark, lake, contract);
    long version = pins.silver().version();
    // What batch set aside makes a difference where live counted it.
    Dataset<Row> quarantined = readAsLive().read(Quarantine.asBronze(silver.quarantine(version)));
    return side(silver.exceptions(version), col(Disposition.COLUMN), BATCH)
        .unionByName(side(quarantined, lit(Disposition.QUARANTINED), BATCH));
  }

  /** Rows of bronze that exactly one side has read, as that side's last micro-batch read them. */
  private Dataset<Row> betweenCuts() {
    Dataset<Row> bronze =
        new LakeTable(spark, lake.bronze(contract.domain())).readAt(pins.bronze());
    Optional<Column> onlyBatch = readOnlyBy(pins.control(), pins.test());
    Dataset<Row> read =
        readAsLive().read(bronze.where(readOnlyBy(pins.test(), pins.control()).orElse(lit(false))));
    if (onlyBatch.isPresent()) {
      read = read.unionByName(readAsBatch().read(bronze.where(onlyBatch.get())));
    }
    // A row that fails is in nobody's number, whichever side has read it.
    Dataset<Row> parsed = read.where(not(col(EventParser.FAILS)));
    return side(parsed, lit(Disposition.PENDING), Disposition.PENDING).drop(Disposition.PENDING);
  }

  /** Rows of bronze up to one cut and behind the other; empty where there are none. */
  private static Optional<Column> readOnlyBy(Cut one, Cut other) {
    return one.lastOffsets().keySet().stream()
        .filter(partition -> lastOffset(one, partition) > lastOffset(other, partition))
        .map(
            partition ->
                col(Bronze.PARTITION)
                    .equalTo(partition)
                    .and(col(Bronze.OFFSET).gt(lastOffset(other, partition)))
                    .and(col(Bronze.OFFSET).leq(lastOffset(one, partition))))
        .reduce(Column::or);
  }

  private EventReader readAsLive() {
    BronzeReads reads = new LiveTables(spark, lake, contract).reads();
    return EventReader.at(
        spark, lake, contract, reads.referenceVersions(contract, pins.testBatch()));
  }

  private EventReader readAsBatch() {
    return EventReader.at(spark, lake, contract, pins.silver().references());
  }

  private static long lastOffset(Cut cut, int partition) {
    return cut.lastOffsets().getOrDefault(partition, -1L);
  }

  private Dataset<Row> side(Dataset<Row> rows, Column disposition, String name) {
    Column values =
        struct(
            Stream.concat(Stream.of(EventParser.EVENT_DATE), contract.allColumnNames().stream())
                .map(functions::col)
                .toArray(Column[]::new));
    return rows.select(
        col(EventParser.PARTITION),
        col(EventParser.OFFSET),
        disposition.as(name),
        values.as(VALUES + name));
  }
}
