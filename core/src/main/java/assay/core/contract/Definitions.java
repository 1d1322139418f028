package assay.core.contract;

import assay.core.Lake.Layer;
import assay.core.sql.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All that a folder of contracts defines.
 *
 * @param contracts by the names of their files
 * @param goldQueries in an order in which each finds what it reads
 * @param views materialized ones, in an order in which each finds what it reads
 */
public record Definitions(
    List<Contract> contracts, List<GoldQuery> goldQueries, List<ViewQuery> views) {
  public Definitions {
    contracts = List.copyOf(contracts);
    goldQueries = List.copyOf(goldQueries);
    views = List.copyOf(views);
  }

  /** The queries that read a table of a domain, be it by way of another query. */
  public List<GoldQuery> goldQueriesOver(Contract contract) {
    Set<TableName> tables = new HashSet<>();
    tables.add(new TableName(Layer.SILVER, contract.domain()));
    tables.add(new TableName(Layer.SILVER, contract.domain() + "_exceptions"));
    tables.add(new TableName(Layer.QUARANTINE, contract.domain()));
    contract.metrics().forEach(m -> tables.add(new TableName(Layer.GOLD, m.name())));
    List<GoldQuery> over = new ArrayList<>();
    for (GoldQuery query : goldQueries) {
      if (query.query().reads().stream().anyMatch(tables::contains)) {
        tables.add(query.query().table());
        over.add(query);
      }
    }
    return over;
  }
}
