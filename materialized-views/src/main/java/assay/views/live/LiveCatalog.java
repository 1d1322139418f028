package assay.views.live;

import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeCatalog;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Makes a domain's live views known to a session's SQL, each as the merge of its partials. */
public final class LiveCatalog {
  private final SparkSession spark;
  private final Lake lake;

  public LiveCatalog(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.lake = lake;
  }

  /**
   * Registers {@code live.METRICS} for each view that is there, and the table under it as {@code
   * live.METRICS_partials}; by window as {@code live.METRICS_windows}; what a filter keeps out, by
   * day and rule, as {@code live.METRICS_filtered}. The same for views of other kinds, without
   * windows; and those that only rank another one's rows.
   *
   * @return the names of views that were accumulated under another definition than the contract's
   *     and are left out, because their partials cannot be read by it
   */
  public List<String> registerViews(Contract contract) {
    LakeCatalog catalog = new LakeCatalog(spark, lake);
    List<String> leftOut = new ArrayList<>();
    List<String> shown = new ArrayList<>();
    for (LiveView view : new LiveTables(spark, lake, contract).views()) {
      if (!view.table().exists()) {
        continue;
      }
      String partials = view.name() + "_partials";
      catalog.register(Layer.LIVE, partials, view.table().path());
      spark.sql("DROP TABLE IF EXISTS live.`%s`".formatted(view.name()));
      if (view.otherDefinition().isPresent()) {
        leftOut.add(view.name());
        spark.sql("DROP VIEW IF EXISTS live.`%s_windows`".formatted(view.name()));
        spark.sql("DROP VIEW IF EXISTS live.`%s_filtered`".formatted(view.name()));
      } else {
        String source = "live.`" + partials + "`";
        createView(view.name(), view.foldSql(source));
        view.foldByWindowSql(source).ifPresent(sql -> createView(view.name() + "_windows", sql));
        spark.sql("DROP VIEW IF EXISTS live.`%s_filtered`".formatted(view.name()));
        view.filteredSql(source).ifPresent(sql -> createView(view.name() + "_filtered", sql));
        shown.add(view.name());
      }
    }
    for (LiveDefinition definition : contract.liveViews()) {
      if (definition instanceof LiveDefinition.Top top && shown.contains(top.of())) {
        createView(top.name(), new TopRows(top, contract).fold().sql("live.`" + top.of() + "`"));
      }
    }
    return leftOut;
  }

  private void createView(String name, String query) {
    spark.sql("CREATE OR REPLACE VIEW live.`%s` AS %s".formatted(name, query));
  }
}
