package assay.views.live;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * How partials become what readers see: steps of SQL, which run over rows and as the text of a view
 * alike.
 */
record Fold(List<Step> steps) {
  Fold {
    steps = List.copyOf(steps);
  }

  static Fold of(Step... steps) {
    return new Fold(List.of(steps));
  }

  /** One step. */
  sealed interface Step {
    Dataset<Row> of(Dataset<Row> rows);

    String sql(String source);
  }

  /** Expressions over each row, or over windows of rows. */
  record Select(List<String> expressions) implements Step {
    Select {
      expressions = List.copyOf(expressions);
    }

    @Override
    public Dataset<Row> of(Dataset<Row> rows) {
      return rows.selectExpr(expressions.toArray(String[]::new));
    }

    @Override
    public String sql(String source) {
      return "SELECT %s FROM %s".formatted(String.join(", ", expressions), source);
    }
  }

  /**
   * One row for each value of the keys.
   *
   * @param keys names of columns
   * @param aggregates with the names of their columns; at least one
   */
  record GroupBy(List<String> keys, List<String> aggregates) implements Step {
    GroupBy {
      keys = List.copyOf(keys);
      aggregates = List.copyOf(aggregates);
    }

    @Override
    public Dataset<Row> of(Dataset<Row> rows) {
      List<Column> made =
          aggregates.stream().map(functions::expr).collect(Collectors.toCollection(ArrayList::new));
      Column first = made.remove(0);
      return rows.groupBy(keys.stream().map(functions::col).toArray(Column[]::new))
          .agg(first, made.toArray(Column[]::new));
    }

    @Override
    public String sql(String source) {
      List<String> by = keys.stream().map(Fold::quoted).toList();
      List<String> selected = new ArrayList<>(by);
      selected.addAll(aggregates);
      return "SELECT %s FROM %s GROUP BY %s"
          .formatted(String.join(", ", selected), source, String.join(", ", by));
    }
  }

  /**
   * Those rows for which a condition is true.
   *
   * @param condition of SQL
   */
  record Where(String condition) implements Step {
    @Override
    public Dataset<Row> of(Dataset<Row> rows) {
      return rows.where(condition);
    }

    @Override
    public String sql(String source) {
      return "SELECT * FROM %s WHERE %s".formatted(source, condition);
    }
  }

  /**
   * The rows behind the last one for which a condition is true; all where it is true for none.
   *
   * @param place by which rows come one after the other
   */
  record BehindLast(String condition, String place) implements Step {
    private static final String LAST = "_last_place";

    @Override
    public Dataset<Row> of(Dataset<Row> rows) {
      Dataset<Row> last = rows.where(condition).selectExpr(as("max(" + place + ")", LAST));
      return rows.crossJoin(functions.broadcast(last))
          .where("%s IS NULL OR %s > %s".formatted(LAST, place, LAST))
          .drop(LAST);
    }

    @Override
    public String sql(String source) {
      return "SELECT * FROM %s WHERE coalesce(%s > (SELECT max(%s) FROM %s WHERE %s), true)"
          .formatted(source, place, place, source, condition);
    }
  }

  /** These steps, then others. */
  Fold then(Fold others) {
    return new Fold(Stream.concat(steps.stream(), others.steps.stream()).toList());
  }

  Dataset<Row> of(Dataset<Row> partials) {
    Dataset<Row> rows = partials;
    for (Step step : steps) {
      rows = step.of(rows);
    }
    return rows;
  }

  /** The same as a query over a table of partials. */
  String sql(String table) {
    String query = "";
    String source = table;
    for (Step step : steps) {
      query = step.sql(source);
      source = "(" + query + ")";
    }
    return query;
  }

  static String quoted(String name) {
    return "`" + name + "`";
  }

  static String as(String expression, String name) {
    return expression + " AS " + quoted(name);
  }
}
