package assay.cli;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The first rows of a query.
 *
 * @param typed for JSON
 * @param texts for people and CSV, as Spark SQL writes values
 * @param cut whether there were more rows
 */
record QueryResult(List<String> header, List<Row> typed, List<Row> texts, boolean cut) {
  private static final String VALUE = "value";

  static QueryResult of(Dataset<Row> query, int limit) {
    List<String> header = Arrays.asList(query.columns());
    // Two columns of a result may have one name, so that they go by their place from here on.
    String[] places = new String[header.size()];
    String[] texts = new String[header.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = "_" + i;
      texts[i] = "CAST(" + VALUE + "." + places[i] + " AS STRING)";
    }
    List<Row> rows =
        query
            .toDF(places)
            .selectExpr("struct(*) AS " + VALUE)
            .selectExpr(VALUE, "struct(" + String.join(", ", texts) + ") AS text")
            .limit(limit == Integer.MAX_VALUE ? limit : limit + 1)
            .collectAsList();
    List<Row> shown = rows.subList(0, Math.min(limit, rows.size()));
    return new QueryResult(
        header,
        shown.stream().map(r -> r.getStruct(0)).toList(),
        shown.stream().map(r -> r.getStruct(1)).toList(),
        rows.size() > limit);
  }

  Table table() {
    List<List<Optional<String>>> rows = new ArrayList<>();
    for (Row row : texts) {
      List<Optional<String>> cells = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        cells.add(Optional.ofNullable(row.getString(i)));
      }
      rows.add(cells);
    }
    return new Table(header, rows);
  }

  List<Map<String, Object>> documents() {
    List<String> keys = distinct(header);
    List<Map<String, Object>> documents = new ArrayList<>();
    for (Row row : typed) {
      Map<String, Object> document = new LinkedHashMap<>();
      for (int i = 0; i < header.size(); i++) {
        document.put(keys.get(i), json(row.get(i)));
      }
      documents.add(document);
    }
    return documents;
  }

  /** A JSON object holds a name once: a column whose name came before gets a number behind it. */
  private static List<String> distinct(List<String> names) {
    List<String> keys = new ArrayList<>();
    for (String name : names) {
      String key = name;
      for (int n = 2; keys.contains(key) || (n > 2 && names.contains(key)); n++) {
        key = name + "_" + n;
      }
      keys.add(key);
    }
    return keys;
  }

  private static Object json(Object value) {
    if (value instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    if (value instanceof Row row) {
      Map<String, Object> fields = new LinkedHashMap<>();
      for (int i = 0; i < row.size(); i++) {
        fields.put(row.schema().fieldNames()[i], json(row.get(i)));
      }
      return fields;
    }
    if (value instanceof scala.collection.Seq<?> items) {
      return CollectionConverters.asJava(items).stream().map(QueryResult::json).toList();
    }
    if (value instanceof scala.collection.Map<?, ?> entries) {
      Map<String, Object> fields = new LinkedHashMap<>();
      CollectionConverters.asJava(entries).forEach((k, v) -> fields.put(k + "", json(v)));
      return fields;
    }
    boolean plain = value == null || value instanceof Number || value instanceof Boolean;
    return plain ? value : value.toString();
  }
}
