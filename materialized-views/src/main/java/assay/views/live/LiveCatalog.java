package assay.views.live;

import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeCatalog;
import assay.core.contract.Contract;
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
   * live.METRICS_partials}.
   *
   * @return the names of views that were accumulated under another definition than the contract's
   *     and are left out, because their partials cannot be read by it
   */
  public List<String> registerViews(Contract contract) {
    LakeCatalog catalog = new LakeCatalog(spark, lake);
    List<String> leftOut = new ArrayList<>();
    for (LiveView view : new LiveTables(spark, lake, contract).views()) {
      if (!view.table().exists()) {
        continue;
      }
      String partials = view.name() + "_partials";
      catalog.register(Layer.LIVE, partials, view.table().path());
      spark.sql("DROP TABLE IF EXISTS live.`%s`".formatted(view.name()));
      if (view.otherDefinition().isPresent()) {
        leftOut.add(view.name());
      } else {
        spark.sql(
            "CREATE OR REPLACE VIEW live.`%s` AS %s"
                .formatted(view.name(), view.foldSql("live.`" + partials + "`")));
      }
    }
    return leftOut;
  }
}
