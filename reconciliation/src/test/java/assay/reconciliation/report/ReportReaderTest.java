package assay.reconciliation.report;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.BothPaths;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.report.ReportModel.CellReport;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.OffsetRange;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A lake as the stages leave it: a day that agrees, a day with a late row, and, in the newest
 * evidence alone, a day from which a cell was taken.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportReaderTest {
  private static final LocalDate EQUAL = LocalDate.of(2001, 1, 1);
  private static final LocalDate LATE = LocalDate.of(2001, 1, 2);
  private static final LocalDate LOST = LocalDate.of(2001, 1, 4);

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;
  private ReportModel report;

  @BeforeAll
  void reconcileTwice(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", EQUAL + "T08:00:00Z", 5, "SEA", "LAX"),
        flight("c", LATE + "T08:00:00Z", 5, "SEA", "LAX"),
        flight("d", LATE + "T12:00:00Z", 7, "SEA", "LAX"));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("e", LATE + "T09:59:59Z", 300, "SEA", "LAX"),
        flight("f", LATE + "T09:00:00Z", 1, "SEA", "JFK"),
        flight("g", LOST + "T08:00:00Z", 5, "SEA", "JFK"));
    new BothPaths(spark, lake, contract).run();
    reconcile(Optional.empty());
    spark.sql(
        "DELETE FROM delta.`%s` WHERE event_date = DATE'%s'"
            .formatted(lake.live("route_day"), LOST));
    reconcile(Optional.of(LOST));
    report = read(30, Optional.empty());
  }

  @Test
  void theNewestEvidenceOfEachDayIsTold() {
    assertThat(report.metrics()).hasSize(1);
    MetricsReport routes = routes();
    assertThat(routes.domain()).isEqualTo("flights");
    assertThat(routes.days())
        .extracting(d -> d.day() + " " + d.verdict())
        .containsExactly(EQUAL + " MATCH", LATE + " EXPLAINED", LOST + " DIVERGED");
    assertThat(report.days().days()).hasSize(4);
    assertThat(report.summaries())
        .containsExactly(
            "route_day: 3 days: 1 agrees, 1 explained, 1 unexplained, 1 not compared; no row"
                + " explains -1 flights, -5 delay_minutes, -5 worst_delay and -5 avg_delay.");
  }

  @Test
  void differencesStandByDayMeasureAndCauseInTheContractsOrder() {
    MetricsReport routes = routes();
    assertThat(routes.measures())
        .containsExactly("flights", "delay_minutes", "worst_delay", "avg_delay");
    assertThat(routes.differences().get(0).day()).isEqualTo(LATE);
    assertThat(routes.differences().get(0).additive()).isTrue();
    assertThat(routes.differences().get(0).cells()).isEqualTo(2);
    assertThat(routes.differences().get(0).terms().get("late")).isEqualByComparingTo("-2");
    assertThat(routes.differences().get(1).terms()).containsOnlyKeys("unexplained");
    assertThat(routes.causes()).containsExactly("late", "unexplained");
    assertThat(
            routes.differences().stream()
                .filter(d -> d.measure().equals("worst_delay"))
                .noneMatch(d -> d.additive()))
        .isTrue();
  }

  @Test
  void aCellTellsItsDimensionsBothSidesAndTheRowsBehindIt() {
    DayReport late = routes().day(LATE).orElseThrow();
    assertThat(late.rows()).isEqualTo(2);
    assertThat(late.differing()).isEqualTo(2);
    assertThat(late.differences()).isEqualTo(8);
    CellReport largest =
        late.cells().stream()
            .filter(
                c -> c.measure().equals("delay_minutes") && c.control().equals(Optional.of("312")))
            .findFirst()
            .orElseThrow();
    assertThat(largest.dimensions())
        .containsExactly(
            new ReportModel.Dimension("origin", Optional.of("SEA")),
            new ReportModel.Dimension("destination", Optional.of("LAX")));
    assertThat(largest.test()).contains("12");
    assertThat(largest.terms()).containsOnlyKeys("late");
    DayReport lost = routes().day(LOST).orElseThrow();
    assertThat(lost.cells().get(0).verdict()).isEqualTo("DIVERGED");
    assertThat(lost.cells().get(0).test()).isEmpty();
  }

  @Test
  void oneDayOrTheLastDaysAreChosen() {
    ReportModel one = read(30, Optional.of(LATE));
    assertThat(one.summaries())
        .containsExactly(
            "route_day: 1 day: 0 agree, 1 explained, 0 unexplained; all of the difference comes"
                + " from 2 late rows.");
    assertThat(one.metrics().get(0).rowsByCause()).containsExactly(Map.entry("late", 2L));
    assertThat(one.metrics().get(0).drillDown())
        .isNotEmpty()
        .allSatisfy(e -> assertThat(e.metrics()).isEqualTo("route_day"));
    assertThat(read(3, Optional.empty()).metrics().get(0).days())
        .extracting(DayReport::day)
        .containsExactly(LATE, LOST);
  }

  @Test
  void whereNothingWasComparedItIsSaidWhatThereIs() {
    AssayException day =
        catchThrowableOfType(
            AssayException.class, () -> read(30, Optional.of(LocalDate.of(2001, 1, 3))));
    assertThat(day.code()).isEqualTo(ErrorCode.INCONCLUSIVE);
    assertThat(day)
        .hasMessage(
            "2001-01-03 has not been compared; there is evidence from 2001-01-01 to 2001-01-04");
    assertThat(day.mend()).contains("assay reconcile");
    AssayException metrics =
        catchThrowableOfType(
            AssayException.class,
            () -> reader().read(new ReportRequest(Optional.empty(), 30, Set.of(), Set.of("nope"))));
    assertThat(metrics).hasMessageContaining("there is evidence of route_day");
  }

  @Test
  void whatOthersStoreIsShownOnceItIsThere() {
    String latest = routes().day(LATE).orElseThrow().evidenceId();
    spark
        .sql(
            """
            SELECT '%s' AS evidence_id, 'route_day' AS metrics, DATE'2001-01-02' AS day,
              'flights' AS measure, minutes, windows, p50 AS error_p50, p90 AS error_p90,
              most AS error_max, exact AS exact_share
            FROM VALUES (1, 10L, 0.1D, 0.5D, 1D, 0.6D), (60, 10L, 0D, 0D, 0.2D, 0.9D)
              AS (minutes, windows, p50, p90, most, exact)
            """
                .formatted(latest))
        .write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .save(lake.reconciliation("convergence"));
    spark
        .sql(
            """
            SELECT 'flights' AS domain, path, 9L AS bronze_version, 0 AS partition,
              first_offset, last_offset, rows, map('loaded', rows) AS dispositions,
              array(named_struct('first_offset', first_offset, 'last_offset', first_offset,
                'cause', 'compaction')) AS gaps,
              unaccounted, CAST(at AS TIMESTAMP) AS reconciled_at
            FROM VALUES ('batch', 0L, 6L, 6L, 0L, '2026-01-01 00:00:00Z'),
              ('batch', 7L, 9L, 1L, 1L, '2026-01-02 00:00:00Z'),
              ('batch', 7L, 9L, 2L, 0L, '2026-01-03 00:00:00Z'),
              ('live.route_day', 0L, 6L, 5L, 1L, '2026-01-02 00:00:00Z'),
              ('live.unknown', 0L, 6L, 6L, 0L, '2026-01-02 00:00:00Z')
              AS (path, first_offset, last_offset, rows, unaccounted, at)
            """)
        .write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .save(lake.reconciliation("ledger"));
    spark
        .sql(
            """
            SELECT 'route_day' AS metrics, 1L AS number, 'promote' AS change, 'canary' AS stage,
              0.1D AS canary_share, CAST(NULL AS STRING) AS pinned, false AS half_open,
              DATE'2026-01-01' AS since, DATE'2026-01-01' AS through, 'dana' AS who,
              'ready' AS why, array('x', 'y') AS evidence_ids, 'h' AS contract_hash,
              TIMESTAMP'2026-01-02 00:00:00Z' AS at
            """)
        .write()
        .format("delta")
        .mode("overwrite")
        .option("overwriteSchema", "true")
        .save(lake.stages());
    ReportModel whole = read(30, Optional.empty());
    MetricsReport routes = whole.metrics().get(0);
    assertThat(routes.convergence()).hasSize(1);
    assertThat(routes.convergence().get(0).points())
        .containsExactly(
            new ReportModel.Point(1, 10, 0.1, 0.5, 1, 0.6),
            new ReportModel.Point(60, 10, 0, 0, 0.2, 0.9));
    assertThat(routes.stages())
        .extracting(s -> s.stage() + s.evidence())
        .containsExactly("canary2");
    assertThat(whole.ledger())
        .extracting(p -> p.path() + " " + p.rows() + " " + p.unaccounted())
        .containsExactly("batch 8 0", "live.route_day 5 1");
    OffsetRange batch = whole.ledger().get(0).ranges().get(0);
    assertThat(batch.first() + " to " + batch.last()).isEqualTo("0 to 9");
    assertThat(batch.dispositions()).containsExactly(Map.entry("loaded", 8L));
    assertThat(batch.gaps())
        .containsExactly(
            new ReportModel.Gap(0, 0, "compaction"), new ReportModel.Gap(7, 7, "compaction"));
  }

  private MetricsReport routes() {
    return report.metrics().get(0);
  }

  private void reconcile(Optional<LocalDate> day) {
    new BothPaths(spark, lake, contract).reconcile(new ReconcileRequest(day, 0));
  }

  private ReportReader reader() {
    return new ReportReader(spark, lake, List.of(contract), Clock.systemUTC());
  }

  private ReportModel read(int last, Optional<LocalDate> day) {
    return reader().read(new ReportRequest(day, last, Set.of(), Set.of()));
  }
}
