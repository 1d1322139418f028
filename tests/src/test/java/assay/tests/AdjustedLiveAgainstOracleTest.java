package assay.tests;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.GoldStage;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.Cause;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.reconciliation.Verdict;
import assay.silver.SilverStage;
import assay.tests.oracle.CountedEvents;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Flight;
import assay.tests.oracle.Oracle;
import assay.views.live.LiveRebuild;
import assay.views.live.LiveStage;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import assay.views.live.ViewBuild;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The live path where {@code on_update} is {@code adjust}. */
class AdjustedLiveAgainstOracleTest {
  private static final long SEED = Long.getLong("assay.seed", 31);

  private static final Comparator<Flight> NOTHING_FIRST =
      Comparator.comparing(Flight::distanceMiles, Comparator.nullsFirst(Comparator.naturalOrder()));

  private static final String ENDED = "ended by the test";

  /** Histories; many with {@code mvn verify -Pfaults}. */
  private static final int HISTORIES = Boolean.getBoolean("assay.everyStep") ? 20 : 1;

  private static final int BATCHES = Boolean.getBoolean("assay.everyStep") ? 10 : 6;

  private final SparkSession spark = TestSpark.session();
  private final List<String> sent = new ArrayList<>();

  @TempDir Path folder;

  private Random random = new Random(SEED);

