package assay.core.sql;

import assay.core.sql.SqlQuery.Reference;
import assay.core.yaml.Checked;
import assay.core.yaml.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Puts queries that read each other's tables in an order in which each finds what it reads. */
public final class QueryOrder {
  private final Map<TableName, SqlQuery> queries = new TreeMap<>();
  private final Set<TableName> seen = new HashSet<>();
  private final List<SqlQuery> path = new ArrayList<>();
  private final List<SqlQuery> ordered = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  private QueryOrder(List<SqlQuery> queries) {
    queries.forEach(query -> this.queries.put(query.table(), query));
  }

  /**
   * Each query behind those whose tables it reads, otherwise by name.
   *
   * @return a mistake for every circle, told where it closes
   */
  public static Checked<List<SqlQuery>> of(List<SqlQuery> queries) {
    QueryOrder order = new QueryOrder(queries);
    order.queries.values().forEach(order::visit);
    return order.problems.isEmpty()
        ? new Checked.Good<>(List.copyOf(order.ordered))
        : new Checked.Bad<>(order.problems);
  }

  private void visit(SqlQuery query) {
    if (!seen.add(query.table())) {
      return;
    }
    path.add(query);
    Set<TableName> followed = new HashSet<>();
    for (Reference reference : query.references()) {
      SqlQuery source = queries.get(reference.table());
      if (source == null || !followed.add(reference.table())) {
        continue;
      }
      if (path.contains(source)) {
        report(query, reference);
      } else {
        visit(source);
      }
    }
    path.remove(path.size() - 1);
    ordered.add(query);
  }

  private void report(SqlQuery query, Reference reference) {
    String way =
        path.subList(path.indexOf(queries.get(reference.table())) + 1, path.size()).stream()
            .map(q -> "`" + q.table() + "`")
            .collect(Collectors.joining(", "));
    problems.add(
        new Problem(
            query.file(),
            reference.at().line(),
            reference.at().column(),
            "`"
                + reference.table()
                + "` reads itself"
                + (way.isEmpty() ? "" : ", by way of " + way),
            "Let it read the tables that this one is made of."));
  }
}
