package assay.core.rows;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * {@link KeyHashes} that all tasks of an executor ask without a join. Public for the code that
 * Spark generates.
 */
public final class SharedHashes implements Serializable, AutoCloseable {
  private static final long serialVersionUID = 1;

  private final Broadcast<KeyHashes> shared;

  /** The broadcast's own look-up is synchronized, too slow for each row. */
  private transient KeyHashes here;

  /** Shares a set that does not change any more. */
  public SharedHashes(SparkSession spark, KeyHashes hashes) {
    this.shared = JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(hashes);
  }

  /** Whether a key with this hash is in the set. */
  public boolean contains(long hash) {
    KeyHashes hashes = here;
    if (hashes == null) {
      hashes = shared.value();
      here = hashes;
    }
    return hashes.contains(hash);
  }

  /** Whether the set holds a row's key, or one with the same hash. */
  public Column holds(List<String> key) {
    return holds(KeyHashes.hash(key));
  }

  /** Whether the set holds a hash. */
  public Column holds(Column hash) {
    return JavaCall.of(this, "contains", DataTypes.BooleanType, hash);
  }

  @Override
  public void close() {
    shared.destroy();
  }

  /** For query plans. */
  @Override
  public String toString() {
    return "hashes of keys";
  }
}
