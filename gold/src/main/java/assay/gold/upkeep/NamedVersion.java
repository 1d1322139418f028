package assay.gold.upkeep;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * A version of a table that another one still names, so that it must stay readable.
 *
 * @param by the path of the table that names it
 * @param table the path of the named one
 * @param mend what makes it name a newer one
 */
record NamedVersion(String by, String table, long version, String mend) {

  /** All that tables of a domain name: gold stands for a version of silver. */
  static List<NamedVersion> of(SparkSession spark, Lake lake, Contract contract) {
    List<NamedVersion> named = new ArrayList<>();
    for (MetricSet metrics : contract.metrics()) {
      Gold gold = new Gold(spark, lake, contract, metrics);
      if (gold.table().exists()) {
        gold.silverVersionAt(gold.table().version())
            .ifPresent(
                version ->
                    named.add(
                        new NamedVersion(
                            gold.table().path(),
                            lake.silver(contract.domain()),
                            version,
                            "run 'assay gold' first")));
      }
    }
    return named;
  }
}
