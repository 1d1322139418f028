package assay.core.contract;

import assay.core.Lake.Layer;
import assay.core.sql.QueryOrder;
import assay.core.sql.SqlFile;
import assay.core.sql.SqlQuery;
import assay.core.sql.TableName;
import assay.core.yaml.Checked;
import assay.core.yaml.Names;
import assay.core.yaml.Problem;
import assay.core.yaml.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The SQL files of a folder beside the contracts, each of which makes a table. */
final class QueryFolder {
  private QueryFolder() {}

  /** Every {@code *.sql} of a folder, by name; none where there is no such folder. */
  static Checked<List<Path>> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return new Checked.Good<>(List.of());
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return new Checked.Good<>(entries.filter(QueryFolder::isQuery).sorted().toList());
    } catch (IOException e) {
      return new Checked.Bad<>(
          List.of(
              new Problem(
                  folder.toString(), 1, 1, "the folder cannot be read", "Check its permissions.")));
    }
  }

  /**
   * Reads files, and puts what they hold in an order in which each finds what it reads.
   *
   * @param reader of one file; empty where it reported something
   */
  static <Q> Checked<List<Q>> read(
      List<Path> files, Function<SqlFile, Optional<Q>> reader, Function<Q, SqlQuery> query) {
    List<Problem> problems = new ArrayList<>();
    List<Q> queries = new ArrayList<>();
    for (Path path : files) {
      Problems own = new Problems(path.toString());
      SqlFile.read(path, own).flatMap(reader).ifPresent(queries::add);
      problems.addAll(own.sorted());
    }
    // A circle among the good ones is told even where others have mistakes.
    Checked<List<SqlQuery>> order = QueryOrder.of(queries.stream().map(query).toList());
    problems.addAll(order.problems());
    if (!problems.isEmpty()) {
      return new Checked.Bad<>(problems);
    }
    Map<TableName, Q> byTable =
        queries.stream().collect(Collectors.toMap(q -> query.apply(q).table(), q -> q));
    return new Checked.Good<>(order.orThrow().stream().map(q -> byTable.get(q.table())).toList());
  }

  /** The table that a file of a folder makes. */
  static TableName table(Layer layer, Path file) {
    return new TableName(layer, String.valueOf(file.getFileName()).replaceFirst("\\.sql$", ""));
  }

  /** What silver and gold make of contracts: the tables that every query may read. */
  static Set<TableName> tablesOf(ContractFolder.Names names) {
    Set<TableName> known = new HashSet<>();
    for (String domain : names.domains()) {
      known.add(new TableName(Layer.SILVER, domain));
      known.add(new TableName(Layer.SILVER, domain + "_exceptions"));
      known.add(new TableName(Layer.QUARANTINE, domain));
    }
    names.metricSets().keySet().forEach(m -> known.add(new TableName(Layer.GOLD, m)));
    return known;
  }

  /** The header's {@code description}, where it says one. */
  static Optional<String> description(SqlFile file) {
    return file.header("description").map(SqlFile.Value::text).filter(text -> !text.isEmpty());
  }

  /** The header's {@code partition_by}. */
  static List<String> partitionBy(SqlFile file) {
    return file.header("partition_by").map(v -> columns(file, v)).orElse(List.of());
  }

  private static List<String> columns(SqlFile file, SqlFile.Value value) {
    List<String> columns = Arrays.stream(value.text().split(",", -1)).map(String::strip).toList();
    for (String column : columns) {
      if (!Names.isAllowed(column)) {
        file.mistake(
            value.at(),
            "`partition_by` must be columns of the result, not `" + value.text() + "`",
            "Write for example `-- partition_by: month`.");
        break;
      }
    }
    return columns;
  }

  private static boolean isQuery(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.endsWith(".sql") && !name.startsWith(".") && Files.isRegularFile(path);
  }
}
