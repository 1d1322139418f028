package assay.core.contract;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One domain: a stream of events and all that is made of it. Read from YAML by {@link
 * ContractReader}, which reports every mistake before a contract exists, so that an instance is
 * always whole: every name is known, every expression resolves.
 *
 * @param columns in the order of the file
 * @param key names of required columns; a row's identity
 * @param eventTime name of a required timestamp column
 * @param orderBy names of columns that decide between rows of one key, before partition and offset;
 *     empty where partition and offset alone decide
 * @param allowedLateness how far behind the watermark the live path still counts, zero or more
 * @param dedupWithin how far back in ingest time the live path looks for an equal row, inclusive
 * @param onUpdate what the live path does with a row that corrects one it has counted
 * @param correctionsWithin how many days a correction may move a row's day, in either direction
 * @param grace how long after a day's end bronze must be in silver before the day is closed
 * @param zone the zone that days are cut in; instants stay UTC
 * @param enrich look-ups in reference tables, after the rules
 * @param liveViews live views beside those of metric sets
 * @param sinks where the stream sends what it makes, beside the tables
 * @param hash SHA-256, in hex, of what the file says about the tables (layout, comments and sinks
 *     left out)
 */
@RecordBuilder
@RecordBuilder.Options(useImmutableCollections = true)
public record Contract(
    String domain,
    Source source,
    List<Column> columns,
    List<String> key,
    String eventTime,
    List<String> orderBy,
    Duration allowedLateness,
    Duration dedupWithin,
    OnUpdate onUpdate,
    Duration correctionsWithin,
    Duration grace,
    ZoneId zone,
    List<Rule> rules,
    List<Enrich> enrich,
    List<MetricSet> metrics,
    List<LiveDefinition> liveViews,
    List<Sink> sinks,
    String hash) {

  /** What the live path does with a row of a key that has one it has counted. */
  public enum OnUpdate {
    /** Both count. */
    COUNT,

    /** Within the look-back the one that loses is taken back. */
    ADJUST
  }

  public Contract {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    orderBy = List.copyOf(orderBy);
    rules = List.copyOf(rules);
    enrich = List.copyOf(enrich);
    metrics = List.copyOf(metrics);
    liveViews = List.copyOf(liveViews);
    sinks = List.copyOf(sinks);
  }

  /** Whether the live path takes rows back. */
  public boolean adjusts() {
    return onUpdate == OnUpdate.ADJUST;
  }

  public Optional<MetricSet> metricSet(String name) {
    return metrics.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /** The metric sets that the stream keeps up to date, in the order of the file. */
  public List<MetricSet> liveMetrics() {
    return metrics.stream().filter(m -> m.live().isPresent()).toList();
  }

  /** The live views of other kinds for which the stream keeps a table, in the order of the file. */
  public List<LiveDefinition.Kept> keptViews() {
    return liveViews.stream()
        .filter(v -> v instanceof LiveDefinition.Kept)
        .map(v -> (LiveDefinition.Kept) v)
        .toList();
  }

  /** The names of all tables under {@code live/} that hold a view, metric sets first. */
  public List<String> liveTables() {
    return Stream.concat(
            liveMetrics().stream().map(MetricSet::name),
            keptViews().stream().map(LiveDefinition::name))
        .toList();
  }

  /**
   * How often the most eager live view asks to be brought up to date; empty where there is none.
   */
  public Optional<Duration> liveEvery() {
    return Stream.concat(
            liveMetrics().stream().flatMap(m -> m.live().stream()).map(Live::every),
            keptViews().stream().map(LiveDefinition.Kept::every))
        .min(Comparator.naturalOrder());
  }

  /** The event's own columns: what its key, its order and its rules speak of. */
  public List<String> columnNames() {
    return columns.stream().map(Column::name).toList();
  }

  /** What rows gain from reference tables, in the order of the file. */
  public List<Column> enrichedColumns() {
    return enrich.stream()
        .flatMap(e -> e.columns().stream())
        .map(added -> new Column(added.name(), added.type(), false))
        .toList();
  }

  /** The event's own columns, then those from reference tables: what metric sets may name. */
  public List<String> allColumnNames() {
    return Stream.concat(columns.stream(), enrichedColumns().stream()).map(Column::name).toList();
  }
}
