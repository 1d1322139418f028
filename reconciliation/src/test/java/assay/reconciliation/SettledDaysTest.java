package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Three days, of which a run compares again those alone that it must. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SettledDaysTest {
  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;
  private BronzeFixture bronze;
  private Map<String, Long> evidence = Map.of();

  @BeforeAll
  void compareThreeDays(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-02T08:00:00Z", 2, "SEA", "LAX"),
        flight("c", "2001-01-03T08:00:00Z", 3, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).run();
    assertThat(reconcile(contract).days()).hasSize(3);
    evidence = evidenceByDay();
    assertThat(evidence.values()).containsOnly(1L);
  }

  @Test
  @Order(1)
  void whereNothingChangedNothingIsComparedAndAllIsHandedBack() {
    Reconciliation again = reconcile(contract);
    assertThat(again.days())
        .extracting(day -> day.day() + " " + day.verdict().label() + " " + day.cells())
        .containsExactly("2001-01-01 MATCH 1", "2001-01-02 MATCH 1", "2001-01-03 MATCH 1");
    assertThat(again.failure()).isEmpty();
    assertThat(again.settled()).isEqualTo(3);
    assertThat(again.ledgers()).hasSize(2);
    assertCompared();
  }

  @Test
  @Order(2)
  void aDayThatChangedIsComparedAndAgainUntilBothSidesHaveReadItsRows() {
    bronze.ingest("2026-01-01T00:01:00Z", flight("d", "2001-01-03T09:00:00Z", 4, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).live();
    assertThat(day(reconcile(contract), "2001-01-03").verdict()).isEqualTo(new Verdict.Explained());
    assertCompared("2001-01-03");
    bronze.ingest("2026-01-01T00:02:00Z", "no json");
    new BothPaths(spark, lake, contract).live();
    reconcile(contract);
    // Its bronze is another: what live alone has read may turn out otherwise in batch.
    assertCompared("2001-01-03");
    new BothPaths(spark, lake, contract).batch();
    assertThat(day(reconcile(contract), "2001-01-03").verdict()).isEqualTo(new Verdict.Match());
    assertCompared("2001-01-03");
    reconcile(contract);
    assertCompared();
  }

  @Test
  @Order(3)
  void whatSomebodyChangesByHandIsFound() {
    spark.sql(
        "UPDATE delta.`"
            + lake.live("route_day")
            + "` SET delay_minutes = delay_minutes + 1 WHERE event_date = '2001-01-01'");
    Reconciliation found = reconcile(contract);
    assertThat(day(found, "2001-01-01").verdict()).isEqualTo(new Verdict.Diverged());
    assertCompared("2001-01-01");
    // What is red is looked at each time, under the evidence that it has.
    assertThat(reconcile(contract).largest()).isNotEmpty();
    assertCompared();
  }

  @Test
  @Order(4)
  void anotherContractHasEveryDayComparedAnew() {
    reconcile(ContractBuilder.builder(contract).hash("another").build());
    assertCompared("2001-01-01", "2001-01-02", "2001-01-03");
  }

  private Reconciliation reconcile(Contract under) {
    return new BothPaths(spark, lake, under).reconcile(ReconcileRequest.CHANGED);
  }

  private static DayVerdict day(Reconciliation of, String day) {
    return of.days().stream()
        .filter(d -> d.day().equals(LocalDate.parse(day)))
        .findFirst()
        .orElseThrow();
  }

  /** That there is new evidence of these days and of no others. */
  private void assertCompared(String... days) {
    Map<String, Long> now = evidenceByDay();
    Map<String, Long> more = new TreeMap<>(now);
    evidence.forEach((day, count) -> more.merge(day, -count, Long::sum));
    more.values().removeIf(count -> count == 0);
    assertThat(more.keySet()).containsExactlyInAnyOrder(days);
    evidence = now;
  }

  private Map<String, Long> evidenceByDay() {
    Map<String, Long> byDay = new TreeMap<>();
    new EvidenceTables(spark, lake)
        .evidence()
        .read()
        .groupBy("day")
        .count()
        .collectAsList()
        .forEach(row -> byDay.put(row.getAs("day").toString(), row.getLong(1)));
    return byDay;
  }
}
