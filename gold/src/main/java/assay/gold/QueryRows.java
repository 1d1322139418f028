package assay.gold;

import static org.apache.spark.sql.functions.col;

import assay.core.AssayException;
import assay.core.PlainTypes;
import assay.core.contract.GoldQuery;
import assay.core.sql.SqlErrors;
import assay.core.sql.TableName;
import assay.gold.QueryOrigin.Source;
import java.time.LocalDate;
import java.util.HashSet;
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

/** The rows of a query over pinned versions, and the columns that they may have. */
final class QueryRows {
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final GoldQuery query;
  private final QuerySources sources;

  QueryRows(GoldQuery query, QuerySources sources) {
    this.query = query;
    this.sources = sources;
  }

  /**
   * The rows, not yet computed.
   *
   * @param session of the query's own: the pinned versions get names in it
   * @throws AssayException where the query does not fit what it reads, or its columns make no table
   */
  Dataset<Row> compute(SparkSession session, Map<TableName, Source> read, LocalDate asOf) {
    read.forEach(
        (table, source) ->
            sources.read(session, table, source).createOrReplaceTempView(viewName(table)));
    String text = query.query().textOver(QueryRows::viewName, asOf);
    Dataset<Row> rows;
    try {
      rows = session.sql(text);
    } catch (Exception e) {
      // A checked exception that Scala code throws without saying so.
      if (e instanceof AnalysisException known) {
        throw AssayException.usage(
            query.query().file()
                + (known.line().isDefined() ? ":" + known.line().get() : "")
                + ": "
                + SqlErrors.condensed(known),
            "mend the query; DESCRIBE in 'assay sql' tells what a table holds");
      }
      throw e;
    }
    checkColumns(rows);
    return withMetadata(rows, Metadata.empty());
  }

  /** The rows with what they were made of at their first column. */
  Dataset<Row> withOrigin(Dataset<Row> rows, QueryOrigin origin) {
    return withMetadata(rows, origin.metadata());
  }

  /** No user can write this name without backquotes. */
  private static String viewName(TableName table) {
    return "`assay:" + table + "`";
  }

  /** What source tables keep at their columns is about them and not about this table. */
  private static Dataset<Row> withMetadata(Dataset<Row> rows, Metadata ofFirst) {
    String[] names = rows.columns();
    Column[] columns = new Column[names.length];
    for (int i = 0; i < names.length; i++) {
      columns[i] = col(names[i]).as(names[i], i == 0 ? ofFirst : Metadata.empty());
    }
    return rows.select(columns);
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
                        + ", which common readers of gold do not know",
                    "cast it to a plain type, such as string or timestamp");
              });
    }
    for (String column : query.partitionBy()) {
      if (!seen.contains(column)) {
        throw mistake(
            "`partition_by` names `" + column + "`, which is no column of the result",
            "name one of " + String.join(", ", rows.columns()));
      }
    }
    if (query.partitionBy().size() == seen.size()) {
      throw mistake(
          "`partition_by` names every column of the result", "leave one out, or all of them");
    }
  }

  private AssayException mistake(String message, String mend) {
    return AssayException.usage(query.query().file() + ": " + message, mend);
  }
}
