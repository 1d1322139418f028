package assay.tests;

import static assay.core.testing.FlightsContract.flight;

import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeCatalog;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.RowFilter;
import assay.core.contract.RowFilter.Condition;
import assay.core.testing.FlightsContract;
import assay.tests.oracle.Cell;
import assay.tests.oracle.CountedEvents;
import assay.tests.oracle.Event;
import assay.tests.oracle.Flight;
import assay.views.live.LiveCatalog;
import assay.views.live.LiveStage;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A live view of each kind over flights, what it must show, and rows that are hard on them. */
final class LiveKinds {
  /** The contract's {@code order_by}. */
  static final Comparator<Flight> ORDER =
      Comparator.comparing(Flight::distanceMiles, Comparator.nullsFirst(Comparator.naturalOrder()));

  private static final Duration GAP = Duration.ofMinutes(5);
  private static final Duration WINDOW = Duration.ofHours(1);
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final int TOP = 2;
  private static final String[] SHAPE = {"first_flight", "last_delay", "delays", "flights", "half"};

  /** Of every view: what it looks at changes from row to row of a key. */
  private static final RowFilter FILTER =
      new RowFilter(List.of(new Condition("counts", "delay_minutes > 0 OR distance_miles = 1")));

  static final Contract CONTRACT = contract();

  private final SparkSession spark;
  private final String seed;

  /**
   * @param seed of the rows, told where views differ
   */
  LiveKinds(SparkSession spark, long seed) {
    this.spark = spark;
    this.seed = " (seed " + seed + ")";
  }

  /** {@link #FILTER} in plain Java. */
  private static boolean passes(Flight flight) {
    boolean delayed = flight.delayMinutes() != null && flight.delayMinutes() > 0;
    return delayed || (flight.distanceMiles() != null && flight.distanceMiles() == 1);
  }

  private static Contract contract() {
    Contract all = FlightsContract.contract(List.of("distance_miles"));
    List<MetricSet> metrics =
        FlightsContract.withMeasures(
                List.of(
                    new Measure.First("first_flight", "flight_id", "scheduled_at"),
                    new Measure.Last("last_delay", "delay_minutes", "scheduled_at"),
                    Measure.CountDistinctWhole.ofNumber("delays", "delay_minutes"),
                    new Measure.ApproxCountDistinct("flights", "flight_id"),
                    new Measure.ApproxPercentile("half", "delay_minutes", new BigDecimal("0.5"))))
            .metrics();
    return ContractBuilder.builder(all)
        .metrics(List.of(MetricSetBuilder.builder(metrics.get(0)).filter(FILTER).build()))
        .liveViews(
            List.of(
                new LiveDefinition.Latest("newest", List.of("flight_id"), FILTER, EVERY),
                new LiveDefinition.Sessions(
                    "visits",
                    List.of("origin"),
                    FILTER,
                    GAP,
                    List.of(
                        new Measure.Count("flights", Optional.empty()),
                        new Measure.Last("last_flight", "flight_id", "scheduled_at")),
                    EVERY),
                new LiveDefinition.Top("busiest", "route_day", TOP, "flights")))
        .hash("kinds")
        .build();
  }

  /** Rows out of order, repeats, late rows and rows that fail, across midnight. */
  static final class Feed {
    private final Random random;
    private final List<String> sent = new ArrayList<>();
    private int batches;

    Feed(Random random) {
      this.random = random;
    }

    /** The clock of events moves on by a quarter of an hour a call, and each is around it. */
    String[] next() {
      String[] rows = new String[30];
      Instant clock = Instant.parse("2001-01-01T22:00:00Z").plusSeconds(batches++ * 900L);
      for (int i = 0; i < rows.length; i++) {
        if (!sent.isEmpty() && random.nextInt(6) == 0) {
          rows[i] = sent.get(random.nextInt(sent.size()));
          continue;
        }
        Instant time = clock.plusSeconds(60L * (random.nextInt(170) - 150));
        String origin = List.of("SEA", "LAX", "JFK", "nowhere").get(random.nextInt(4));
        String destination = List.of("BOS", "ORD").get(random.nextInt(2));
        rows[i] =
            flight(
                    "k" + random.nextInt(40),
                    time.toString(),
                    random.nextInt(5),
                    origin,
                    destination)
                .replace(":100,", ":" + List.of("null", "1", "2").get(random.nextInt(3)) + ",");
        if (random.nextInt(5) == 0) {
          rows[i] = rows[i].replaceFirst("\"delay_minutes\":[0-9]", "\"delay_minutes\":null");
        }
        sent.add(rows[i]);
      }
      return rows;
    }
  }

