package assay.silver;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import assay.core.contract.Contract;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Decides between the rows of a key: those of a micro-batch, in the order in which they came, and
 * the one that stands in silver, which came before them all.
 */
final class KeyHistory {
  /** What becomes of a row; null for a row of silver that goes on standing. */
  static final String OUTCOME = "_outcome";

  /** Whether the row stands in silver already. */
  static final String STANDING = "_standing";

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
   * @return {@code arrived} with an {@link #OUTCOME} each, and those rows of {@code standing} that
   *     lost their place, as {@code superseded}; with {@link #STANDING}
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
    Dataset<Row> judged =
        arrived
            .withColumn(STANDING, lit(false))
            .unionByName(standing.withColumn(STANDING, lit(true)))
            // The highest place among the rows before this one: the row that stands.
            .withColumn(
                BEFORE, max(struct(place().as("place"), values().as("values"))).over(earlier))
            .withColumn("_duplicate", duplicate)
            .withColumn(TAKES_PLACE, not(col("_duplicate")).and(later))
            .withColumn("_last", max(when(col(TAKES_PLACE), place())).over(ofKey))
            .withColumn(
                OUTCOME,
                when(col("_duplicate"), Disposition.DUPLICATE)
                    .when(coalesce(place().equalTo(col("_last")), lit(false)), Disposition.LOADED)
                    .otherwise(Disposition.SUPERSEDED));
    return judged
        .where(not(col(STANDING).and(col(OUTCOME).equalTo(Disposition.LOADED))))
        .drop(BEFORE, TAKES_PLACE, "_duplicate", "_last");
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
