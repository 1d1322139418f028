package assay.silver;

import static org.apache.spark.sql.functions.aggregate;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_position;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.arrays_zip;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.reverse;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Contract;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;

/**
 * Decides between the rows of a key, each of which meets the row that stands when it comes;
 * docs/dispositions.md, "The batch path".
 */
final class KeyHistory {
  /** What becomes of a row. */
  static final String OUTCOME = "_outcome";

  /** Whether the row stood before all others came: a row that an earlier run left standing. */
  static final String STANDING = "_standing";

  /** Whether each row of the key must meet the very row that stands when it comes. */
  static final String MIXED = "_mixed";

  /** How many truncates came before the row. */
  private static final String ERA = "_era";

  /** How many deletes of the key without an order of their own came, up to the row. */
  private static final String RESETS = "_resets";

  private static final String BEFORE = "_before";
  private static final String TAKES_PLACE = "_takes_place";

  private final Contract contract;
  private final List<Arrival> truncates;
  private final boolean deletes;

  /**
   * @param truncates those that came among the rows to be judged
   */
  KeyHistory(Contract contract, List<Arrival> truncates) {
    this.contract = contract;
    this.truncates = List.copyOf(truncates);
    this.deletes = contract.source().tellsDeletes();
  }

  /**
   * Judges the rows of keys.
   *
   * @param rows that do not fail and are no truncates, all of their keys, with silver's columns,
   *     {@link EventParser#OPERATION} and {@link #STANDING}
   * @return the same with an {@link #OUTCOME} each and {@link #MIXED}. Outcomes of mixed keys are
   *     not final: see {@link #judgeMixed}
   */
  Dataset<Row> judge(Dataset<Row> rows) {
    WindowSpec ofKey = Window.partitionBy(key());
    WindowSpec inOrder =
        ofKey.orderBy(
            col(STANDING).desc(),
            col(EventParser.INGESTED_AT),
            col(EventParser.PARTITION),
            col(EventParser.OFFSET));
    WindowSpec earlier = inOrder.rowsBetween(Window.unboundedPreceding(), -1);
    Column before = col(BEFORE);
    Column stands = before.isNotNull().and(before.getField("era").equalTo(col(ERA)));
    Column later = not(stands).or(place().gt(before.getField("place")));
    return withEras(rows, inOrder)
        // The highest place among the rows before this one: the row that stands.
        .withColumn(
            BEFORE,
            max(struct(
                    place().as("place"),
                    values().as("values"),
                    isDelete().as("delete"),
                    col(ERA).as("era")))
                .over(earlier))
        .withColumn("_duplicate", coalesce(stands.and(repeats(before)), lit(false)))
        .withColumn(TAKES_PLACE, not(col("_duplicate")).and(later))
        .withColumn("_last", max(when(col(TAKES_PLACE), place())).over(ofKey))
        .withColumn(
            OUTCOME,
            when(col("_duplicate"), Disposition.DUPLICATE)
                .when(
                    coalesce(place().equalTo(col("_last")), lit(false)).and(inLastEra()), stands())
                .otherwise(Disposition.SUPERSEDED))
        .withColumn(MIXED, inPartitions(ofKey).or(deletedInBothWays(ofKey)))
        .drop(BEFORE, TAKES_PLACE, "_duplicate", "_last", ERA, RESETS);
  }

  private static Column inPartitions(WindowSpec ofKey) {
    return min(col(EventParser.PARTITION))
        .over(ofKey)
        .notEqual(max(col(EventParser.PARTITION)).over(ofKey));
  }

  private Column deletedInBothWays(WindowSpec ofKey) {
    return deletes && !contract.orderBy().isEmpty()
        ? max(isReset()).over(ofKey).and(max(isDelete().and(not(isReset()))).over(ofKey))
        : lit(false);
  }

