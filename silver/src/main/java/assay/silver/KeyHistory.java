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
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.reverse;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
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
 * Decides between the rows of a key: those of a micro-batch, in the order in which they came, and
 * the one that stands in silver, which came before them all.
 */
final class KeyHistory {
  /** What becomes of a row. */
  static final String OUTCOME = "_outcome";

  /** Whether the row stands in silver already. */
  static final String STANDING = "_standing";

  /** Whether the rows of the key came in more than one Kafka partition. */
  static final String MIXED = "_mixed";

  private static final String BEFORE = "_before";
  private static final String TAKES_PLACE = "_takes_place";

  private final Contract contract;

  KeyHistory(Contract contract) {
    this.contract = contract;
  }

  /**
   * Judges all rows of a micro-batch at once.
   *
   * @param arrived rows that do not fail, with silver's columns
   * @param standing rows of silver that share a key with them
   * @return {@code arrived} with an {@link #OUTCOME} each, and {@code standing}, as {@code loaded}
   *     where a row keeps its place and {@code superseded} where it lost it; with {@link #STANDING}
   *     and {@link #MIXED}. Outcomes of mixed keys are not final: see {@link #judgeMixed}
   */
  Dataset<Row> judge(Dataset<Row> arrived, Dataset<Row> standing) {
    Column[] key = contract.key().stream().map(c -> col(c)).toArray(Column[]::new);
    WindowSpec ofKey = Window.partitionBy(key);
    WindowSpec earlier =
        ofKey
            .orderBy(
                col(STANDING).desc(),
                col(EventParser.INGESTED_AT),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET))
            .rowsBetween(Window.unboundedPreceding(), -1);
    Column before = col(BEFORE);
    Column duplicate = before.isNotNull().and(before.getField("values").eqNullSafe(values()));
    Column later = before.isNull().or(place().gt(before.getField("place")));
    return arrived
        .withColumn(STANDING, lit(false))
        .unionByName(standing.withColumn(STANDING, lit(true)))
        // The highest place among the rows before this one: the row that stands.
        .withColumn(BEFORE, max(struct(place().as("place"), values().as("values"))).over(earlier))
        .withColumn("_duplicate", duplicate)
        .withColumn(TAKES_PLACE, not(col("_duplicate")).and(later))
        .withColumn("_last", max(when(col(TAKES_PLACE), place())).over(ofKey))
        .withColumn(
            OUTCOME,
            when(col("_duplicate"), Disposition.DUPLICATE)
                .when(coalesce(place().equalTo(col("_last")), lit(false)), Disposition.LOADED)
                .otherwise(Disposition.SUPERSEDED))
        .withColumn(
            MIXED,
            min(col(EventParser.PARTITION))
                .over(ofKey)
                .notEqual(max(col(EventParser.PARTITION)).over(ofKey)))
        .drop(BEFORE, TAKES_PLACE, "_duplicate", "_last");
  }

  /**
   * Judges keys anew whose rows came in several partitions. In one partition a later row always has
   * the higher place, so that {@link #judge} may take the highest place so far for that of the row
   * that stands. A repeat from another partition may have a higher place than the row it repeats,
   * and does not stand: here each row meets the very row that stands when it comes. The time taken
   * grows with the square of a key's rows.
   *
   * @param judged the rows of such keys, from {@link #judge}
   */
  Dataset<Row> judgeMixed(Dataset<Row> judged) {
    Column row = struct(Stream.of(judged.columns()).map(c -> col(c)).toArray(Column[]::new));
    // Sorting goes by the fields in their order, and the first four tell all rows apart.
    Column entry =
        struct(
            not(col(STANDING)).as("later"),
            col(EventParser.INGESTED_AT).as("ingested_at"),
            col(EventParser.PARTITION).as("partition"),
            col(EventParser.OFFSET).as("offset"),
            place().as("place"),
            values().as("values"),
            row.as("row"));
    Column[] key = contract.key().stream().map(c -> col(c)).toArray(Column[]::new);
    Dataset<Row> keys = judged.groupBy(key).agg(array_sort(collect_list(entry)).as("entries"));
    StructType types =
        ((StructType) ((ArrayType) keys.schema().apply("entries").dataType()).elementType());
    Column nothing =
        struct(
            lit(null).cast(types.apply("place").dataType()).as("place"),
            lit(null).cast(types.apply("values").dataType()).as("values"),
            array().cast("array<string>").as("outcomes"));
    Column outcomes =
        aggregate(col("entries"), nothing, KeyHistory::meet, end -> end.getField("outcomes"));
    // Of all that took the place, the last one keeps it.
    Column last =
        size(col("outcomes")).minus(array_position(reverse(col("outcomes")), Disposition.LOADED));
    return keys.select(col("entries"), outcomes.as("outcomes"))
        .select(
            posexplode(arrays_zip(col("entries"), col("outcomes")))
                .as(new String[] {"at", "judged"}),
            last.as("last"))
        .select(
            col("judged.entries.row.*"),
            when(
                    col("judged.outcomes")
                        .equalTo(Disposition.LOADED)
                        .and(col("at").notEqual(col("last"))),
                    Disposition.SUPERSEDED)
                .otherwise(col("judged.outcomes"))
                .as("_judged"))
        .withColumn(OUTCOME, col("_judged"))
        .drop("_judged");
  }

  /** The row that stands, and what became of those so far, meets the next row. */
  private static Column meet(Column before, Column next) {
    Column stands = before.getField("values");
    Column outcomes = before.getField("outcomes");
    Column equal = stands.isNotNull().and(stands.eqNullSafe(next.getField("values")));
    Column later = stands.isNull().or(next.getField("place").gt(before.getField("place")));
    return when(equal, state(before, outcomes, Disposition.DUPLICATE))
        .when(later, state(next, outcomes, Disposition.LOADED))
        .otherwise(state(before, outcomes, Disposition.SUPERSEDED));
  }

  private static Column state(Column stands, Column outcomes, String outcome) {
    return struct(
        stands.getField("place").as("place"),
        stands.getField("values").as("values"),
        concat(outcomes, array(lit(outcome))).as("outcomes"));
  }

  /** The contract's order, then partition, then offset: the one order between rows of a key. */
  private Column place() {
    List<Column> parts = new ArrayList<>();
    contract.orderBy().forEach(name -> parts.add(col(name)));
    parts.add(col(EventParser.PARTITION));
    parts.add(col(EventParser.OFFSET));
    return struct(parts.toArray(Column[]::new));
  }

  private Column values() {
    return struct(contract.columnNames().stream().map(c -> col(c)).toArray(Column[]::new));
  }
}