  @Test
  void aDelayThatIsCorrectedWithinTenMinutesLeavesNoDifferenceToGold() {
    Contract contract = FlightsContract.adjusting(List.of());
    Lake lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 7, "SEA", "JFK"));
    live(lake, contract);
    batch(lake, contract);
    bronze.ingest(
        "2026-01-01T00:09:00Z",
        flight("a", "2001-01-01T12:00:00Z", 50, "SEA", "LAX"),
        flight("b", "2001-01-01T12:30:00Z", 7, "SEA", "ORD"));
    live(lake, contract);

    Reconciliation ahead = reconcile(lake, contract);
    assertThat(ahead.days())
        .singleElement()
        .satisfies(
            day -> {
              assertThat(day.verdict()).isEqualTo(new Verdict.Explained());
              assertThat(day.unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
            });
    assertThat(ahead.largest())
        .filteredOn(d -> d.measure().equals("delay_minutes") && d.cell().endsWith("LAX"))
        .singleElement()
        .satisfies(
            d ->
                assertThat(d.terms())
                    .isEqualTo(
                        Map.of(
                            Cause.SUPERSEDED,
                            BigDecimal.valueOf(-5),
                            Cause.CUT,
                            new BigDecimal("5E+1"))));

    batch(lake, contract);
    Reconciliation proof = reconcile(lake, contract);
    assertThat(proof.days())
        .singleElement()
        .satisfies(
            day -> {
              assertThat(day.verdict()).isEqualTo(new Verdict.Match());
              assertThat(day.cells()).isEqualTo(2);
            });
    assertThat(proof.ledgers().get(1).dispositions())
        .containsEntry("counted", 2L)
        .containsEntry("superseded", 2L);
    assertThat(proof.ledgers()).allMatch(ledger -> ledger.addsUp());
  }

  /** Rows of few flights meet again and again, in two partitions, across midnight. */
  @ParameterizedTest
  @MethodSource("seeds")
  void whateverComesHoweverItIsCutTheViewsAreWhatThePageSays(long seed) throws IOException {
    random = new Random(seed);
    List<String> orderBy = random.nextBoolean() ? List.of("distance_miles") : List.of();
    Contract contract = FlightsContract.adjusting(orderBy);
    Comparator<Flight> order =
        orderBy.isEmpty() ? Comparator.comparing(Flight::flightId) : NOTHING_FIRST;
    Lake source = new Lake(folder.resolve("source").toString());
    BronzeFixture bronze = new BronzeFixture(spark, source, "flights");
    Instant at = Instant.parse("2026-01-01T23:30:00Z");
    for (int batch = 0; batch < BATCHES; batch++) {
      bronze.ingest(batch % 2, at.toString(), rows(batch));
      // The other partition of the same micro-batch of bronze, or a later one.
      at = batch % 2 == 0 ? at : at.plusSeconds(100L * (1 + random.nextInt(6)));
    }

    BronzeReplay once = new BronzeReplay(source, folder.resolve("once"), contract);
    once.commitUpTo(once.commits());
    live(once.lake(), contract);
    Oracle oracle = assertViews(once.lake(), contract, order);
    assertThat(pairs(oracle))
        .as("seed %d", seed)
        .contains(
            "COUNTED LOADED",
            "COUNTED SUPERSEDED",
            "SUPERSEDED SUPERSEDED",
            "LATE LOADED",
            "DUPLICATE SUPERSEDED");
    batch(once.lake(), contract);
    new ProofAgainstOracle(oracle, contract, "route_day")
        .assertProves(reconcile(once.lake(), contract));

    BronzeReplay often = new BronzeReplay(source, folder.resolve("often"), contract);
    Path view = Path.of(often.lake().live("route_day"));
    File before = folder.resolve("before").toFile();
    for (int read = 0; read < often.commits(); ) {
      read = Math.min(often.commits(), read + 2 + random.nextInt(3));
      often.commitUpTo(read);
      end(often.lake(), contract, 1 + random.nextInt(6));
      live(often.lake(), contract);
      if (random.nextInt(3) == 0) {
        new ViewBuild(spark, often.lake(), contract).rebuild("route_day");
      } else if (before.exists()) {
        // As if it had failed until now: what it missed is made up for.
        FileUtils.deleteDirectory(view.toFile());
        FileUtils.moveDirectory(before, view.toFile());
        DeltaLog.clearCache();
        live(often.lake(), contract);
      } else {
        FileUtils.copyDirectory(view.toFile(), before);
      }
      assertViews(often.lake(), contract, order);
    }
    new LiveRebuild(spark, often.lake(), contract, Steps.SILENT).run();
    assertViews(often.lake(), contract, order);
  }

  static LongStream seeds() {
    return LongStream.range(SEED, SEED + HISTORIES);
  }

  private String[] rows(int batch) {
    String[] rows = new String[30];
    Instant clock = Instant.parse("2001-01-01T23:00:00Z").plusSeconds(batch * 300L);
    for (int i = 0; i < rows.length; i++) {
      if (!sent.isEmpty() && random.nextInt(8) == 0) {
        rows[i] = sent.get(random.nextInt(sent.size()));
        continue;
      }
      int behind = random.nextInt(12) == 0 ? 240 : random.nextInt(90);
      String time = clock.minusSeconds(60L * behind).toString();
      String origin = random.nextInt(25) == 0 ? "nowhere" : random.nextBoolean() ? "SEA" : "LAX";
      String distance = List.of("null", "1", "2").get(random.nextInt(3));
      rows[i] =
          flight("k" + random.nextInt(50), time, random.nextInt(3), origin, "JFK")
              .replace(":100,", ":" + distance + ",");
      if (random.nextInt(3) == 0) {
        rows[i] = rows[i].replaceFirst("\"delay_minutes\":[0-9]", "\"delay_minutes\":null");
      }
      sent.add(rows[i]);
    }
    return rows;
  }

  private static Set<String> pairs(Oracle oracle) {
    Set<String> pairs = new HashSet<>();
    oracle.events().forEach(event -> pairs.add(oracle.live(event) + " " + oracle.batch(event)));
    return pairs;
  }

  private Oracle assertViews(Lake lake, Contract contract, Comparator<Flight> order) {
    PathsAgainstOracle paths = new PathsAgainstOracle(spark, lake, contract);
    Oracle oracle = Oracle.of(paths.bronze(), order, true);
    paths.assertLive(oracle);
    LiveView newest = new LiveTables(spark, lake, contract).views().get(1);
    Bag.assertEqual(
        "latest rows",
        CountedEvents.ofLive(oracle).latest(order).stream()
            .map(
                e -> Rows.row(e.flight().flightId(), e.flight().scheduledAt(), e.flight().origin()))
            .toList(),
        Rows.of(newest.fold(newest.table().read()), "flight_id", "scheduled_at", "origin"));
    assertThat(LiveView.rows(newest.table().read()))
        .isEqualTo(oracle.live(d -> d == Disposition.COUNTED).size());
    return oracle;
  }

  private void live(Lake lake, Contract contract) {
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  /** Runs the live query and ends it at a step, where it has so many. */
  private void end(Lake lake, Contract contract, int step) {
    int[] reached = {0};
    Steps steps =
        (stage, words) -> {
          reached[0]++;
          if (reached[0] == step) {
            throw new IllegalStateException(ENDED);
          }
        };
    try {
      new LiveStage(spark, lake, contract, steps).runUntilCaughtUp();
    } catch (RuntimeException e) {
      assertThat(e).hasStackTraceContaining(ENDED);
    }
  }

  private void batch(Lake lake, Contract contract) {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
  }

  private Reconciliation reconcile(Lake lake, Contract contract) {
    return new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
        .run(ReconcileRequest.ALL);
  }
}
