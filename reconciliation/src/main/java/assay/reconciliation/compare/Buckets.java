package assay.reconciliation.compare;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What a side holds, by buckets of the hashes of its keys; those without a row are left out. */
record Buckets(Map<Long, Bucket> byNumber) {
  /** So many that a bucket of ten million rows has some 150, and few enough to collect. */
  private static final int COUNT = 1 << 16;

  private static final String ROWS = "rows";

  Buckets {
    byNumber = Map.copyOf(byNumber);
  }

  /**
   * One bucket.
   *
   * @param doubled keys that more than one row has
   * @param hashA half of a hash over its set of rows; of rows that come twice none is left, so that
   *     it says nothing where keys are doubled
   */
  record Bucket(long rows, long doubled, long hashA, long hashB) {}

  /** Reads a side once. */
  static Buckets of(Dataset<Row> side) {
    Map<Long, Bucket> byNumber = new HashMap<>();
    side.groupBy(col(SideRows.KEY_A), col(SideRows.KEY_B))
        .agg(count(lit(1)).as(ROWS), xor(SideRows.ROW_A), xor(SideRows.ROW_B))
        .groupBy(number().as("number"))
        .agg(sum(col(ROWS)), count_if(col(ROWS).gt(1)), xor(SideRows.ROW_A), xor(SideRows.ROW_B))
        .collectAsList()
        .forEach(
            row ->
                byNumber.put(
                    row.getLong(0),
                    new Bucket(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4))));
    return new Buckets(byNumber);
  }

  /** The bucket of a row of {@link SideRows#rows}. */
  static Column number() {
    return col(SideRows.KEY_A).bitwiseAND(lit(COUNT - 1L));
  }

  private static Column xor(String hash) {
    return expr("bit_xor(" + hash + ")").as(hash);
  }

  long rows() {
    return byNumber.values().stream().mapToLong(Bucket::rows).sum();
  }

  long doubled() {
    return byNumber.values().stream().mapToLong(Bucket::doubled).sum();
  }

  /** All that either side has. */
  Set<Long> union(Buckets other) {
    Set<Long> all = new TreeSet<>(byNumber.keySet());
    all.addAll(other.byNumber.keySet());
    return all;
  }

  /** Those whose rows are not the same on both sides. */
  Set<Long> differing(Buckets other) {
    Set<Long> differing = union(other);
    differing.removeIf(
        n -> byNumber.containsKey(n) && byNumber.get(n).equals(other.byNumber.get(n)));
    return differing;
  }

  /** How many rows some of them have. */
  long rowsIn(Set<Long> numbers) {
    return numbers.stream()
        .filter(byNumber::containsKey)
        .mapToLong(n -> byNumber.get(n).rows())
        .sum();
  }
}
