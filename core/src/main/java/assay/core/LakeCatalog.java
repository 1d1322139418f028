package assay.core;

import assay.core.Lake.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** Makes the tables that lie in a lake known to a session's SQL, as {@code layer.name}. */
public final class LakeCatalog {
  private final SparkSession spark;
  private final Lake lake;

  public LakeCatalog(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.lake = lake;
  }

  /** Registers every table that is there now; the folders of a layer that is not stay unmade. */
  public void registerTables() {
    for (Layer layer : Layer.values()) {
      for (String table : tablesIn(lake.folder(layer))) {
        register(layer, table, lake.table(layer, table));
      }
    }
  }

  /** Registers one table under a name of its own. */
  public void register(Layer layer, String name, String path) {
    createSchema(layer);
    spark.sql(
        "CREATE TABLE IF NOT EXISTS %s.`%s` USING delta LOCATION '%s'"
            .formatted(layer.folder(), name, path.replace("'", "\\'")));
  }

  /** Makes a layer's schema known, at the layer's folder. */
  public void createSchema(Layer layer) {
    spark.sql(
        "CREATE DATABASE IF NOT EXISTS %s LOCATION '%s'"
            .formatted(layer.folder(), lake.folder(layer).replace("'", "\\'")));
  }

  /** The names of the tables right under a folder; none where it is not there. */
  public List<String> tablesIn(String path) {
    Path folder = new Path(path);
    List<String> tables = new ArrayList<>();
    try {
      FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
      if (!files.exists(folder)) {
        return tables;
      }
      for (FileStatus status : files.listStatus(folder)) {
        if (files.exists(new Path(status.getPath(), "_delta_log"))) {
          tables.add(status.getPath().getName());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
    return tables;
  }
}