  /**
   * Judges keys anew for which {@link #judge} may not take the highest place so far for that of the
   * row that stands. In one partition a later row always has the higher place of two that are else
   * equal; a repeat from another partition may have a higher place than the row it repeats, and
   * does not stand. Nor does a delete without an order of its own that comes after one with an
   * order, as Debezium's tombstones do. Here each row meets the very row that stands when it comes.
   * The time taken grows with the square of a key's rows.
   *
   * @param judged all rows of such keys, from {@link #judge}
   */
  Dataset<Row> judgeMixed(Dataset<Row> judged) {
    WindowSpec inOrder =
        Window.partitionBy(key())
            .orderBy(
                col(STANDING).desc(),
                col(EventParser.INGESTED_AT),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET));
    Column row = struct(Stream.of(judged.columns()).map(c -> col(c)).toArray(Column[]::new));
    // Sorting goes by the fields in their order, and the first four tell all rows apart.
    Column entry =
        struct(
            not(col(STANDING)).as("later"),
            col(EventParser.INGESTED_AT).as("ingested_at"),
            col(EventParser.PARTITION).as("partition"),
            col(EventParser.OFFSET).as("offset"),
            ordered().as("place"),
            values().as("values"),
            isDelete().as("delete"),
            isReset().as("reset"),
            col(ERA).as("era"),
            row.as("row"));
    Dataset<Row> keys =
        withEras(judged, inOrder).groupBy(key()).agg(array_sort(collect_list(entry)).as("entries"));
    StructType types =
        ((StructType) ((ArrayType) keys.schema().apply("entries").dataType()).elementType());
    Column nothing =
        struct(
            lit(null).cast(types.apply("place").dataType()).as("place"),
            lit(null).cast(types.apply("values").dataType()).as("values"),
            lit(false).as("delete"),
            lit(false).as("reset"),
            lit(-1L).as("era"),
            array().cast("array<string>").as("outcomes"));
    Column outcomes =
        aggregate(col("entries"), nothing, KeyHistory::meet, end -> end.getField("outcomes"));
    // Of all that took the place, the last one keeps it.
    Column last =
        size(col("outcomes")).minus(array_position(reverse(col("outcomes")), Disposition.LOADED));
    Column keeps = col("at").equalTo(col("last")).and(col("judged.entries.era").equalTo(eras()));
    return keys.select(col("entries"), outcomes.as("outcomes"))
        .select(
            posexplode(arrays_zip(col("entries"), col("outcomes")))
                .as(new String[] {"at", "judged"}),
            last.as("last"))
        .select(
            col("judged.entries.row.*"),
            when(not(col("judged.outcomes").equalTo(Disposition.LOADED)), col("judged.outcomes"))
                .when(not(keeps), Disposition.SUPERSEDED)
                .when(col("judged.entries.delete"), Disposition.DELETED)
                .otherwise(Disposition.LOADED)
                .as("_judged"))
        .withColumn(OUTCOME, col("_judged"))
        .drop("_judged");
  }

  /** The row that stands, and what became of those so far, meets the next row. */
  private static Column meet(Column before, Column next) {
    Column stands = before.getField("era").equalTo(next.getField("era"));
    Column equal =
        when(next.getField("reset"), before.getField("delete"))
            .otherwise(
                before
                    .getField("delete")
                    .equalTo(next.getField("delete"))
                    .and(before.getField("values").eqNullSafe(next.getField("values"))));
    Column later =
        not(stands)
            .or(next.getField("reset"))
            .or(before.getField("reset"))
            .or(next.getField("place").gt(before.getField("place")));
    Column outcomes = before.getField("outcomes");
    return when(stands.and(equal), state(before, outcomes, Disposition.DUPLICATE))
        .when(later, state(next, outcomes, Disposition.LOADED))
        .otherwise(state(before, outcomes, Disposition.SUPERSEDED));
  }

  private static Column state(Column stands, Column outcomes, String outcome) {
    return struct(
        stands.getField("place").as("place"),
        stands.getField("values").as("values"),
        stands.getField("delete").as("delete"),
        stands.getField("reset").as("reset"),
        stands.getField("era").as("era"),
        concat(outcomes, array(lit(outcome))).as("outcomes"));
  }

  /** Adds what tells that nothing of a key can stand any more when a row comes. */
  private Dataset<Row> withEras(Dataset<Row> rows, WindowSpec inOrder) {
    Column era = lit(0L);
    if (!truncates.isEmpty()) {
      Column came =
          struct(col(EventParser.INGESTED_AT), col(EventParser.PARTITION), col(EventParser.OFFSET));
      // One array of all, as a table may be truncated every hour of a year.
      Column before =
          size(
              filter(
                  array(truncates.stream().map(Arrival::literal).toArray(Column[]::new)),
                  truncate -> truncate.lt(came)));
      era = when(col(STANDING), 0L).otherwise(before.cast("long"));
    }
    Column resets =
        deletes
            ? sum(when(isReset(), 1L).otherwise(0L))
                .over(inOrder.rowsBetween(Window.unboundedPreceding(), Window.currentRow()))
            : lit(0L);
    return rows.withColumn(ERA, era).withColumn(RESETS, resets);
  }

  private Column inLastEra() {
    return truncates.isEmpty() ? lit(true) : col(ERA).equalTo(eras());
  }

  private Column eras() {
    return lit((long) truncates.size());
  }

  private Column isDelete() {
    return deletes ? col(EventParser.OPERATION).equalTo(EventParser.DELETE) : lit(false);
  }

  /** A delete that no value places among the rows of its key: it counts by when it came. */
  private Column isReset() {
    return contract.orderBy().stream()
        .map(name -> col(name).isNull())
        .reduce(isDelete(), Column::and);
  }

  /** Whether a row changes nothing, as what stands is equal in all columns or deleted as well. */
  private Column repeats(Column before) {
    return when(isReset(), before.getField("delete"))
        .otherwise(
            before
                .getField("delete")
                .equalTo(isDelete())
                .and(before.getField("values").eqNullSafe(values())));
  }

  private Column stands() {
    return when(isDelete(), Disposition.DELETED).otherwise(Disposition.LOADED);
  }

  /**
   * The one order between rows of a key: the contract's, then partition, then offset; behind each
   * truncate and each delete that has no order of its own it begins anew.
   */
  private Column place() {
    List<Column> parts = new ArrayList<>();
    if (deletes) {
      parts.add(col(ERA));
      parts.add(col(RESETS));
      parts.add(not(isReset()).as("_ordered"));
    }
    parts.add(ordered().as("_place"));
    return struct(parts.toArray(Column[]::new));
  }

  private Column ordered() {
    Stream<String> columns =
        Stream.concat(
            contract.orderBy().stream(), Stream.of(EventParser.PARTITION, EventParser.OFFSET));
    return struct(columns.map(name -> col(name)).toArray(Column[]::new));
  }

  private Column values() {
    return struct(contract.columnNames().stream().map(c -> col(c)).toArray(Column[]::new));
  }

  private Column[] key() {
    return contract.key().stream().map(c -> col(c)).toArray(Column[]::new);
  }
}
