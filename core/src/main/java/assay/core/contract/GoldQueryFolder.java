package assay.core.contract;

import assay.core.Lake.Layer;
import assay.core.sql.SelectReader;
import assay.core.sql.SelectReader.Tables;
import assay.core.sql.SqlFile;
import assay.core.sql.TableName;
import assay.core.yaml.Checked;
import assay.core.yaml.Position;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the SQL files that stand in the folder {@code gold} beside the contracts. */
final class GoldQueryFolder {
  private static final Map<String, String> REQUIRED = Map.of("every", "day");
  private static final List<String> OPTIONAL = List.of("description", "partition_by");

  private final ContractFolder.Names names;
  private final Tables tables;

  private GoldQueryFolder(List<Path> files, ContractFolder.Names names) {
    this.names = names;
    Set<TableName> known = QueryFolder.tablesOf(names);
    files.forEach(file -> known.add(QueryFolder.table(Layer.GOLD, file)));
    this.tables =
        new Tables(
            Set.of(Layer.SILVER, Layer.GOLD, Layer.QUARANTINE),
            known,
            names.complete(),
            "the last day that has ended");
  }

  /** Every {@code *.sql} in {@code contracts/gold}. */
  static Checked<List<Path>> files(Path contracts) {
    return QueryFolder.files(contracts.resolve("gold"));
  }

  /**
   * Reads every {@code *.sql} in {@code contracts/gold}.
   *
   * @param names that the contracts take, and that the queries may read
   */
  static Checked<List<GoldQuery>> check(Path contracts, ContractFolder.Names names) {
    Checked<List<Path>> files = files(contracts);
    if (!(files instanceof Checked.Good<List<Path>> good)) {
      return new Checked.Bad<>(files.problems());
    }
    GoldQueryFolder folder = new GoldQueryFolder(good.value(), names);
    return QueryFolder.read(good.value(), folder::query, GoldQuery::query);
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
    List<String> partitionBy = QueryFolder.partitionBy(file);
    Optional<String> description = QueryFolder.description(file);
    return SelectReader.read(file, table, tables)
        .map(query -> new GoldQuery(description, partitionBy, query));
  }
}