  void run(Lake lake) {
    new LiveStage(spark, lake, CONTRACT, Steps.SILENT).runUntilCaughtUp();
  }

  /** Holds all that is stored against rows that count, those included that the filter keeps out. */
  void assertViews(Lake lake, CountedEvents all) {
    CountedEvents counted = all.filtered(LiveKinds::passes);
    LiveView cells = view(lake, "route_day");
    assertCells("cells", cells.fold(cells.table().read()), counted);
    String partials = "delta.`" + cells.table().path() + "`";
    Bag.assertEqual(
        "windows" + seed,
        counted.windows(WINDOW).entrySet().stream()
            .map(e -> row(e.getKey().cell(), e.getValue(), e.getKey().start()))
            .toList(),
        Rows.of(spark.sql(cells.foldByWindowSql(partials).orElseThrow()), columns("window_start")));
    Bag.assertEqual(
        "latest rows" + seed,
        counted.latest(ORDER).stream().map(LiveKinds::row).toList(),
        Rows.of(
            shown(lake, "newest"),
            "flight_id",
            "scheduled_at",
            "delay_minutes",
            "distance_miles",
            "origin",
            "destination",
            "event_date"));
    Bag.assertEqual(
        "sessions" + seed,
        counted.sessions(GAP).stream()
            .map(s -> Rows.row(s.day(), s.origin(), s.start(), s.end(), s.flights(), s.last()))
            .toList(),
        Rows.of(
            shown(lake, "visits"),
            "event_date",
            "origin",
            "session_start",
            "session_end",
            "flights",
            "last_flight"));
  }

  /** Holds cells, of a live view or of gold, against rows that count. */
  void assertCells(String what, Dataset<Row> cells, CountedEvents counted) {
    Bag.assertEqual(
        what + seed,
        counted.filtered(LiveKinds::passes).shapes().entrySet().stream()
            .map(e -> row(e.getKey(), e.getValue()))
            .toList(),
        Rows.of(cells, columns()));
  }

  /** Holds what is not stored, but ranked as it is read, against rows that count. */
  void assertTop(Lake lake, CountedEvents counted) {
    SparkSession session = spark.newSession();
    new LakeCatalog(session, lake).createSchema(Layer.LIVE);
    new LiveCatalog(session, lake).registerViews(CONTRACT);
    try {
      Collection<CountedEvents.Ranked> expected = counted.filtered(LiveKinds::passes).top(TOP);
      Bag.assertEqual(
          "the greatest cells" + seed,
          expected.stream().map(r -> row(r.cell(), r.shape(), r.rank())).toList(),
          Rows.of(session.sql("SELECT * FROM live.busiest"), columns("rank")));
    } finally {
      for (String name : List.of("busiest", "route_day_windows", "route_day", "newest", "visits")) {
        session.sql("DROP VIEW live." + name);
      }
      for (String name : List.of("route_day_filtered", "newest_filtered", "visits_filtered")) {
        session.sql("DROP VIEW live." + name);
      }
      for (String name : List.of("route_day_partials", "newest_partials", "visits_partials")) {
        session.sql("DROP TABLE live." + name);
      }
    }
  }

  private static String[] columns(String... more) {
    List<String> columns = new ArrayList<>(List.of("event_date", "origin", "destination"));
    columns.addAll(List.of(SHAPE));
    columns.addAll(List.of(more));
    return columns.toArray(String[]::new);
  }

  private static List<Object> row(Cell cell, CountedEvents.Shape shape, Object... more) {
    List<Object> values =
        new ArrayList<>(
            Rows.row(
                cell.eventDate(),
                cell.origin(),
                cell.destination(),
                shape.firstFlight(),
                shape.lastDelay(),
                shape.delays(),
                shape.flights(),
                shape.half()));
    values.addAll(List.of(more));
    return values;
  }

  private static List<Object> row(Event event) {
    Flight flight = event.flight();
    return Rows.row(
        flight.flightId(),
        flight.scheduledAt(),
        flight.delayMinutes(),
        flight.distanceMiles(),
        flight.origin(),
        flight.destination(),
        flight.eventDate());
  }

  private Dataset<Row> shown(Lake lake, String name) {
    LiveView view = view(lake, name);
    return view.fold(view.table().read());
  }

  private LiveView view(Lake lake, String name) {
    return new LiveTables(spark, lake, CONTRACT)
        .views().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }
}
