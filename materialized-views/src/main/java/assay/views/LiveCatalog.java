package assay.views;

import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeCatalog;
import assay.core.contract.Contract;
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
   */
  public void registerViews(Contract contract) {
    LakeCatalog catalog = new LakeCatalog(spark, lake);
    for (LiveView view : new LiveTables(spark, lake, contract).views()) {
      if (view.table().exists()) {
        String partials = view.name() + "_partials";
        catalog.register(Layer.LIVE, partials, view.table().path());
        spark.sql("DROP TABLE IF EXISTS live.`%s`".formatted(view.name()));
        spark.sql(
            "CREATE OR REPLACE VIEW live.`%s` AS %s"
                .formatted(view.name(), view.foldSql("live.`" + partials + "`")));
      }
    }
  }
}
