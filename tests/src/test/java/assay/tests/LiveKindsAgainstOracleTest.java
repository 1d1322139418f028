package assay.tests;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.GoldStage;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.reconciliation.Verdict;
import assay.silver.SilverStage;
import assay.tests.oracle.Cell;
import assay.tests.oracle.CountedEvents;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Event;
import assay.tests.oracle.Flight;
import assay.tests.oracle.Oracle;
import assay.views.live.LiveRebuild;
import assay.views.live.LiveStage;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows out of order, repeats, late rows and rows that fail, across midnight; cut into micro-batches
 * in one way and another.
 */
class LiveKindsAgainstOracleTest {
  private static final long SEED = Long.getLong("assay.seed", 23);
  private static final Duration GAP = Duration.ofMinutes(5);
  private static final Duration EVERY = Duration.ofSeconds(10);

  private static final Comparator<Flight> NOTHING_FIRST =
      Comparator.comparing(Flight::distanceMiles, Comparator.nullsFirst(Comparator.naturalOrder()));

  private final SparkSession spark = TestSpark.session();
  private final Random random = new Random(SEED);
  private final List<String> sent = new ArrayList<>();

  @TempDir Path folder;

  @Test
  void everyViewIsWhatItsRowsMakeHoweverBronzeIsCut() throws IOException {
    Contract contract = contract();
    Lake lake = new Lake(folder.resolve("source").toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    for (int batch = 0; batch < 12; batch++) {
      bronze.ingest(batch % 2, at.plusSeconds(batch * 200L).toString(), rows(batch));
    }
    Oracle oracle =
        Oracle.of(new PathsAgainstOracle(spark, lake, contract).bronze(), NOTHING_FIRST);
    assertThat(oracle.countLive())
        .as("seed %d", SEED)
        .containsOnlyKeys(
            Disposition.COUNTED, Disposition.DUPLICATE, Disposition.LATE, Disposition.QUARANTINED);
    CountedEvents expected = CountedEvents.ofLive(oracle);

    BronzeReplay once = new BronzeReplay(lake, folder.resolve("once"), contract);
    once.commitUpTo(once.commits());
    live(once.lake(), contract);
    assertViews(once.lake(), contract, expected);

    assertProof(once.lake(), contract, CountedEvents.ofBatch(oracle));

    BronzeReplay often = new BronzeReplay(lake, folder.resolve("often"), contract);
    for (int read = 0; read < often.commits(); ) {
      read = Math.min(often.commits(), read + 1 + random.nextInt(3));
      often.commitUpTo(read);
      live(often.lake(), contract);
    }
    assertViews(often.lake(), contract, expected);

    new LiveRebuild(spark, often.lake(), contract, Steps.SILENT).run();
    assertViews(often.lake(), contract, expected);
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
        .metrics(metrics)
        .liveViews(
            List.of(
                new LiveDefinition.Latest("newest", List.of("flight_id"), EVERY),
                new LiveDefinition.Sessions(
                    "visits",
                    List.of("origin"),
                    GAP,
                    List.of(
                        new Measure.Count("flights", Optional.empty()),
                        new Measure.Last("last_flight", "flight_id", "scheduled_at")),
                    EVERY)))
        .hash("kinds")
        .build();
  }

  /** The clock of events moves on by a quarter of an hour a batch, and each is somewhere around. */
  private String[] rows(int batch) {
    String[] rows = new String[30];
    Instant clock = Instant.parse("2001-01-01T22:00:00Z").plusSeconds(batch * 900L);
    for (int i = 0; i < rows.length; i++) {
      if (!sent.isEmpty() && random.nextInt(6) == 0) {
        rows[i] = sent.get(random.nextInt(sent.size()));
        continue;
      }
      Instant time = clock.plusSeconds(60L * (random.nextInt(170) - 150));
      String origin = List.of("SEA", "LAX", "JFK", "nowhere").get(random.nextInt(4));
      String destination = List.of("BOS", "ORD").get(random.nextInt(2));
      rows[i] =
          flight("k" + random.nextInt(40), time.toString(), random.nextInt(5), origin, destination)
              .replace(":100,", ":" + List.of("null", "1", "2").get(random.nextInt(3)) + ",");
      if (random.nextInt(5) == 0) {
        rows[i] = rows[i].replaceFirst("\"delay_minutes\":[0-9]", "\"delay_minutes\":null");
      }
      sent.add(rows[i]);
    }
    return rows;
  }

  private void live(Lake lake, Contract contract) {
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  /** Gold is exact, and every difference to it is made of rows. */
  private void assertProof(Lake lake, Contract contract, CountedEvents batch) {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
    assertCells("gold", new LakeTable(spark, lake.gold("route_day")).read(), batch);
    Reconciliation proof =
        new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
            .run(ReconcileRequest.ALL);
    assertThat(proof.days())
        .as("seed %d", SEED)
        .isNotEmpty()
        .allSatisfy(
            day -> {
              assertThat(day.verdict()).isEqualTo(new Verdict.Explained());
              assertThat(day.unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
            });
  }

  private static void assertCells(String what, Dataset<Row> cells, CountedEvents expected) {
    Bag.assertEqual(
        what + " (seed " + SEED + ")",
        expected.shapes().entrySet().stream().map(LiveKindsAgainstOracleTest::cell).toList(),
        Rows.of(
            cells,
            "event_date",
            "origin",
            "destination",
            "first_flight",
            "last_delay",
            "delays",
            "flights",
            "half"));
  }

  private void assertViews(Lake lake, Contract contract, CountedEvents expected) {
    assertCells("cells", shown(lake, contract, "route_day"), expected);
    Bag.assertEqual(
        "latest rows (seed " + SEED + ")",
        expected.latest(NOTHING_FIRST).stream().map(LiveKindsAgainstOracleTest::row).toList(),
        Rows.of(
            shown(lake, contract, "newest"),
            "flight_id",
            "scheduled_at",
            "delay_minutes",
            "distance_miles",
            "origin",
            "destination",
            "event_date"));
    Bag.assertEqual(
        "sessions (seed " + SEED + ")",
        expected.sessions(GAP).stream()
            .map(s -> Rows.row(s.day(), s.origin(), s.start(), s.end(), s.flights(), s.last()))
            .toList(),
        Rows.of(
            shown(lake, contract, "visits"),
            "event_date",
            "origin",
            "session_start",
            "session_end",
            "flights",
            "last_flight"));
  }

  private static List<Object> cell(Map.Entry<Cell, CountedEvents.Shape> entry) {
    CountedEvents.Shape shape = entry.getValue();
    return Rows.row(
        entry.getKey().eventDate(),
        entry.getKey().origin(),
        entry.getKey().destination(),
        shape.firstFlight(),
        shape.lastDelay(),
        shape.delays(),
        shape.flights(),
        shape.half());
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

  private Dataset<Row> shown(Lake lake, Contract contract, String name) {
    LiveView view =
        new LiveTables(spark, lake, contract)
            .views().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
    return view.fold(view.table().read());
  }
}
