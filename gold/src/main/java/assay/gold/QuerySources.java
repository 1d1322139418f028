package assay.gold;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Definitions;
import assay.core.sql.TableName;
import assay.gold.QueryOrigin.Source;
import assay.silver.Silver;
import assay.silver.SilverState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The versions of tables that queries read. Silver is read as gold has it, so that a query over
 * both speaks of the same rows; the tables beside silver up to the micro-batch that this version of
 * silver names, because what lies behind it may be half written.
 */
final class QuerySources {
  private final SparkSession spark;
  private final Lake lake;
  private final List<Contract> contracts;

  QuerySources(SparkSession spark, Lake lake, Definitions definitions) {
    this.spark = spark;
    this.lake = lake;
    this.contracts = definitions.contracts();
  }

  /**
   * The version of a table that is to be read now; empty where it is not there.
   *
   * @param silverVersions by domain, for those that gold is about to stand for
   */
  Optional<Source> pin(TableName name, Map<String, Long> silverVersions) {
    LakeTable table = new LakeTable(spark, name.path(lake));
    if (!table.exists()) {
      return Optional.empty();
    }
    Optional<Contract> domain = domainOf(name);
    if (domain.isEmpty()) {
      return Optional.of(new Source(table.id(), table.version()));
    }
    Silver silver = new Silver(spark, lake, domain.get());
    if (!silver.table().exists()) {
      return Optional.empty();
    }
    long silverVersion =
        Optional.ofNullable(silverVersions.get(domain.get().domain()))
            .orElseGet(() -> versionInGold(domain.get(), silver.table()));
    if (isSilverItself(name, domain.get())) {
      return Optional.of(new Source(table.id(), silverVersion));
    }
    if (!silver.table().reaches(silverVersion)) {
      throw AssayException.failed(
          "gold of %s stands for version %d of silver, which silver's log does not reach any more"
              .formatted(domain.get().domain(), silverVersion),
          "run 'assay gold --domain " + domain.get().domain() + "' first");
    }
    SilverState state = silver.state(silverVersion);
    boolean quarantine = table.path().equals(silver.quarantine().path());
    return Optional.of(
        new Source(table.id(), quarantine ? state.quarantine() : state.exceptions()));
  }

  /** The rows of a pinned table. */
  Dataset<Row> read(SparkSession session, TableName name, Source source) {
    return new LakeTable(session, name.path(lake)).readAt(source.version());
  }

  /** The version of silver that all of a domain's gold has reached. */
  private long versionInGold(Contract contract, LakeTable silver) {
    return contract.metrics().stream()
        .map(metrics -> new Gold(spark, lake, contract, metrics))
        .flatMap(gold -> gold.silverVersionNow(silver).stream().boxed())
        .min(Long::compare)
        .orElseGet(silver::version);
  }

  /** The domain whose silver decides how far a table is read; empty for gold. */
  private Optional<Contract> domainOf(TableName name) {
    return name.layer() == Layer.GOLD
        ? Optional.empty()
        : contracts.stream()
            .filter(
                c ->
                    name.name().equals(c.domain())
                        || name.name().equals(c.domain() + "_exceptions"))
            .findFirst();
  }

  private static boolean isSilverItself(TableName name, Contract contract) {
    return name.layer() == Layer.SILVER && name.name().equals(contract.domain());
  }
}
