package assay.core.sql;

import static org.apache.spark.sql.functions.col;

import assay.core.AssayException;
import assay.core.PlainTypes;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/** The rows of a query over tables as they were at one moment, and the columns they may have. */
public final class QueryRows {
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final SqlQuery query;
  private final List<String> partitionBy;

  /**
   * The rows of a query.
   *
   * @param partitionBy columns of the result
   */
  public QueryRows(SqlQuery query, List<String> partitionBy) {
    this.query = query;
    this.partitionBy = List.copyOf(partitionBy);
  }

  /**
   * The rows, not yet computed.
   *
   * @param session of the query's own: the tables get names in it
   * @param tables the rows of each table that the query reads
   * @param asOf a literal for {@code :as_of}
   * @throws AssayException where the query does not fit what it reads, or its columns make no table
   */
  public Dataset<Row> compute(
      SparkSession session, Map<TableName, Dataset<Row>> tables, String asOf) {
    tables.forEach((table, rows) -> rows.createOrReplaceTempView(viewName(table)));
    String text = query.textOver(QueryRows::viewName, asOf);
    Dataset<Row> rows;
    try {
      rows = session.sql(text);
    } catch (Exception e) {
      // A checked exception that Scala code throws without saying so.
      if (e instanceof AnalysisException known) {
        throw AssayException.usage(
            query.file()
                + (known.line().isDefined() ? ":" + known.line().get() : "")
                + ": "
                + SqlErrors.condensed(known),
            "mend the query; DESCRIBE in 'assay sql' tells what a table holds");
      }
      throw e;
    }
    checkColumns(rows);
    return rows;
  }

  /**
   * The rows with this at their first column and nothing at the others: what source tables keep at
   * their columns is about them.
   */
  public static Dataset<Row> withMetadata(Dataset<Row> rows, Metadata ofFirst) {
    String[] names = rows.columns();
    Column[] columns = new Column[names.length];
    for (int i = 0; i < names.length; i++) {
      columns[i] = col(names[i]).as(names[i], i == 0 ? ofFirst : Metadata.empty());
    }
    return rows.select(columns);
  }

  /** No user can write this name without backquotes. */
  private static String viewName(TableName table) {
    return "`assay:" + table + "`";
  }

  private void checkColumns(Dataset<Row> rows) {
    Set<String> seen = new HashSet<>();
    for (StructField field : rows.schema().fields()) {
      String name = field.name();
      if (!PLAIN_NAME.matcher(name).matches()) {
        throw mistake(
            "the result has a column `" + name + "`, which cannot be a name",
            "name it with AS, in letters, digits and underscores");
      }
      if (!seen.add(name.toLowerCase(Locale.ROOT))) {
        throw mistake("the result has two columns `" + name + "`", "name one otherwise with AS");
      }
      PlainTypes.firstOther(field.dataType())
          .ifPresent(
              type -> {
                throw mistake(
                    "column `"
                        + name
                        + "` is of type "
                        + type.simpleString()
                        + ", which common readers of tables do not know",
                    "cast it to a plain type, such as string or timestamp");
              });
    }
    for (String column : partitionBy) {
      if (!seen.contains(column)) {
        throw mistake(
            "`partition_by` names `" + column + "`, which is no column of the result",
            "name one of " + String.join(", ", rows.columns()));
      }
    }
    if (partitionBy.size() == seen.size()) {
      throw mistake(
          "`partition_by` names every column of the result", "leave one out, or all of them");
    }
  }

  private AssayException mistake(String message, String mend) {
    return AssayException.usage(query.file() + ": " + message, mend);
  }
}
