package assay.core.contract;

import assay.core.sql.SqlColumns;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A grain and measures over a domain: a gold table, a live view, a serving table.
 *
 * @param by the dimensions beside the day, names of columns
 * @param filter the rows that the measures are of
 * @param tolerances by measure name; a measure that is not named must agree exactly, or, where the
 *     stream estimates it, as well as its sketch can
 * @param alertAbove the share of a day's cells that may stand beyond tolerance, a ratio; above it
 *     the day is not fit; without one any share is
 * @param ignored what does not count against a day for a while
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record MetricSet(
    String name,
    List<String> by,
    @RecordBuilder.Initializer(source = RowFilter.class, value = "NONE") RowFilter filter,
    List<Measure> measures,
    Optional<Live> live,
    Map<String, Tolerance> tolerances,
    Optional<BigDecimal> alertAbove,
    List<Ignore> ignored,
    Optional<Promotion> promote) {

  public MetricSet {
    by = List.copyOf(by);
    measures = List.copyOf(measures);
    tolerances = Map.copyOf(tolerances);
    ignored = List.copyOf(ignored);
  }

  /**
   * The look-ups whose columns the dimensions, the measures or the filter name: what a row counts
   * as depends on these alone.
   */
  public List<Enrich> lookUps(List<Enrich> all) {
    Set<String> named = new HashSet<>(by);
    measures.forEach(measure -> named.addAll(SqlColumns.of(measure.batchSql())));
    filter.rules().forEach(rule -> named.addAll(SqlColumns.of(rule.check())));
    return all.stream()
        .filter(e -> e.columns().stream().map(Enrich.Added::name).anyMatch(named::contains))
        .toList();
  }

  /** The tolerance that the contract names for a measure; {@link Tolerance#EXACT} without one. */
  public Tolerance tolerance(String measure) {
    return tolerances.getOrDefault(measure, Tolerance.EXACT);
  }
}
