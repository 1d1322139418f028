package assay.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What one commit replaces in a table that is made of others, and what it says of where the rows
 * come from.
 *
 * @param rows that come
 * @param properties of the table that get another value in the same commit
 * @param numbers that stand in the table from this commit on, by application id
 */
public record TableReplacement(
    Dataset<Row> rows, Scope scope, Map<String, String> properties, Map<String, Long> numbers) {
  /** Which rows go. */
  public sealed interface Scope permits All, Partitions, Nothing {}

  /** All, with their columns; the table has those of the rows that come, and this partitioning. */
  public record All(List<String> partitionBy) implements Scope {
    public All {
      partitionBy = List.copyOf(partitionBy);
    }
  }

  /** Those with one of these values, as the log writes them, in the first partition column. */
  public record Partitions(Set<Optional<String>> values) implements Scope {
    public Partitions {
      values = Set.copyOf(values);
    }
  }

  /** None. */
  public record Nothing() implements Scope {}

  public TableReplacement {
    properties = Map.copyOf(properties);
    numbers = Map.copyOf(numbers);
  }

  /** One without numbers. */
  public TableReplacement(Dataset<Row> rows, Scope scope, Map<String, String> properties) {
    this(rows, scope, properties, Map.of());
  }

  /** The columns of rows as a table has them: any may be NULL, and none knows where it was. */
  public static StructType schemaOf(Dataset<Row> rows) {
    return new StructType(
        Stream.of(rows.schema().fields())
            .map(f -> new StructField(f.name(), f.dataType(), true, Metadata.empty()))
            .toArray(StructField[]::new));
  }
}
