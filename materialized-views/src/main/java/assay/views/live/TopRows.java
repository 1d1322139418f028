package assay.views.live;

import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The cells of each day with the greatest values of a measure. Nothing is stored for them. */
final class TopRows {
  private static final String RANK = "rank";

  /** One row of each day stands at each rank. */
  static final List<String> KEY = List.of(EventParser.EVENT_DATE, RANK);

  private final LiveDefinition.Top top;
  private final MetricSet metrics;

  TopRows(LiveDefinition.Top top, Contract contract) {
    this.top = top;
    this.metrics = contract.metricSet(top.of()).orElseThrow();
  }

  /** What the metric set shows to its greatest cells, with their rank from 1. */
  Fold fold() {
    String order =
        Fold.quoted(top.by())
            + " DESC NULLS LAST"
            + metrics.by().stream().map(n -> ", " + Fold.quoted(n)).collect(Collectors.joining());
    String rank =
        "row_number() OVER (PARTITION BY %s ORDER BY %s)".formatted(EventParser.EVENT_DATE, order);
    List<String> shown = new ArrayList<>(KEY);
    metrics.by().forEach(name -> shown.add(Fold.quoted(name)));
    metrics.measures().stream().map(Measure::name).map(Fold::quoted).forEach(shown::add);
    return Fold.of(
        new Fold.Select(List.of("*", Fold.as(rank, RANK))),
        new Fold.Where(RANK + " <= " + top.rows()),
        new Fold.Select(shown));
  }
}
