package assay.views.live;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import assay.core.contract.Contract;
import assay.silver.Disposition;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/** Gives each row of a micro-batch its disposition on the live path. */
final class RowJudge {
  private static final String EARLIER = "_earlier";
  private static final String SEEN = "_seen";

  private final Contract contract;

  RowJudge(Contract contract) {
    this.contract = contract;
  }

  /** Rows with a fingerprint of their own columns, in two halves. */
  Dataset<Row> withFingerprints(Dataset<Row> parsed) {
    return parsed
        .withColumn(LiveTables.FINGERPRINT_A, fingerprint(1))
        .withColumn(LiveTables.FINGERPRINT_B, fingerprint(2));
  }

  /**
   * Judges all rows of a micro-batch at once.
   *
   * @param parsed a parsed micro-batch with its fingerprints
   * @param watermarks of the bronze micro-batches in it, see {@link BronzeClock#rows}
   * @return {@code parsed} with {@link Disposition#COLUMN}
   */
  Dataset<Row> judge(Dataset<Row> parsed, Dataset<Row> watermarks, Repeats repeats) {
    Dataset<Row> withWatermark =
        parsed.join(
            broadcast(watermarks),
            parsed.col(EventParser.INGESTED_AT).equalTo(watermarks.col(BronzeClock.OF)),
            "left_outer");
    Column late = coalesce(col(contract.eventTime()).lt(col(BronzeClock.WATERMARK)), lit(false));
    Dataset<Row> first =
        withWatermark
            .withColumn(
                Disposition.COLUMN,
                when(col(EventParser.FAILS), lit(Disposition.QUARANTINED))
                    .when(
                        not(col(EventParser.OPERATION).equalTo(EventParser.UPSERT)),
                        lit(Disposition.DELETED))
                    .when(late, lit(Disposition.LATE))
                    .when(not(repeats.possible()), lit(Disposition.COUNTED)))
            .drop(BronzeClock.OF, BronzeClock.WATERMARK);
    if (repeats.none()) {
      return first;
    }
    Dataset<Row> decided = first.where(col(Disposition.COLUMN).isNotNull());
    Dataset<Row> open = first.where(col(Disposition.COLUMN).isNull());
    return decided.unionByName(markDuplicates(open, repeats));
  }

  private Dataset<Row> markDuplicates(Dataset<Row> open, Repeats repeats) {
    WindowSpec equalRows =
        Window.partitionBy(LiveTables.FINGERPRINT_A, LiveTables.FINGERPRINT_B)
            .orderBy(
                // What earlier micro-batches saw stands first, also within one bronze micro-batch.
                col(EventParser.INGESTED_AT),
                col(SEEN).desc(),
                col(EventParser.PARTITION),
                col(EventParser.OFFSET));
    Column within = expr("INTERVAL '" + contract.dedupWithin().toSeconds() + "' SECOND");
    Column soonAfter =
        col(EARLIER).isNotNull().and(col(EventParser.INGESTED_AT).leq(col(EARLIER).plus(within)));
    Dataset<Row> all =
        open.withColumn(SEEN, lit(false))
            .unionByName(
                repeats
                    .seen()
                    .select(
                        col(LiveTables.FINGERPRINT_A),
                        col(LiveTables.FINGERPRINT_B),
                        col(EventParser.INGESTED_AT))
                    .withColumn(SEEN, lit(true)),
                true);
    return (repeats.few() ? all.coalesce(1) : all)
        .withColumn(EARLIER, lag(col(EventParser.INGESTED_AT), 1).over(equalRows))
        .where(not(col(SEEN)))
        .withColumn(
            Disposition.COLUMN,
            when(soonAfter, Disposition.DUPLICATE).otherwise(Disposition.COUNTED))
        .drop(SEEN, EARLIER);
  }

  /** NULL flags go in, because the hash passes over NULLs: (a, NULL) would equal (NULL, a). */
  private Column fingerprint(int seed) {
    List<Column> parts = new ArrayList<>();
    parts.add(lit(seed));
    for (String name : contract.columnNames()) {
      parts.add(col(name));
      parts.add(col(name).isNull());
    }
    return xxhash64(parts.toArray(Column[]::new));
  }
}
