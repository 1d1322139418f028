package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.RowFilter;
import assay.core.contract.RowFilter.Condition;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.GoldStage;
import assay.ingestion.IngestStage;
import assay.ingestion.IngestStage.KafkaSource;
import assay.ingestion.KafkaBroker;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.reconciliation.Verdict;
import assay.silver.SilverStage;
import assay.tests.FlightEvents.Sent;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Event;
import assay.tests.oracle.Flight;
import assay.tests.oracle.Oracle;
import assay.views.live.LiveStage;
import assay.views.live.LiveView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * From Kafka to the proof: every table of the lake against a plain Java program that knows the
 * records and docs/dispositions.md. The first three tests read what one run left; the last one
 * breaks it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndToEndTest {
  private static final long SEED = Long.getLong("assay.seed", 20_010_101L);
  private static final int EVENTS = 2400;
  private static final long RECORDS_PER_BATCH = 100;

  /** Three steps are ten minutes, the bound of {@code duplicate}, so that it is met exactly. */
  private static final Duration BETWEEN_BATCHES = Duration.ofSeconds(200);

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = contract();
  private final Clock ingestClock =
      new SteppingClock(Instant.parse("2026-01-01T23:50:00Z"), BETWEEN_BATCHES);
  private final List<List<Object>> produced = new ArrayList<>();
  private Path folder;
  private Lake lake;
  private PathsAgainstOracle paths;
  private Oracle oracle;
  private Oracle ofFarFlights;
  private Reconciliation proof;

  @BeforeAll
  void runEverything(@TempDir Path temporary) throws Exception {
    folder = temporary;
    lake = new Lake(folder.resolve("lake").toString());
    paths = new PathsAgainstOracle(spark, lake, contract);
    List<Sent> events = FlightEvents.generate(SEED, EVENTS);
    try (KafkaBroker broker = KafkaBroker.start(folder.resolve("kafka"))) {
      broker.createTopic("flights", 2);
      for (int part = 0; part < 3; part++) {
        int from = part * EVENTS / 3;
        try (KafkaRecords records = new KafkaRecords(broker.bootstrapServers(), "flights")) {
          produced.addAll(records.produce(events.subList(from, from + EVENTS / 3)));
        }
        ingest(broker);
        new SilverStage(spark, lake, contract, Steps.SILENT).run();
        new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
        if (part > 0) {
          live(lake);
        }
      }
    }
    oracle = Oracle.of(paths.bronze());
    ofFarFlights = oracle.filtered(EndToEndTest::isFar);
    proof = reconcile();
  }

  @Test
  @Order(1)
  void everyTableHoldsWhatTheRecordsCallFor() {
    assertBronze();
    assertThat(pairsOfDispositions())
        .as("seed %d brings every pair of dispositions that can be", SEED)
        .contains(
            "COUNTED LOADED",
            "COUNTED SUPERSEDED",
            "COUNTED DUPLICATE",
            "LATE LOADED",
            "LATE SUPERSEDED",
            "LATE DUPLICATE",
            "DUPLICATE LOADED",
            "DUPLICATE SUPERSEDED",
            "DUPLICATE DUPLICATE",
            "QUARANTINED QUARANTINED");
    paths.assertBatch(oracle);
    paths.assertGold(oracle);
    paths.assertLive(oracle);
    PathsAgainstOracle pathsOfFarFlights =
        new PathsAgainstOracle(spark, lake, contract, contract.metrics().get(1));
    pathsOfFarFlights.assertGold(ofFarFlights);
    pathsOfFarFlights.assertLive(ofFarFlights);
    assertRowsByRule();
  }

  /** The same measures of all flights, and of those that flew some way. */
  private static Contract contract() {
    Contract all = FlightsContract.contract();
    MetricSet farDay =
        MetricSetBuilder.builder(all.metrics().get(0))
            .name("far_day")
            .filter(
                new RowFilter(
                    List.of(
                        new Condition("flown", "delay_minutes IS NOT NULL"),
                        new Condition("far", "distance_miles > 900"))))
            .build();
    return ContractBuilder.builder(all)
        .metrics(List.of(all.metrics().get(0), farDay))
        .hash("some are far")
        .build();
  }

  private static boolean isFlown(Flight flight) {
    return flight.delayMinutes() != null;
  }

  private static boolean isFar(Flight flight) {
    return isFlown(flight) && hasFarWay(flight);
  }

  private static boolean hasFarWay(Flight flight) {
    return flight.distanceMiles() != null && flight.distanceMiles() > 900;
  }

  private void assertRowsByRule() {
    List<Flight> counted =
        oracle.live(d -> d == Disposition.COUNTED).stream().map(Event::flight).toList();
    Bag.assertEqual(
        "rows that the filter keeps out",
        List.of(
            Rows.row("flown", counted.stream().filter(f -> !isFlown(f)).count()),
            Rows.row("far", counted.stream().filter(f -> !hasFarWay(f)).count())),
        Rows.of(
            spark.sql(
                "SELECT rule, sum(n) FROM (SELECT explode(_filtered) AS (rule, n) FROM delta.`%s`)"
                        .formatted(lake.live("far_day"))
                    + " GROUP BY rule"),
            "*"));
  }

  @Test
  @Order(2)
  void theProofNamesEveryDifferenceAndNothingElse() {
    for (ProofAgainstOracle expected :
        List.of(
            new ProofAgainstOracle(oracle, contract, "route_day"),
            new ProofAgainstOracle(ofFarFlights, contract, "far_day"))) {
      expected.assertProves(proof);
      expected.assertEvidence(spark, lake);
    }
  }

  @Test
  @Order(3)
  void theLiveViewIsTheSameHoweverItsQueryCutsBronze() throws IOException {
    BronzeReplay once = new BronzeReplay(lake, folder.resolve("once"), contract);
    once.commitUpTo(once.commits());
    live(once.lake());
    assertLive(once.lake());

    BronzeReplay often = new BronzeReplay(lake, folder.resolve("often"), contract);
    Random random = new Random(SEED);
    int read = 0;
    while (read < often.commits()) {
      read = Math.min(often.commits(), read + 1 + random.nextInt(14));
      often.commitUpTo(read);
      live(often.lake());
    }
    assertLive(often.lake());
  }

  private void assertLive(Lake of) {
    new PathsAgainstOracle(spark, of, contract).assertLive(oracle);
    new PathsAgainstOracle(spark, of, contract, contract.metrics().get(1)).assertLive(ofFarFlights);
  }

  @Test
  @Order(4)
  void aPartialTakenOutByHandIsFound() {
    LiveView view = new LiveView(spark, lake, contract, contract.metrics().get(0));
    Row partial = view.table().read().orderBy("_ingested_at", "origin", "destination").head();
    spark.sql(
        "DELETE FROM delta.`%s` WHERE _ingested_at = TIMESTAMP'%s' AND event_date = DATE'%s'"
                .formatted(
                    view.table().path(),
                    partial.<Instant>getAs("_ingested_at"),
                    partial.getAs("event_date"))
            + " AND origin = '%s' AND destination = '%s' AND window_start = TIMESTAMP'%s'"
                .formatted(
                    partial.getAs("origin"),
                    partial.getAs("destination"),
                    partial.<Instant>getAs("window_start")));
    Reconciliation broken = reconcile();
    assertThat(broken.failure()).contains(ErrorCode.DIVERGED);
    // A row without a disposition makes every day of its view red; the number is wrong on one.
    assertThat(broken.days())
        .allSatisfy(
            day ->
                assertThat(day.verdict().label().equals("DIVERGED"))
                    .as("%s", day)
                    .isEqualTo(day.metrics().equals("route_day")));
    assertThat(broken.days())
        .filteredOn(day -> day.verdict() instanceof Verdict.Diverged)
        .singleElement()
        .satisfies(day -> assertThat(day.day()).isEqualTo(partial.<LocalDate>getAs("event_date")));
    assertThat(broken.ledgers())
        .filteredOn(ledger -> !ledger.addsUp())
        .singleElement()
        .satisfies(
            ledger -> {
              assertThat(ledger.path()).isEqualTo("live.route_day");
              assertThat(ledger.unaccounted()).isEqualTo(partial.<Long>getAs("_rows"));
            });
  }

  private void assertBronze() {
    Bag.assertEqual(
        "bronze",
        produced,
        Rows.of(
            bronzeRows(),
            "topic",
            "partition",
            "offset",
            "kafka_timestamp",
            "key",
            "value",
            "headers"));
    assertThat(microBatches()).hasSizeGreaterThanOrEqualTo(24);
    assertThat(bronzeRows().where("ingest_date <> to_date(ingested_at)").count()).isZero();
    Dataset<Row> outOfOrder =
        spark.sql(
            "SELECT * FROM (SELECT ingested_at, lag(ingested_at) OVER (PARTITION BY partition"
                + " ORDER BY offset) AS before FROM delta.`%s`) WHERE before > ingested_at"
                    .formatted(lake.bronze("flights")));
    assertThat(outOfOrder.count()).isZero();
  }

  private Set<String> pairsOfDispositions() {
    return oracle.events().stream()
        .map(event -> pair(oracle.live(event), oracle.batch(event)))
        .collect(Collectors.toSet());
  }

  private static String pair(Disposition live, Disposition batch) {
    return live + " " + batch;
  }

  private Dataset<Row> bronzeRows() {
    return new LakeTable(spark, lake.bronze("flights")).read();
  }

  private Set<Instant> microBatches() {
    return bronzeRows().select("ingested_at").distinct().collectAsList().stream()
        .map(row -> row.getInstant(0))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void ingest(KafkaBroker broker) {
    KafkaSource source =
        new KafkaSource(broker.bootstrapServers(), Map.of(), Optional.of(RECORDS_PER_BATCH));
    new IngestStage(spark, lake, contract, source, ingestClock, Steps.SILENT).runUntilCaughtUp();
  }

  private void live(Lake of) {
    new LiveStage(spark, of, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private Reconciliation reconcile() {
    return new ReconcileStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
        .run(ReconcileRequest.ALL);
  }
}
