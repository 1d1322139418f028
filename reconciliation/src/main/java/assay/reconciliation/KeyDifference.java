package assay.reconciliation;

import java.util.List;

/**
 * A key whose row is not the same on both sides.
 *
 * @param key as {@code flight_id=AA1}
 * @param control silver's row as JSON; empty where it has none
 * @param test the live view's row as JSON; empty where it has none
 * @param columns that differ; all of them where a side has no row
 * @param causes of the rows of the key that one side alone counts
 * @param explained whether these rows lead from the one row to the other
 */
public record KeyDifference(
    String view,
    String key,
    String control,
    String test,
    List<String> columns,
    List<Cause> causes,
    boolean explained) {
  public KeyDifference {
    columns = List.copyOf(columns);
    causes = List.copyOf(causes);
  }
}
