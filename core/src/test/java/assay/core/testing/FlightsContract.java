package assay.core.testing;

import assay.core.Lake;
import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Enrich;
import assay.core.contract.Live;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
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
        MetricSetBuilder.builder()
            .name("route_day")
            .by(List.of("origin", "destination"))
            .measures(
                List.of(
                    new Measure.Count("flights", Optional.empty()),
                    new Measure.Sum("delay_minutes", "delay_minutes"),
                    new Measure.Max("worst_delay", "delay_minutes"),
                    new Measure.Avg("avg_delay", "delay_minutes")))
            .live(
                Optional.of(
                    new Live(Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofMinutes(1))))
            .tolerances(
                Map.of("delay_minutes", new Tolerance(BigDecimal.ZERO, new BigDecimal("0.001"))))
            .build();
    return ContractBuilder.builder()
        .domain("flights")
        .source(new Source("flights", Source.Format.JSON))
        .columns(
            List.of(
                new Column("flight_id", DataTypes.StringType, true),
                new Column("scheduled_at", DataTypes.TimestampType, true),
                new Column("delay_minutes", DataTypes.IntegerType, false),
                new Column("distance_miles", DataTypes.IntegerType, false),
                new Column("origin", DataTypes.StringType, true),
                new Column("destination", DataTypes.StringType, true)))
        .key(List.of("flight_id"))
        .eventTime("scheduled_at")
        .orderBy(orderBy)
        .allowedLateness(Duration.ofHours(2))
        .dedupWithin(Duration.ofMinutes(10))
        .onUpdate(Contract.OnUpdate.COUNT)
        .correctionsWithin(Duration.ofDays(30))
        .grace(Duration.ofHours(1))
        .zone(ZoneId.of("UTC"))
        .rules(
            List.of(
                new Rule(
                    "airport_codes",
                    "origin RLIKE '^[A-Z]{3}$' AND destination RLIKE '^[A-Z]{3}$'",
                    Rule.Otherwise.QUARANTINE),
                new Rule(
                    "sane_delay", "delay_minutes BETWEEN -1440 AND 2880", Rule.Otherwise.WARN)))
        .metrics(List.of(routeDay))
        .hash("test")
        .build();
  }

  /** The same with another look-back for repeats. */
  public static Contract dedupWithin(Duration within) {
    Contract all = contract();
    return ContractBuilder.builder(all).dedupWithin(within).hash("dedup " + within).build();
  }

  /**
   * The same where rows that were counted are taken back, with the measures that can, and with the
   * newest row of each flight.
   */
  public static Contract adjusting(List<String> orderBy) {
    Contract all = contract(orderBy);
    MetricSet old = all.metrics().get(0);
    MetricSet metrics =
        MetricSetBuilder.builder(old)
            .measures(old.measures().stream().filter(m -> !(m instanceof Measure.Max)).toList())
            .build();
    return ContractBuilder.builder(all)
        .onUpdate(Contract.OnUpdate.ADJUST)
        .metrics(List.of(metrics))
        .liveViews(
            List.of(
                new LiveDefinition.Latest("newest", List.of("flight_id"), Duration.ofSeconds(10))))
        .hash("adjust by " + orderBy)
        .build();
  }

  /** The same from Debezium. */
  public static Contract debezium() {
    Contract all = contract();
    return ContractBuilder.builder(all)
        .source(new Source(all.source().topic(), Source.Format.DEBEZIUM))
        .hash("debezium")
        .build();
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
        MetricSetBuilder.builder(old).measures(measures).tolerances(Map.of()).build();
    return changed(contract().columns(), contract().rules(), List.of(metrics));
  }

  /** The same with live views of other kinds than metric sets. */
  public static Contract withLiveViews(Contract all, List<LiveDefinition> views) {
    return ContractBuilder.builder(all).liveViews(views).hash("with live views").build();
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
    return ContractBuilder.builder(all)
        .columns(columns)
        .rules(rules)
        .metrics(metrics)
        .hash("changed")
        .build();
  }

  /**
   * The same with look-ups, which add {@code origin_city} and {@code origin_runways}, and a metric
   * set of them.
   */
  public static Contract enriched(Enrich... enrich) {
    Contract plain = contract();
    MetricSet cityDay =
        MetricSetBuilder.builder()
            .name("city_day")
            .by(List.of("origin_city"))
            .measures(
                List.of(
                    new Measure.Count("flights", Optional.empty()),
                    new Measure.Sum("runways", "origin_runways")))
            .live(plain.metrics().get(0).live())
            .build();
    return ContractBuilder.builder(plain)
        .enrich(List.of(enrich))
        .metrics(List.of(cityDay))
        .hash("enriched")
        .build();
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
