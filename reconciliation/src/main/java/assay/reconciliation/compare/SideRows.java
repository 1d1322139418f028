package assay.reconciliation.compare;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import assay.core.AssayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The rows of one side in the form in which they compare, with 128 bits over key and row. */
final class SideRows {
  /** Two halves of a hash over the key, and of one over the key and all measures. */
  static final String KEY_A = "key_a";

  static final String KEY_B = "key_b";
  static final String ROW_A = "row_a";
  static final String ROW_B = "row_b";

  private final ComparedTable table;
  private final ComparedColumns columns;
  private final Function<ComparedColumn, String> nameOf;
  private final Function<ComparedColumn, SourceType> typeOf;
  private final Optional<String> where;

  private SideRows(
      ComparedTable table,
      ComparedColumns columns,
      Function<ComparedColumn, String> nameOf,
      Function<ComparedColumn, SourceType> typeOf,
      Optional<String> where) {
    this.table = table;
    this.columns = columns;
    this.nameOf = nameOf;
    this.typeOf = typeOf;
    this.where = where;
  }

  static SideRows ofControl(ComparedTable table, ComparedColumns columns, Optional<String> where) {
    return new SideRows(table, columns, ComparedColumn::name, ComparedColumn::control, where);
  }

  static SideRows ofTest(ComparedTable table, ComparedColumns columns, Optional<String> where) {
    return new SideRows(table, columns, ComparedColumn::testName, ComparedColumn::test, where);
  }

  /**
   * The columns of each {@link ComparedColumn}, and the hashes.
   *
   * @throws AssayException with {@code USAGE} where the condition cannot be read
   */
  Dataset<Row> rows() {
    Dataset<Row> all = table.rows();
    List<Column> selected = new ArrayList<>();
    for (ComparedColumn column : columns.all()) {
      selected.addAll(column.of(all.col(quoted(nameOf.apply(column))), typeOf.apply(column)));
    }
    Dataset<Row> rows = filtered(all, selected);
    List<String> key = parts(columns.key());
    List<String> row = parts(columns.all());
    return rows.withColumn(KEY_A, hash(1, key))
        .withColumn(KEY_B, hash(2, key))
        .withColumn(ROW_A, hash(1, row))
        .withColumn(ROW_B, hash(2, row));
  }

  private Dataset<Row> filtered(Dataset<Row> all, List<Column> selected) {
    if (where.isEmpty()) {
      return all.select(selected.toArray(Column[]::new));
    }
    try {
      // The condition is asked of numbers and dates as the other side has them.
      List<Column> asked = new ArrayList<>(selected);
      for (String name : all.columns()) {
        asked.add(typed(all, name).as(name));
      }
      return all.select(asked.toArray(Column[]::new))
          .where(where.get())
          .select(
              columns.all().stream()
                  .flatMap(c -> Stream.concat(c.parts().stream(), Stream.of(c.text())))
                  .map(functions::col)
                  .toArray(Column[]::new));
    } catch (Exception e) {
      // A checked exception that Scala code throws without saying so.
      if (!(e instanceof AnalysisException)) {
        throw e;
      }
      throw AssayException.usage(
          "--where cannot be asked of %s: %s"
              .formatted(table.name(), e.getMessage().lines().findFirst().orElse("")),
          "write a condition of SQL over columns that both sides have");
    }
  }

  private Column typed(Dataset<Row> all, String name) {
    Column column = all.col(quoted(name));
    return Stream.concat(columns.all().stream(), columns.others().stream())
        .filter(c -> nameOf.apply(c).equals(name) && typeOf.apply(c).written())
        .findFirst()
        .map(c -> c.type().value(column, typeOf.apply(c)))
        .orElse(column);
  }

  /** How the columns of a key are told apart: with what does not fit, and NULL as a value. */
  static List<String> parts(List<ComparedColumn> columns) {
    return columns.stream().flatMap(c -> c.parts().stream()).toList();
  }

  /**
   * Each part goes in whole and with a flag, because the hash passes over NULLs: (a, NULL) would
   * equal (NULL, a).
   */
  private static Column hash(int seed, List<String> parts) {
    List<Column> hashed = new ArrayList<>();
    hashed.add(lit(seed));
    for (String part : parts) {
      hashed.add(col(part).isNull());
      hashed.add(col(part));
    }
    return xxhash64(hashed.toArray(Column[]::new));
  }

  private static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
