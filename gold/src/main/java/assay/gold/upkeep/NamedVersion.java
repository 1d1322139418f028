package assay.gold.upkeep;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.silver.Silver;
import assay.silver.SilverState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/**
 * A version of a table that another one still names, so that it must stay readable.
 *
 * @param by the path of the table that names it
 * @param table the path of the named one
 * @param mend what makes it name a newer one
 */
record NamedVersion(String by, String table, long version, String mend) {

  /**
   * All that tables of a domain name: gold stands for a version of silver, and silver for versions
   * of the tables beside it, also as of the version that gold stands for.
   */
  static List<NamedVersion> of(SparkSession spark, Lake lake, Contract contract) {
    List<NamedVersion> named = new ArrayList<>();
    Silver silver = new Silver(spark, lake, contract);
    addBeside(named, silver, silver.table().path(), silver.table().version(), "run 'assay silver'");
    for (MetricSet metrics : contract.metrics()) {
      Gold gold = new Gold(spark, lake, contract, metrics);
      if (gold.table().exists()) {
        String by = gold.table().path();
        gold.silverVersionAt(gold.table().version())
            .ifPresent(
                version -> {
                  String mend = "run 'assay gold' first";
                  named.add(new NamedVersion(by, silver.table().path(), version, mend));
                  addBeside(named, silver, by, version, mend);
                });
      }
    }
    return named;
  }

  /** Where silver's log has forgotten the version, it may have named any, the first ones too. */
  private static void addBeside(
      List<NamedVersion> named, Silver silver, String by, long version, String mend) {
    Optional<SilverState> state =
        silver.table().reaches(version) ? Optional.of(silver.state(version)) : Optional.empty();
    long exceptions = state.map(SilverState::exceptions).orElse(0L);
    long quarantine = state.map(SilverState::quarantine).orElse(0L);
    named.add(new NamedVersion(by, silver.exceptions().path(), exceptions, mend));
    named.add(new NamedVersion(by, silver.quarantine().path(), quarantine, mend));
  }
}
