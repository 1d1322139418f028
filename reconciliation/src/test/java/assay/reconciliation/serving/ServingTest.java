package assay.reconciliation.serving;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Live;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.Promotion.Approval;
import assay.core.testing.JobCount;
import assay.core.testing.TestSpark;
import assay.reconciliation.serving.Readiness.Missing;
import assay.reconciliation.serving.Standing.Change;
import assay.views.live.FreshnessLog;
import assay.views.live.ViewBuild;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One metric set from shadow to primary, back by itself, and forward again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServingTest {
  private final SparkSession spark = TestSpark.session();
  private ServingLake flights;

  @BeforeAll
  void flyTwoDays(@TempDir Path folder) {
    flights = new ServingLake(folder, Approval.MANUAL);
    flights.fly("2001-01-01");
    flights.fly("2001-01-02");
    flights.batch();
    flights.live();
  }

  @Test
  @Order(1)
  void inShadowBothTablesHoldGold() {
    Published published = flights.serving().publish();
    assertThat(published.standing().number()).isZero();
    assertThat(published.tables())
        .extracting(Published.Table::name, Published.Table::days)
        .containsExactly(tuple("route_day", 2), tuple("route_day_canary", 2));
    for (LakeTable table : List.of(flights.main(), flights.canary())) {
      flights.assertHolds(
          table,
          "2001-01-01 LAX 1 batch",
          "2001-01-01 SEA 3 batch",
          "2001-01-02 LAX 1 batch",
          "2001-01-02 SEA 3 batch");
    }
    assertThat(flights.main().read().columns())
        .containsExactly(
            "event_date",
            "origin",
            "destination",
            "flights",
            "delay_minutes",
            "worst_delay",
            "avg_delay",
            "_source",
            "_as_of",
            "_evidence");
    assertThat(flights.main().read().where("_evidence IS NULL").count()).isEqualTo(4);
    assertThat(flights.main().read().select("_as_of").distinct().head().getInstant(0))
        .isEqualTo(goldCommitted());
  }

  private Instant goldCommitted() {
    LakeTable gold = new LakeTable(spark, flights.lake().gold("route_day"));
    return gold.committedAt(gold.version());
  }

  @Test
  @Order(2)
  void nothingNewIsNoCommitAndNoJob() throws TimeoutException {
    Serving serving = flights.serving();
    long version = flights.main().version();
    assertThat(serving.publish().days()).isZero();
    assertThat(JobCount.of(spark, () -> assertThat(serving.publish().days()).isZero())).isZero();
    assertThat(flights.main().version()).isEqualTo(version);
  }

  @Test
  @Order(3)
  void withoutEvidenceAndApprovalNothingIsPromoted() {
    assertThat(flights.serving().check(true).missing())
        .extracting(Missing::why)
        .containsExactly(
            "0 of 2 green days in a row: 2001-01-02 was not compared",
            "these days compared 0 cells, `min_cells` is 1");
    flights.reconcile();
    assertThat(flights.serving().check(false).missing())
        .extracting(Missing::what)
        .containsExactly("approval");
    assertThatThrownBy(() -> flights.serving().promote(false, "ann"))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INCONCLUSIVE))
        .hasMessageContaining("route_day stays shadow: a person must say yes");
    assertThat(flights.serving().standing().number()).isZero();
  }

  /** Killed between the stage's commit and the tables': the next publish brings them there. */
  @Test
  @Order(4)
  void theTablesFollowTheStageAlsoWhereARunEndedBetweenTheTwo() {
    Steps ended =
        (stage, step) -> {
          if (step.startsWith("route_day: promote")) {
            throw new IllegalStateException("ended by the test");
          }
        };
    assertThatThrownBy(() -> flights.serving(ended).promote(true, "ann"))
        .hasMessage("ended by the test");
    assertThat(flights.serving().standing())
        .satisfies(
            s -> {
              assertThat(s.position().inWords()).isEqualTo("canary at 10 %");
              assertThat(s.who()).isEqualTo("ann");
              assertThat(s.evidenceIds()).hasSize(2);
              assertThat(s.contractHash()).isEqualTo("test");
            });
    Steps endedLater =
        (stage, step) -> {
          if (step.startsWith("route_day: version")) {
            throw new IllegalStateException("ended by the test");
          }
        };
    assertThatThrownBy(() -> flights.serving(endedLater).publish()).hasMessage("ended by the test");
    flights.serving().publish();
    flights.assertHolds(
        flights.main(),
        "2001-01-01 LAX 1 batch",
        "2001-01-01 SEA 3 batch",
        "2001-01-02 LAX 1 batch",
        "2001-01-02 SEA 3 batch");
    flights.assertHolds(
        flights.canary(),
        "2001-01-01 LAX 1 live",
        "2001-01-01 SEA 2 live",
        "2001-01-02 LAX 1 live",
        "2001-01-02 SEA 2 live");
    assertThat(flights.canary().read().where("_evidence IS NULL").count()).isZero();
    assertThat(flights.main().read().where("_evidence IS NULL").count()).isZero();
    assertThat(flights.serving().publish().days()).isZero();
  }

  @Test
  @Order(5)
  void aNewDayIsTheOnlyOneReplacedAndFromGoldUntilItIsProven() {
    flights.fly("2001-01-03");
    flights.batch();
    flights.live();
    assertThat(flights.serving().publish().tables())
        .extracting(Published.Table::days)
        .containsExactly(1, 1);
    assertThat(ServingLake.cells(flights.canary())).contains("2001-01-03 SEA 3 batch");
    flights.reconcile();
    assertThat(flights.serving().publish().tables())
        .extracting(Published.Table::days)
        .containsExactly(1, 1);
    assertThat(ServingLake.cells(flights.canary())).contains("2001-01-03 SEA 2 live");
    assertThat(ServingLake.cells(flights.main())).contains("2001-01-03 SEA 3 batch");
  }

  @Test
  @Order(6)
  void aFurtherDayMakesItPrimary() {
    flights.serving().promote(true, "ben");
    flights.serving().publish();
    assertThat(ServingLake.cells(flights.main())).allMatch(cell -> cell.endsWith("live"));
    assertThat(ServingLake.cells(flights.main())).isEqualTo(ServingLake.cells(flights.canary()));
  }

  @Test
  @Order(7)
  void aPublisherThatKnowsAnOlderStageIsRefused() {
    ServingSources sources =
        new ServingSources(spark, flights.lake(), flights.contract(), flights.metrics());
    sources.pin(flights.later(Duration.ofMinutes(1)).instant(), Set.of());
    ServingTable main = new ServingTable(flights.main(), "route_day");
    long version = flights.main().version();
    assertThatThrownBy(() -> main.publish(version, Side.BATCH, 1, sources))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN))
        .hasMessageContaining("follows change 2 of the stage, this run knows change 1");
    // Nor does one that looked at the table before the newer one wrote it.
    assertThatThrownBy(() -> main.publish(version - 1, Side.BATCH, 2, sources))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN));
    assertThat(flights.main().version()).isEqualTo(version);
  }

  @Test
  @Order(8)
  void aRedDayPutsEveryoneBackToBatchWithinOnePublish() {
    spark.sql(
        """
        UPDATE delta.`%s` SET delay_minutes = delay_minutes + 1
        WHERE event_date = DATE'2001-01-03' AND origin = 'LAX'
        """
            .formatted(flights.lake().live("route_day")));
    flights.reconcile();
    Published published = flights.serving().publish();
    assertThat(published.changed()).isPresent();
    assertThat(published.standing())
        .satisfies(
            s -> {
              assertThat(s.change()).isEqualTo(Change.FALLBACK);
              assertThat(s.who()).isEqualTo("assay");
              assertThat(s.why()).isEqualTo("2001-01-03 is DIVERGED");
              assertThat(s.evidenceIds()).hasSize(1);
              assertThat(s.position().halfOpen()).isTrue();
            });
    for (LakeTable table : List.of(flights.main(), flights.canary())) {
      assertThat(ServingLake.cells(table)).hasSize(6).allMatch(cell -> cell.endsWith("batch"));
    }
  }

  @Test
  @Order(9)
  void forwardAgainOnlyByNewEvidence() {
    new ViewBuild(spark, flights.lake(), flights.contract()).rebuild("route_day");
    assertThat(flights.serving().check(true).missing())
        .extracting(Missing::why)
        .contains("0 of 1 green days in a row after 2001-01-03");
    flights.fly("2001-01-04");
    flights.batch();
    flights.live();
    flights.reconcile();
    // Under `approval: automatic` a publish takes the step.
    Published published = of(ServingLake.contract(Approval.AUTOMATIC), Duration.ZERO).publish();
    assertThat(published.standing().position().inWords()).isEqualTo("canary at 10 %");
    assertThat(published.standing().who()).isEqualTo("assay");
    assertThat(published.standing().why()).isEqualTo("a green day");
    assertThat(ServingLake.cells(flights.canary())).contains("2001-01-04 SEA 2 live");
  }

  @Test
  @Order(10)
  void aStreamThatLagsOrIsOfAnotherDefinitionFallsBack() {
    flights.ingest(flight("e", "2001-01-04T13:00:00Z", 5, "SEA", "LAX"));
    assertThat(flights.serving().publish().changed()).isEmpty();
    Serving later = of(flights.contract(), Duration.ofMinutes(11));
    assertThat(later.publish().standing().why())
        .isEqualTo(
            "the live view has not read what came 11 minutes ago, `fresh_within` is 10 minutes");
    assertThat(ServingLake.cells(flights.canary())).allMatch(cell -> cell.endsWith("batch"));
  }

  @Test
  @Order(11)
  void whatIsPinnedIsLeftAlone() {
    flights.serving().pin(Side.LIVE, "ann", "a demonstration");
    Serving later = of(flights.contract(), Duration.ofMinutes(11));
    openCircuit();
    Published published = later.publish();
    assertThat(published.changed()).isEmpty();
    assertThat(published.troubles())
        .extracting(Trouble::kind)
        .containsExactly(Trouble.Kind.CIRCUIT, Trouble.Kind.LAG);
    assertThat(ServingLake.cells(flights.main())).contains("2001-01-04 SEA 2 live");
    flights.serving().unpin("ann", "it is over");
    flights.serving().publish();
    assertThat(ServingLake.cells(flights.main())).allMatch(cell -> cell.endsWith("batch"));
    assertThat(flights.serving().changes())
        .extracting(Standing::change)
        .containsExactly(
            Change.PROMOTE,
            Change.PROMOTE,
            Change.FALLBACK,
            Change.PROMOTE,
            Change.FALLBACK,
            Change.PIN,
            Change.UNPIN);
  }

  @Test
  @Order(12)
  void aViewOfAnotherDefinitionIsNotFit() {
    Contract all = flights.contract();
    MetricSet other =
        MetricSetBuilder.builder(flights.metrics())
            .live(
                Optional.of(
                    new Live(
                        Duration.ofSeconds(10), Duration.ofMinutes(30), Duration.ofMinutes(1))))
            .build();
    Serving serving =
        of(ContractBuilder.builder(all).metrics(List.of(other)).build(), Duration.ZERO);
    assertThat(serving.check(true).missing())
        .contains(new Missing("stream", "the live view was accumulated under another definition"));
  }

  @Test
  @Order(13)
  void aPublisherPublishesAtItsIntervalUntilItIsClosed() throws InterruptedException {
    MetricSet often =
        MetricSetBuilder.builder(flights.metrics())
            .live(
                Optional.of(
                    new Live(Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofMillis(100))))
            .build();
    Contract contract = ContractBuilder.builder(flights.contract()).metrics(List.of(often)).build();
    BlockingQueue<Published> published = new LinkedBlockingQueue<>();
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    try (ServingPublisher publisher =
        new ServingPublisher(
            spark, flights.lake(), contract, Steps.SILENT, published::add, said::add)) {
      publisher.start();
      for (int i = 0; i < 2; i++) {
        Published one = published.poll(60, TimeUnit.SECONDS);
        assertThat(one).as("%s", said).isNotNull();
        assertThat(one.metrics()).isEqualTo("route_day");
      }
    }
    published.clear();
    assertThat(published.poll(300, TimeUnit.MILLISECONDS)).isNull();
    assertThat(said).isEmpty();
  }

  private Serving of(Contract contract, Duration after) {
    return new Serving(
        spark,
        flights.lake(),
        contract,
        contract.metrics().get(0),
        flights.later(after),
        Steps.SILENT);
  }

  /** As the live query leaves it behind where it ends with a view that fails. */
  private void openCircuit() {
    LakeTable freshness = new LakeTable(spark, flights.lake().freshness());
    freshness.createOrExtend(FreshnessLog.SCHEMA, List.of("run_date"));
    Instant now = Instant.now().plusSeconds(1).truncatedTo(ChronoUnit.MICROS);
    Row row =
        RowFactory.create(
            "flights",
            "route_day",
            now,
            now,
            0L,
            null,
            null,
            null,
            0L,
            "no disk",
            LocalDate.ofInstant(now, ZoneOffset.UTC));
    freshness.append(
        spark.createDataFrame(List.of(row), FreshnessLog.SCHEMA), new Transaction("test", 0));
  }
}
