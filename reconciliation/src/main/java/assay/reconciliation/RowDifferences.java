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
import assay.silver.Quarantine;
import assay.silver.Silver;
import assay.views.LiveTables;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
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
  private final EventParser parser;

  RowDifferences(SparkSession spark, Lake lake, Contract contract, Pins pins) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.pins = pins;
    this.parser = new EventParser(contract);
  }

  /** The contract's columns, day and position, with both dispositions, the cause and the sign. */
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
        .when(live.equalTo(Disposition.DUPLICATE), lit(Cause.SUPERSEDED.label()))
        .when(live.equalTo(Disposition.QUARANTINED), lit(Cause.QUARANTINED.label()))
        .when(batch.equalTo(Disposition.DUPLICATE), lit(Cause.DUPLICATE.label()))
        .when(batch.equalTo(Disposition.SUPERSEDED), lit(Cause.SUPERSEDED.label()))
        .when(batch.equalTo(Disposition.QUARANTINED), lit(Cause.QUARANTINED.label()));
  }

  private Dataset<Row> judgedByLive() {
    Dataset<Row> exceptions =
        new LiveTables(spark, lake, contract)
            .exceptions()
            .read()
            .where(col(Silver.BATCH_ID).leq(pins.testBatch().orElse(-1)));
    return side(exceptions, col(Disposition.COLUMN), LIVE);
  }

  private Dataset<Row> judgedByBatch() {
    Silver silver = new Silver(spark, lake, contract);
    Column read = col(Silver.BATCH_ID).leq(pins.controlBatch().orElse(-1));
    Dataset<Row> quarantined =
        parser.parse(Quarantine.asBronze(silver.quarantine().read().where(read)));
    return side(silver.exceptions().read().where(read), col(Disposition.COLUMN), BATCH)
        .unionByName(side(quarantined, lit(Disposition.QUARANTINED), BATCH));
  }

  /** Rows of bronze that exactly one side has read. */
  private Dataset<Row> betweenCuts() {
    Dataset<Row> bronze =
        new LakeTable(spark, lake.bronze(contract.domain())).readAt(pins.bronze());
    Column between = lit(false);
    TreeSet<Integer> partitions = new TreeSet<>(pins.control().lastOffsets().keySet());
    partitions.addAll(pins.test().lastOffsets().keySet());
    for (int partition : partitions) {
      long control = lastOffset(pins.control(), partition);
      long test = lastOffset(pins.test(), partition);
      if (control != test) {
        between =
            between.or(
                col(Bronze.PARTITION)
                    .equalTo(partition)
                    .and(col(Bronze.OFFSET).gt(Math.min(control, test)))
                    .and(col(Bronze.OFFSET).leq(Math.max(control, test))));
      }
    }
    // A row that fails is in nobody's number, whichever side has read it.
    Dataset<Row> parsed = parser.parse(bronze.where(between)).where(not(col(EventParser.FAILS)));
    return side(parsed, lit(Disposition.PENDING), Disposition.PENDING).drop(Disposition.PENDING);
  }

  private static long lastOffset(Cut cut, int partition) {
    return cut.lastOffsets().getOrDefault(partition, -1L);
  }

  private Dataset<Row> side(Dataset<Row> rows, Column disposition, String name) {
    Column values =
        struct(
            Stream.concat(Stream.of(EventParser.EVENT_DATE), contract.columnNames().stream())
                .map(functions::col)
                .toArray(Column[]::new));
    return rows.select(
        col(EventParser.PARTITION),
        col(EventParser.OFFSET),
        disposition.as(name),
        values.as(VALUES + name));
  }
}
