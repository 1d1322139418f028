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
import assay.reconciliation.DayVerdict;
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
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live path where {@code on_update} is {@code adjust}. */
class AdjustedLiveAgainstOracleTest {
  private static final long SEED = Long.getLong("assay.seed", 31);

  private static final Comparator<Flight> NOTHING_FIRST =
      Comparator.comparing(Flight::distanceMiles, Comparator.nullsFirst(Comparator.naturalOrder()));

  private static final String ENDED = "ended by the test";

  private final SparkSession spark = TestSpark.session();
  private final Random random = new Random(SEED);
  private final List<String> sent = new ArrayList<>();

  @TempDir Path folder;

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
    bronze.ingest(
        "2026-01-01T00:09:00Z",
        flight("a", "2001-01-01T12:00:00Z", 50, "SEA", "LAX"),
        flight("b", "2001-01-01T12:30:00Z", 7, "SEA", "ORD"));
    live(lake, contract);

    Reconciliation proof = prove(lake, contract);
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
  @Test
  void whateverComesHoweverItIsCutTheViewsAreWhatThePageSays() throws IOException {
    List<String> orderBy = random.nextBoolean() ? List.of("distance_miles") : List.of();
    Contract contract = FlightsContract.adjusting(orderBy);
    Comparator<Flight> order =
        orderBy.isEmpty() ? Comparator.comparing(Flight::flightId) : NOTHING_FIRST;
    Lake source = new Lake(folder.resolve("source").toString());
    BronzeFixture bronze = new BronzeFixture(spark, source, "flights");
    Instant at = Instant.parse("2026-01-01T23:30:00Z");
    for (int batch = 0; batch < 14; batch++) {
      bronze.ingest(batch % 2, at.toString(), rows(batch));
      // The other partition of the same micro-batch of bronze, or a later one.
      at = batch % 2 == 0 ? at : at.plusSeconds(100L * (1 + random.nextInt(6)));
    }

    BronzeReplay once = new BronzeReplay(source, folder.resolve("once"), contract);
    once.commitUpTo(once.commits());
    live(once.lake(), contract);
    Oracle oracle = assertViews(once.lake(), contract, order);
    assertThat(pairs(oracle))
        .as("seed %d", SEED)
        .contains(
            "COUNTED LOADED",
            "COUNTED SUPERSEDED",
            "SUPERSEDED SUPERSEDED",
            "SUPERSEDED LOADED",
            "LATE LOADED",
            "DUPLICATE SUPERSEDED",
            "QUARANTINED QUARANTINED");
    new ProofAgainstOracle(oracle, contract, "route_day").assertProves(prove(once.lake(), contract));

    BronzeReplay often = new BronzeReplay(source, folder.resolve("often"), contract);
    Path view = Path.of(often.lake().live("route_day"));
    File before = folder.resolve("before").toFile();
    for (int read = 0; read < often.commits(); ) {
      read = Math.min(often.commits(), read + 1 + random.nextInt(4));
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
        "latest rows (seed " + SEED + ")",
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

  private Reconciliation prove(Lake lake, Contract contract) {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
    Reconciliation proof =
        new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
            .run(ReconcileRequest.ALL);
    assertThat(proof.days()).extracting(DayVerdict::day).isNotEmpty();
    return proof;
  }
}
