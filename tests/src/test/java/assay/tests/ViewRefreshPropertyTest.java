package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.ContractReader;
import assay.core.contract.Definitions;
import assay.core.contract.ViewQuery;
import assay.core.testing.TestSpark;
import assay.views.materialized.MaterializedViews;
import assay.views.materialized.RefreshPlan;
import assay.views.materialized.Strategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.statistics.Statistics;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Whatever happens to a table, and whichever way a view over it is refreshed, the view holds what
 * its query gives in full, to the last value. Each view of a lake is a sequence of its own: thirty,
 * or five hundred with {@code -Pfaults}.
 */
@AddLifecycleHook(value = Effort.class, propagateTo = PropagationMode.DIRECT_DESCENDANTS)
class ViewRefreshPropertyTest {
  private static final boolean LONG = Boolean.getBoolean("assay.everyStep");
  private static final int LAKES = LONG ? 5 : 3;
  private static final int VIEWS = 5;
  private static final int CHANGES = LONG ? 6 : 3;
  private static final Instant FIRST = Instant.parse("2001-01-03T12:00:00Z");

  private final SparkSession spark = TestSpark.session();

  @Property(
      shrinking = ShrinkingMode.OFF,
      generation = GenerationMode.RANDOMIZED,
      edgeCases = EdgeCasesMode.NONE,
      afterFailure = AfterFailureMode.RANDOM_SEED)
  void aViewHoldsWhatItsQueryGivesInFull(@ForAll long seed) throws IOException {
    for (int i = 0; i < LAKES; i++) {
      Path folder = Files.createTempDirectory("views");
      try {
        new Run(folder, seed + i).check();
      } finally {
        FileUtils.deleteDirectory(folder.toFile());
      }
    }
    Statistics.label("strategies")
        .coverage(
            coverage -> {
              for (Strategy strategy : Strategy.values()) {
                coverage.check(strategy).count(times -> times > 3);
              }
            });
  }

  /** One table, and views over it. */
  private final class Run {
    private final ViewDraw draw;
    private final Lake lake;
    private final Path contracts;
    private final String table;
    private final Map<String, String> queries = new TreeMap<>();
    private final List<String> history = new ArrayList<>();

    Run(Path folder, long seed) {
      this.draw = new ViewDraw(seed);
      this.lake = new Lake(folder.resolve("lake").toString());
      this.contracts = folder.resolve("contracts");
      this.table = "delta.`" + lake.gold("route_day") + "`";
    }

    void check() throws IOException {
      sql("CREATE TABLE t " + draw.table());
      sql(draw.insert(12));
      sql(draw.insert(6));
      writeViews();
      Definitions definitions = ContractReader.readDefinitions(contracts);
      MaterializedViews views =
          new MaterializedViews(spark, lake, definitions, Clock.systemUTC(), Steps.SILENT);
      Instant asOf = FIRST;
      refreshAll(views, definitions, asOf);
      for (int i = 0; i < CHANGES; i++) {
        sql(draw.change());
        asOf = asOf.plus(Duration.ofMinutes(draw.minutes()));
        refreshAll(views, definitions, asOf);
      }
    }

    private void writeViews() throws IOException {
      Files.createDirectories(contracts.resolve("views"));
      Files.copy(
          Path.of(System.getProperty("assay.root", ".."), "examples", "flights", "contract.yaml"),
          contracts.resolve("flights.yaml"));
      for (int i = 0; i < VIEWS; i++) {
        String view = draw.view();
        String name = "v" + i;
        queries.put(name, view.substring(view.indexOf("SELECT")));
        Files.writeString(
            contracts.resolve("views").resolve(name + ".sql"),
            "-- every: 1 minute\n" + view.replaceAll("\\bt\\b(?! *=)", "gold.route_day"));
      }
    }

    private void refreshAll(MaterializedViews views, Definitions definitions, Instant asOf) {
      for (ViewQuery view : definitions.views()) {
        RefreshPlan plan = views.refresh(view, asOf, false).plan();
        Statistics.label("strategies").collect(plan.strategy());
        String query = queries.get(view.name());
        Dataset<Row> expected =
            spark.sql(
                query
                    .replaceAll("\\bt\\b(?! *=)", table)
                    .replace(":as_of", "TIMESTAMP'" + asOf + "'"));
        Dataset<Row> found = spark.read().format("delta").load(lake.materializedView(view.name()));
        String what = plan + "\n" + query + "\nafter " + String.join(";\n", history);
        assertThat(found.schema().simpleString())
            .as(what)
            .isEqualTo(expected.schema().simpleString());
        Bag.assertEqual(what, Rows.of(expected, "*"), Rows.of(found, "*"));
      }
    }

    private void sql(String text) {
      if (!text.isEmpty()) {
        history.add(text);
        var unused = spark.sql(text.replaceAll("\\bt\\b(?! *=)", table));
      }
    }
  }
}
