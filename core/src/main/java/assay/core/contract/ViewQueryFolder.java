package assay.core.contract;

import assay.core.Lake.Layer;
import assay.core.contract.ViewQuery.Policy;
import assay.core.sql.SelectReader;
import assay.core.sql.SelectReader.Tables;
import assay.core.sql.SqlFile;
import assay.core.sql.TableName;
import assay.core.yaml.Checked;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the SQL files that stand in the folder {@code views} beside the contracts. */
final class ViewQueryFolder {
  private static final Map<String, String> REQUIRED = Map.of("every", "5 minutes");
  private static final List<String> OPTIONAL = List.of("description", "partition_by", "policy");

  private final Tables tables;

  private ViewQueryFolder(List<Path> files, Set<TableName> known, boolean complete) {
    files.forEach(file -> known.add(QueryFolder.table(Layer.MATERIALIZED_VIEWS, file)));
    this.tables =
        new Tables(
            Set.of(
                Layer.SILVER, Layer.QUARANTINE, Layer.GOLD, Layer.LIVE, Layer.MATERIALIZED_VIEWS),
            known,
            complete,
            "the minute of the refresh, a timestamp");
  }

  /**
   * Reads every {@code *.sql} in {@code contracts/views}.
   *
   * @param folder of contracts
   * @param contracts what was read of it
   */
  static Checked<List<ViewQuery>> check(Path folder, ContractFolder contracts) {
    Checked<List<Path>> files = QueryFolder.files(folder.resolve("views"));
    if (!(files instanceof Checked.Good<List<Path>> good)) {
      return new Checked.Bad<>(files.problems());
    }
    Set<TableName> known = QueryFolder.tablesOf(contracts.names());
    if (GoldQueryFolder.files(folder) instanceof Checked.Good<List<Path>> gold) {
      gold.value().forEach(file -> known.add(QueryFolder.table(Layer.GOLD, file)));
    }
    if (contracts.contracts() instanceof Checked.Good<List<Contract>> read) {
      read.value().stream()
          .flatMap(contract -> contract.liveTables().stream())
          .forEach(name -> known.add(new TableName(Layer.LIVE, name)));
    } else {
      // Which of them have a live view is not known.
      contracts.names().metricSets().keySet().stream()
          .map(name -> new TableName(Layer.LIVE, name))
          .forEach(known::add);
    }
    ViewQueryFolder views = new ViewQueryFolder(good.value(), known, contracts.names().complete());
    return QueryFolder.read(good.value(), views::query, ViewQuery::query);
  }

  private Optional<ViewQuery> query(SqlFile file) {
    file.checkHeader(REQUIRED, OPTIONAL);
    Optional<Schedule> schedule = file.header("every").flatMap(value -> Schedule.read(file, value));
    Policy policy = file.header("policy").flatMap(value -> policy(file, value)).orElse(Policy.AUTO);
    List<String> partitionBy = QueryFolder.partitionBy(file);
    Optional<String> description = QueryFolder.description(file);
    TableName table = new TableName(Layer.MATERIALIZED_VIEWS, file.name());
    return SelectReader.read(file, table, tables)
        .flatMap(
            query ->
                schedule.map(
                    every -> new ViewQuery(description, partitionBy, every, policy, query)));
  }

  private static Optional<Policy> policy(SqlFile file, SqlFile.Value value) {
    Optional<Policy> policy = Policy.of(value.text());
    if (policy.isEmpty()) {
      file.mistake(
          value.at(),
          "`policy` must be auto, incremental or full, not `" + value.text() + "`",
          "Write `-- policy: auto`, or leave it out.");
    }
    return policy;
  }
}
