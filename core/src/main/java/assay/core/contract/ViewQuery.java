package assay.core.contract;

import assay.core.sql.SqlQuery;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A materialized view: a query over tables of the lake that is kept as a table and refreshed at an
 * interval of its own. Its {@code :as_of} is the minute of the refresh, a timestamp.
 *
 * @param partitionBy columns of the result; empty where the table has no partitions
 */
public record ViewQuery(
    Optional<String> description,
    List<String> partitionBy,
    Schedule schedule,
    Policy policy,
    SqlQuery query) {

  /** Which ways of a refresh are allowed. */
  public enum Policy {
    /** The least work that is proven right. */
    AUTO,
    /** The same, but a refresh in full is an error, the first one excepted. */
    INCREMENTAL,
    /** Always in full, where anything changed. */
    FULL;

    /** As the header writes it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Policy> of(String word) {
      return Arrays.stream(values()).filter(policy -> policy.word().equals(word)).findFirst();
    }
  }

  public ViewQuery {
    partitionBy = List.copyOf(partitionBy);
  }

  /** The name of the table under {@code materialized_views}. */
  public String name() {
    return query.table().name();
  }

  /** What the table is made by: another text means another table. */
  public String definition() {
    return query.hash() + ";" + String.join(",", partitionBy);
  }
}
