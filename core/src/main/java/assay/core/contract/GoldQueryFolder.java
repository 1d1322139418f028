package assay.core.contract;

import assay.core.Lake.Layer;
import assay.core.sql.QueryOrder;
import assay.core.sql.SelectReader;
import assay.core.sql.SelectReader.Tables;
import assay.core.sql.SqlFile;
import assay.core.sql.SqlQuery;
import assay.core.sql.TableName;
import assay.core.yaml.Checked;
import assay.core.yaml.Names;
import assay.core.yaml.Position;
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

/** Reads the SQL files that stand in the folder {@code gold} beside the contracts. */
final class GoldQueryFolder {
  private static final Map<String, String> REQUIRED = Map.of("every", "day");
  private static final List<String> OPTIONAL = List.of("description", "partition_by");

  private final ContractFolder.Names names;
  private final Tables tables;

  private GoldQueryFolder(List<Path> files, ContractFolder.Names names) {
    this.names = names;
    Set<TableName> known = new HashSet<>();
    for (String domain : names.domains()) {
      known.add(new TableName(Layer.SILVER, domain));
      known.add(new TableName(Layer.SILVER, domain + "_exceptions"));
      known.add(new TableName(Layer.QUARANTINE, domain));
    }
    names.metricSets().keySet().forEach(m -> known.add(new TableName(Layer.GOLD, m)));
    files.forEach(file -> known.add(table(file)));
    this.tables =
        new Tables(Set.of(Layer.SILVER, Layer.GOLD, Layer.QUARANTINE), known, names.complete());
  }

  /**
   * Reads every {@code *.sql} in {@code contracts/gold}.
   *
   * @param names that the contracts take, and that the queries may read
   */
  static Checked<List<GoldQuery>> check(Path contracts, ContractFolder.Names names) {
    Path folder = contracts.resolve("gold");
    if (!Files.isDirectory(folder)) {
      return new Checked.Good<>(List.of());
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(GoldQueryFolder::isQuery).sorted().toList();
    } catch (IOException e) {
      return new Checked.Bad<>(
          List.of(
              new Problem(
                  folder.toString(), 1, 1, "the folder cannot be read", "Check its permissions.")));
    }
    return new GoldQueryFolder(files, names).read(files);
  }

  private Checked<List<GoldQuery>> read(List<Path> files) {
    List<Problem> problems = new ArrayList<>();
    List<GoldQuery> queries = new ArrayList<>();
    for (Path path : files) {
      Problems own = new Problems(path.toString());
      SqlFile.read(path, own).flatMap(this::query).ifPresent(queries::add);
      problems.addAll(own.sorted());
    }
    // A circle among the good ones is told even where others have mistakes.
    Checked<List<SqlQuery>> order = QueryOrder.of(queries.stream().map(GoldQuery::query).toList());
    problems.addAll(order.problems());
    if (!problems.isEmpty()) {
      return new Checked.Bad<>(problems);
    }
    Map<TableName, GoldQuery> byTable =
        queries.stream().collect(Collectors.toMap(q -> q.query().table(), Function.identity()));
    return new Checked.Good<>(
        order.orThrow().stream().map(query -> byTable.get(query.table())).toList());
  }

  private Optional<GoldQuery> query(SqlFile file) {
    TableName table = new TableName(Layer.GOLD, file.name());
    ContractFile.Name taken = names.metricSets().get(file.name());
    if (taken != null) {
      file.mistake(
          Position.START,
          "`"
              + table
              + "` is also the metric set in "
              + taken.file()
              + ":"
              + taken.position().line(),
          "Choose another name: tables are named after it.");
    }
    file.checkHeader(REQUIRED, OPTIONAL);
    file.header("every")
        .filter(every -> !every.text().equals("day"))
        .ifPresent(
            every ->
                file.mistake(
                    every.at(),
                    "`every` must be `day`, not `" + every.text() + "`",
                    "Write `-- every: day`."));
    List<String> partitionBy =
        file.header("partition_by").map(v -> columns(file, v)).orElse(List.of());
    Optional<String> description =
        file.header("description").map(SqlFile.Value::text).filter(text -> !text.isEmpty());
    return SelectReader.read(file, table, tables)
        .map(query -> new GoldQuery(description, partitionBy, query));
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

  private static TableName table(Path file) {
    return new TableName(
        Layer.GOLD, String.valueOf(file.getFileName()).replaceFirst("\\.sql$", ""));
  }

  private static boolean isQuery(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.endsWith(".sql") && !name.startsWith(".") && Files.isRegularFile(path);
  }
}
