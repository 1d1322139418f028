package assay.views.materialized;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.ContractReader;
import assay.core.contract.Definitions;
import assay.core.contract.ViewQuery;
import assay.core.testing.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A lake with the contract of flights, views, and tables that the test fills by hand. */
final class ViewFixture {
  private static final Path CONTRACT =
      Path.of(System.getProperty("assay.root", ".."), "examples", "flights", "contract.yaml");

  final SparkSession spark = TestSpark.session();
  final Lake lake;
  private final Path contracts;
  private String sql = "";

  ViewFixture(Path folder) {
    this.lake = new Lake(folder.resolve("lake").toString());
    this.contracts = folder.resolve("contracts");
    try {
      Files.createDirectories(contracts.resolve("views"));
      Files.copy(CONTRACT, contracts.resolve("flights.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs SQL in which {@code {t}} is the table {@code gold.route_day}. */
  void sql(String text) {
    var unused = spark.sql(text.replace("{t}", "delta.`" + lake.gold("route_day") + "`"));
  }

  void view(String name, String query) {
    view(name, "", query);
  }

  void view(String name, String header, String query) {
    this.sql = query;
    try {
      Files.writeString(
          contracts.resolve("views").resolve(name + ".sql"),
          "-- every: 1 minute\n" + header + query);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Definitions definitions() {
    return ContractReader.readDefinitions(contracts);
  }

  ViewQuery query(String name) {
    return definitions().views().stream()
        .filter(view -> view.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  MaterializedViews views(Steps steps) {
    return new MaterializedViews(spark, lake, definitions(), Clock.systemUTC(), steps);
  }

  /** Refreshes the view, and holds it against its query, run in full as plain SQL. */
  String refresh(String name, String asOf) {
    RefreshResult result = views(Steps.SILENT).refresh(query(name), Instant.parse(asOf), false);
    assertIsTheQuery(name, result.plan().strategy() + " view", asOf);
    return result.plan().strategy() + ": " + result.plan().reason();
  }

  void assertIsTheQuery(String name, String as, String asOf) {
    String plain =
        sql.replace("gold.route_day", "delta.`" + lake.gold("route_day") + "`")
            .replace(":as_of", "TIMESTAMP'" + asOf + "'");
    Dataset<Row> expected = spark.sql(plain);
    Dataset<Row> found = table(name).read();
    assertThat(found.schema().simpleString()).isEqualTo(expected.schema().simpleString());
    assertThat(texts(found.exceptAll(expected))).as("%s: too much", as).isEmpty();
    assertThat(texts(expected.exceptAll(found))).as("%s: missing", as).isEmpty();
  }

  LakeTable table(String name) {
    return new LakeTable(spark, lake.materializedView(name));
  }

  List<String> rows(String name) {
    return texts(table(name).read());
  }

  static List<String> texts(Dataset<Row> rows) {
    List<String> texts = new ArrayList<>();
    for (Row row : rows.collectAsList()) {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        values.add(String.valueOf(row.get(i)));
      }
      texts.add(String.join(" ", values));
    }
    return texts.stream().sorted().toList();
  }
}
