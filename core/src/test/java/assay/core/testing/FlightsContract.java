package assay.core.testing;

import assay.core.Lake;
import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.contract.Enrich;
import assay.core.contract.Live;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.Rule;
import assay.core.contract.Source;
import assay.core.contract.Tolerance;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.DataTypes;

/** The contract of the flights, as tests of single stages use it. */
public final class FlightsContract {
  private FlightsContract() {}

  public static Contract contract() {
    return contract(List.of());
  }

  /** The same, with other columns that decide between rows of a key. */
  public static Contract contract(List<String> orderBy) {
    MetricSet routeDay =
        new MetricSet(
            "route_day",
            List.of("origin", "destination"),
            List.of(
                new Measure.Count("flights", Optional.empty()),
                new Measure.Sum("delay_minutes", "delay_minutes"),
                new Measure.Max("worst_delay", "delay_minutes"),
                new Measure.Avg("avg_delay", "delay_minutes")),
            Optional.of(
                new Live(Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofMinutes(1))),
            Map.of("delay_minutes", new Tolerance(BigDecimal.ZERO, new BigDecimal("0.001"))),
            Optional.empty());
    return new Contract(
        "flights",
        new Source("flights", Source.Format.JSON),
        List.of(
            new Column("flight_id", DataTypes.StringType, true),
            new Column("scheduled_at", DataTypes.TimestampType, true),
            new Column("delay_minutes", DataTypes.IntegerType, false),
            new Column("distance_miles", DataTypes.IntegerType, false),
            new Column("origin", DataTypes.StringType, true),
            new Column("destination", DataTypes.StringType, true)),
        List.of("flight_id"),
        "scheduled_at",
        orderBy,
        Duration.ofHours(2),
        Duration.ofMinutes(10),
        Duration.ofDays(30),
        Duration.ofHours(1),
        ZoneId.of("UTC"),
        List.of(
            new Rule(
                "airport_codes",
                "origin RLIKE '^[A-Z]{3}$' AND destination RLIKE '^[A-Z]{3}$'",
                Rule.Otherwise.QUARANTINE),
            new Rule("sane_delay", "delay_minutes BETWEEN -1440 AND 2880", Rule.Otherwise.WARN)),
        List.of(routeDay),
        "test");
  }

  /** The same with another look-back for repeats. */
  public static Contract dedupWithin(Duration within) {
    Contract all = contract();
    return new Contract(
        all.domain(),
        all.source(),
        all.columns(),
        all.key(),
        all.eventTime(),
        all.orderBy(),
        all.allowedLateness(),
        within,
        all.correctionsWithin(),
        all.grace(),
        all.zone(),
        all.rules(),
        all.metrics(),
        "dedup " + within);
  }

  /** The same from Debezium. */
  public static Contract debezium() {
    Contract all = contract();
    return new Contract(
        all.domain(),
        new Source(all.source().topic(), Source.Format.DEBEZIUM),
        all.columns(),
        all.key(),
        all.eventTime(),
        all.orderBy(),
        all.allowedLateness(),
        all.dedupWithin(),
        all.correctionsWithin(),
        all.grace(),
        all.zone(),
        all.rules(),
        all.metrics(),
        "debezium");
  }

  /** The same without one of the columns, as it may have been before that was added. */
  public static Contract without(String column) {
    Contract all = contract();
    return changed(
        all.columns().stream().filter(c -> !c.name().equals(column)).toList(), all.rules());
  }

  /** The same with one of the columns as text. */
  public static Contract withText(String column) {
    Contract all = contract();
    return changed(
        all.columns().stream()
            .map(
                c ->
                    c.name().equals(column)
                        ? new Column(c.name(), DataTypes.StringType, c.required())
                        : c)
            .toList(),
        List.of());
  }

  /** The same with other rules. */
  public static Contract withRules(List<Rule> rules) {
    return changed(contract().columns(), rules);
  }

  /** The same with other measures. */
  public static Contract withMeasures(List<Measure> measures) {
    MetricSet old = contract().metrics().get(0);
    MetricSet metrics =
        new MetricSet(old.name(), old.by(), measures, old.live(), Map.of(), old.promote());
    return changed(contract().columns(), contract().rules(), List.of(metrics));
  }

  /** The same with live views of other kinds than metric sets. */
  public static Contract withLiveViews(Contract all, List<LiveDefinition> views) {
    return new Contract(
        all.domain(),
        all.source(),
        all.columns(),
        all.key(),
        all.eventTime(),
        all.orderBy(),
        all.allowedLateness(),
        all.dedupWithin(),
        all.correctionsWithin(),
        all.grace(),
        all.zone(),
        all.rules(),
        all.enrich(),
        all.metrics(),
        views,
        "with live views");
  }

  /** The same with other metric sets. */
  public static Contract withMetrics(List<MetricSet> metrics) {
    return changed(contract().columns(), contract().rules(), metrics);
  }

  private static Contract changed(List<Column> columns, List<Rule> rules) {
    return changed(columns, rules, contract().metrics());
  }

  private static Contract changed(List<Column> columns, List<Rule> rules, List<MetricSet> metrics) {
    Contract all = contract();
    return new Contract(
        all.domain(),
        all.source(),
        columns,
        all.key(),
        all.eventTime(),
        all.orderBy(),
        all.allowedLateness(),
        all.dedupWithin(),
        all.correctionsWithin(),
        all.grace(),
        all.zone(),
        rules,
        metrics,
        "changed");
  }

  /**
   * The same with look-ups, which add {@code origin_city} and {@code origin_runways}, and a metric
   * set of them.
   */
  public static Contract enriched(Enrich... enrich) {
    Contract plain = contract();
    MetricSet cityDay =
        new MetricSet(
            "city_day",
            List.of("origin_city"),
            List.of(
                new Measure.Count("flights", Optional.empty()),
                new Measure.Sum("runways", "origin_runways")),
            plain.metrics().get(0).live(),
            Map.of(),
            Optional.empty());
    return new Contract(
        plain.domain(),
        plain.source(),
        plain.columns(),
        plain.key(),
        plain.eventTime(),
        plain.orderBy(),
        plain.allowedLateness(),
        plain.dedupWithin(),
        plain.correctionsWithin(),
        plain.grace(),
        plain.zone(),
        plain.rules(),
        List.of(enrich),
        List.of(cityDay),
        "enriched");
  }

  /** The look-up of a flight's origin in {@code silver.airports} as it is now. */
  public static Enrich originAirport(Enrich.Missing missing) {
    return new Enrich(
        "origin_airport",
        new Enrich.Reference.OfLake(Lake.Layer.SILVER, "airports"),
        List.of(new Enrich.On("origin", "code")),
        List.of(
            new Enrich.Added("origin_city", "city", DataTypes.StringType),
            new Enrich.Added("origin_runways", "runways", DataTypes.IntegerType)),
        Optional.empty(),
        missing);
  }

  /** A flight's JSON. */
  public static String flight(String id, String scheduledAt, int delay, String from, String to) {
    return ("{\"flight_id\":\"%s\",\"scheduled_at\":\"%s\",\"delay_minutes\":%d,"
            + "\"distance_miles\":100,\"origin\":\"%s\",\"destination\":\"%s\"}")
        .formatted(id, scheduledAt, delay, from, to);
  }
}
