package assay.silver;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.xxhash64;

import assay.core.contract.Contract;
import assay.core.contract.Source;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.storage.StorageLevel;

/**
 * The keys whose rows must be judged against each other: those that came more than once, stand
 * already, or are deleted. Most rows of most micro-batches are of none of them, and go past all
 * sorting. Keys are told by a hash; where two share one, their rows are judged without need.
 */
final class MetKeys implements AutoCloseable {
  private static final String HASH = "_key_hash";

  /** As many hashes as every task may hold. */
  private static final long FEW = 2_000_000;

  private final Column hash;
  private final Dataset<Row> met;
  private final long keys;

  private MetKeys(Column hash, Dataset<Row> met) {
    this.hash = hash;
    this.met = met.persist(StorageLevel.MEMORY_AND_DISK());
    this.keys = this.met.count();
  }

  /**
   * @param arrived rows that came, with {@link EventParser#OPERATION}
   * @param stands rows that stand for their keys
   */
  static MetKeys of(Contract contract, Dataset<Row> arrived, Dataset<Row> stands) {
    Column hash =
        xxhash64(contract.key().stream().map(functions::col).toArray(Column[]::new)).as(HASH);
    Dataset<Row> repeated =
        arrived
            .groupBy(hash)
            .agg(count(lit(1)).as("_times"))
            .where(col("_times").gt(1))
            .select(HASH);
    Dataset<Row> met = repeated.union(stands.select(hash));
    if (contract.source().format() == Source.Format.DEBEZIUM) {
      met = met.union(arrived.where(not(isUpsert())).select(hash));
    }
    return new MetKeys(hash, met.distinct());
  }

  private static Column isUpsert() {
    return col(EventParser.OPERATION).equalTo(EventParser.UPSERT);
  }

  /** Those of the rows that are of such a key. */
  Dataset<Row> among(Dataset<Row> rows) {
    return keys == 0 ? rows.where(lit(false)) : join(rows, "left_semi");
  }

  /** The others. */
  Dataset<Row> notAmong(Dataset<Row> rows) {
    return keys == 0 ? rows : join(rows, "left_anti");
  }

  private Dataset<Row> join(Dataset<Row> rows, String kind) {
    return rows.withColumn(HASH, hash)
        .join(keys <= FEW ? broadcast(met) : met, HASH, kind)
        .drop(HASH);
  }

  @Override
  public void close() {
    met.unpersist();
  }
}
