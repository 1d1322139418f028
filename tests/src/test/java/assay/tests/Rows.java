package assay.tests;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.jdk.javaapi.CollectionConverters;

/** Rows of a table as lists of values that compare by what they hold. */
final class Rows {
  private Rows() {}

  static List<List<Object>> of(Dataset<Row> table, String... columns) {
    return table.selectExpr(columns).collectAsList().stream().map(Rows::values).toList();
  }

  /** All columns but those, in the order of their names. */
  static List<List<Object>> without(Dataset<Row> table, List<String> columns) {
    return of(
        table,
        Stream.of(table.columns())
            .filter(name -> !columns.contains(name))
            .sorted()
            .toArray(String[]::new));
  }

  /** A row to compare with; nulls are allowed. */
  static List<Object> row(Object... values) {
    return Collections.unmodifiableList(Arrays.asList(values));
  }

  private static List<Object> values(Row row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(plain(row.get(i)));
    }
    return values;
  }

  private static Object plain(Object value) {
    if (value instanceof byte[] bytes) {
      return ByteBuffer.wrap(bytes);
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      return new TreeMap<>(CollectionConverters.asJava(map));
    }
    if (value instanceof scala.collection.Seq<?> elements) {
      return CollectionConverters.asJava(elements).stream().map(Rows::plain).toList();
    }
    return value instanceof Row row ? values(row) : value;
  }
}
