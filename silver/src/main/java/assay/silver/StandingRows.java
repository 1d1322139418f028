package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.rows.KeyHashes;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Finds the rows that stand when others come: those of silver, and deletes among the exceptions.
 */
final class StandingRows {
  /** So many files are worth naming. */
  private static final int SOME = 1_000;

  private final Silver silver;
  private final SilverState state;
  private final Contract contract;
  private final StructType schema;

  StandingRows(Silver silver, SilverState state, Contract contract) {
    this.silver = silver;
    this.state = state;
    this.contract = contract;
    this.schema = silver.schema();
  }

  /**
   * The rows that stand for some keys, with silver's columns, {@link EventParser#OPERATION}, {@link
   * Judged#ORIGIN}, {@link Judged#WAS} and {@link LakeTable#FILE}. A few others may be among them,
   * see {@link KeyHashes}.
   *
   * @param arrived rows that came
   * @param keys of these rows
   * @param came what is known of these rows
   */
  Dataset<Row> ofKeys(Dataset<Row> arrived, MetKeys keys, BatchSummary came) {
    Dataset<Row> rows = inSilver(arrived, keys, came);
    return contract.source().tellsDeletes() ? rows.unionByName(keys.ofArrived(deletes())) : rows;
  }

  /** All rows that stand: what a truncate takes away. */
  Dataset<Row> all() {
    return fromSilver(silver.table().readWithFiles(state.version())).unionByName(deletes());
  }

  /**
   * Reads the keys first, which is little of most tables, and all columns only of the files that
   * hold one of them: as a rule those of the last days.
   */
  private Dataset<Row> inSilver(Dataset<Row> arrived, MetKeys keys, BatchSummary came) {
    LakeTable table = silver.table();
    if (table.isEmptyAt(state.version())) {
      return fromSilver(table.readWithFiles(state.version()).where(lit(false)));
    }
    boolean anyDay = came.undated() > 0 && isUndated(arrived);
    Column nearby = anyDay ? lit(true) : nearby(arrived, came);
    List<String> files =
        keys.ofArrived(fromSilver(table.readWithFiles(state.version()).where(nearby)))
            .select(LakeTable.FILE)
            .distinct()
            .as(Encoders.STRING())
            .collectAsList();
    Dataset<Row> rows =
        files.size() <= SOME
            ? table.readFiles(state.version(), files)
            : table.readWithFiles(state.version());
    return keys.ofArrived(fromSilver(rows.where(nearby)));
  }

  /**
   * Whether there is a key none of whose rows has a day. Behind each delete Debezium sends a
   * tombstone, which has none; the delete says where to look for both.
   */
  private boolean isUndated(Dataset<Row> arrived) {
    Column[] key = contract.key().stream().map(functions::col).toArray(Column[]::new);
    return !arrived
        .groupBy(key)
        .agg(max(col(EventParser.EVENT_DATE)).as("_day"))
        .where(col("_day").isNull())
        .isEmpty();
  }

  /**
   * Literal bounds on the days that rows with a key of the batch may stand on, which is what keeps
   * the cost from growing with the table.
   */
  private Column nearby(Dataset<Row> arrived, BatchSummary came) {
    if (came.firstDay().isEmpty()) {
      return lit(false);
    }
    long reach = contract.correctionsWithin().toDays();
    return Days.nearby(arrived, came.firstDay().get(), came.lastDay().get(), reach);
  }

  private Dataset<Row> deletes() {
    return fromExceptions(
        silver
            .exceptions()
            .readWithFiles(state.exceptions())
            .where(
                col(Disposition.COLUMN)
                    .equalTo(Disposition.DELETED)
                    .and(col(EventParser.OPERATION).equalTo(EventParser.DELETE))));
  }

  Dataset<Row> fromSilver(Dataset<Row> rows) {
    return rows.select(
        columns(
            rows,
            col(LakeTable.FILE),
            lit(EventParser.UPSERT).as(EventParser.OPERATION),
            lit(Judged.SILVER).as(Judged.ORIGIN),
            lit(Disposition.LOADED).as(Judged.WAS)));
  }

  Dataset<Row> fromExceptions(Dataset<Row> rows) {
    return rows.select(
        columns(
            rows,
            col(LakeTable.FILE),
            col(EventParser.OPERATION),
            lit(Judged.EXCEPTIONS).as(Judged.ORIGIN),
            col(Disposition.COLUMN).as(Judged.WAS)));
  }

  /** Rows that are in no table yet, in the shape of those that are. */
  Dataset<Row> asNew(Dataset<Row> parsed) {
    Column none = lit(null).cast("string");
    return parsed.select(
        columns(
            parsed,
            none.as(LakeTable.FILE),
            col(EventParser.OPERATION),
            none.as(Judged.ORIGIN),
            none.as(Judged.WAS)));
  }

  /** Silver's columns as they are today: a version that is older may have fewer, and narrower. */
  private Column[] columns(Dataset<Row> rows, Column... more) {
    List<String> present = List.of(rows.columns());
    return Stream.concat(
            Stream.of(schema.fields())
                .map(
                    field ->
                        (present.contains(field.name()) ? col(field.name()) : lit(null))
                            .cast(field.dataType())
                            .as(field.name())),
            Stream.of(more))
        .toArray(Column[]::new);
  }

  String[] key() {
    return contract.key().toArray(String[]::new);
  }
}
