package assay.core.contract;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /** The tolerance that the contract names for a measure; {@link Tolerance#EXACT} without one. */
  public Tolerance tolerance(String measure) {
    return tolerances.getOrDefault(measure, Tolerance.EXACT);
  }
}
