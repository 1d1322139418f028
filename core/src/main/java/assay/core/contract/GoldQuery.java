package assay.core.contract;

import assay.core.sql.SqlQuery;
import java.util.List;
import java.util.Optional;

/**
 * A gold table that is the result of a query, for what only batch should do: lifetime counts,
 * rolling months, one year beside another. Made whole, once a day at most for its own sake.
 *
 * @param partitionBy columns of the result; empty where the table has no partitions
 */
public record GoldQuery(Optional<String> description, List<String> partitionBy, SqlQuery query) {
  public GoldQuery {
    partitionBy = List.copyOf(partitionBy);
  }

  /** The name of the table under {@code gold}. */
  public String name() {
    return query.table().name();
  }

  /** What the table is made by: another text means another table. */
  public String definition() {
    return query.hash() + ";" + String.join(",", partitionBy);
  }
}
