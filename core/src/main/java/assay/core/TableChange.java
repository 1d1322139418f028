package assay.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * What one commit changes in a table.
 *
 * @param come rows to put in; columns that the table has and these rows have not are NULL
 * @param gone rows to take out
 * @param numbers that stand in the table from this commit on, by application id; {@link
 *     LakeTable#lastTransactionAt} reads them
 * @param schema where all rows are taken out and the table gets this schema instead of its own
 * @param properties of the table that get another value with the schema
 */
public record TableChange(
    Optional<Dataset<Row>> come,
    Optional<Gone> gone,
    Map<String, Long> numbers,
    Optional<StructType> schema,
    Map<String, String> properties) {

  /**
   * Rows to take out.
   *
   * @param rows with {@code identity} and {@link LakeTable#FILE}, as {@link
   *     LakeTable#readWithFiles} gave it for the version that the commit is made against; few
   *     enough for every task to hold
   * @param identity names of the columns that tell one row from all others
   */
  public record Gone(Dataset<Row> rows, List<String> identity) {
    public Gone {
      identity = List.copyOf(identity);
    }
  }

  public TableChange {
    numbers = Map.copyOf(numbers);
    properties = Map.copyOf(properties);
  }

  /** Takes rows out, puts others in, and leaves the schema alone. */
  public static TableChange exchange(
      Optional<Dataset<Row>> come, Optional<Gone> gone, Map<String, Long> numbers) {
    return new TableChange(come, gone, numbers, Optional.empty(), Map.of());
  }

  /** Puts rows in where all others were. */
  public static TableChange rebuild(
      Dataset<Row> rows,
      StructType schema,
      Map<String, Long> numbers,
      Map<String, String> properties) {
    return new TableChange(
        Optional.of(rows), Optional.empty(), numbers, Optional.of(schema), properties);
  }
}
