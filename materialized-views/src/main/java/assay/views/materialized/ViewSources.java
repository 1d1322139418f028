package assay.views.materialized;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeTable;
import assay.core.TableVersion;
import assay.core.contract.Contract;
import assay.core.contract.Definitions;
import assay.core.sql.TableName;
import assay.silver.Silver;
import assay.silver.SilverState;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The tables that views read, at versions that are chosen before anything is read. The tables
 * beside silver are read as far as the pinned version of silver names them, because what lies
 * behind that may be half written; a live view is the fold of a pinned version of its partials.
 */
final class ViewSources {
  private final SparkSession spark;
  private final Lake lake;
  private final Definitions definitions;

  ViewSources(SparkSession spark, Lake lake, Definitions definitions) {
    this.spark = spark;
    this.lake = lake;
    this.definitions = definitions;
  }

  /**
   * The versions to read now; tables that are not there are left out. Silver comes before what
   * stands beside it.
   */
  Map<TableName, TableVersion> pin(Set<TableName> tables) {
    Map<TableName, TableVersion> pins = new TreeMap<>();
    Map<String, TableVersion> silvers = new TreeMap<>();
    for (TableName name : tables) {
      if (name.layer() != Layer.SILVER && name.layer() != Layer.QUARANTINE) {
        table(name).newest().ifPresent(version -> pins.put(name, version));
        continue;
      }
      Contract domain = domainOf(name);
      Silver silver = new Silver(spark, lake, domain);
      TableVersion pinned =
          silvers.computeIfAbsent(
              domain.domain(), d -> silver.table().newest().orElse(new TableVersion("", -1, "")));
      if (pinned.version() >= 0) {
        versionBeside(name, silver, pinned).ifPresent(version -> pins.put(name, version));
      }
    }
    return pins;
  }

  private Optional<TableVersion> versionBeside(TableName name, Silver silver, TableVersion pinned) {
    if (silver.table().path().equals(name.path(lake))) {
      return Optional.of(pinned);
    }
    LakeTable table = table(name);
    if (!table.exists()) {
      return Optional.empty();
    }
    SilverState state = silver.state(pinned.version());
    boolean quarantine = name.layer() == Layer.QUARANTINE;
    return Optional.of(table.versionAt(quarantine ? state.quarantine() : state.exceptions()));
  }

  LakeTable table(TableName name) {
    return new LakeTable(spark, name.path(lake));
  }

  /** The columns that a pinned table is partitioned by first; empty where it is not. */
  Optional<String> partitionColumn(TableName name, TableVersion pin) {
    return name.layer() == Layer.LIVE && !liveView(name).staysInItsDay()
        ? Optional.empty()
        : table(name).partitionColumnsAt(pin.version()).stream().findFirst();
  }

  /** The rows that stand in a pinned table: for a live view, its partials. */
  Dataset<Row> stored(SparkSession session, TableName name, TableVersion pin) {
    return new LakeTable(session, name.path(lake)).readAt(pin.version());
  }

  /**
   * The rows that a query sees.
   *
   * @param stored all or some of what stands in the table
   */
  Dataset<Row> seen(SparkSession session, TableName name, Dataset<Row> stored) {
    if (name.layer() != Layer.LIVE) {
      return stored;
    }
    LiveView view = liveView(name);
    view.otherDefinition()
        .ifPresent(
            known -> {
              throw AssayException.failed(
                  name + " was accumulated under another definition than the contract's",
                  LiveView.BUILD_AGAIN);
            });
    String partials = "`assay:" + name + "_partials`";
    stored.createOrReplaceTempView(partials);
    return session.sql(view.foldSql(partials));
  }

  private LiveView liveView(TableName name) {
    return definitions.contracts().stream()
        .flatMap(contract -> new LiveTables(spark, lake, contract).views().stream())
        .filter(view -> view.name().equals(name.name()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no contract has " + name));
  }

  private Contract domainOf(TableName name) {
    return definitions.contracts().stream()
        .filter(
            c -> name.name().equals(c.domain()) || name.name().equals(c.domain() + "_exceptions"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no contract has " + name));
  }
}
