package assay.reconciliation.convergence;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Live;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.BothPaths;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.convergence.LatenessAdvice.Candidate;
import assay.reconciliation.convergence.LatenessAdvice.Curve;
import assay.reconciliation.convergence.LatenessAdvice.Touched;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvergenceTest {
  private static final LocalDate DAY = LocalDate.parse("2001-01-01");
  private static final long SEED = Long.getLong("assay.seed", 11);

  private final SparkSession spark = TestSpark.session();
  private Lake lake;
  private BronzeFixture bronze;

  /**
   * Windows of one hour. When bronze had reached 09:01, a minute after the window from 08:00 to
   * 09:00 closed, two of four rows were there of one route and one of two of another; by 09:05 all
   * were but the one that is late.
   */
  @Test
  void eachPointIsWhatTheViewShowedWhenBronzeHadReachedIt(@TempDir Path folder) {
    Contract contract = FlightsContract.contract();
    makeLake(folder);
    assertThatThrownBy(() -> advise(contract))
        .isInstanceOfSatisfying(
            AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INCONCLUSIVE));
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", DAY + "T08:10:00Z", 10, "SEA", "LAX"),
        flight("b", DAY + "T08:50:00Z", 20, "SEA", "LAX"),
        flight("h", DAY + "T08:20:00Z", 0, "SEA", "SFO"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("c", DAY + "T09:04:00Z", 5, "SEA", "JFK"));
    bronze.ingest(
        "2026-01-01T00:00:20Z",
        flight("d", DAY + "T08:30:00Z", 30, "SEA", "LAX"),
        flight("i", DAY + "T08:25:00Z", 0, "SEA", "SFO"),
        flight("e", DAY + "T11:30:00Z", 5, "SEA", "BOS"));
    bronze.ingest("2026-01-01T00:00:30Z", flight("f", DAY + "T08:40:00Z", 40, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:40Z", flight("g", "2001-01-03T12:00:00Z", 5, "SEA", "LAX"));
    runBatch(contract);
    runLive(contract);
    reconcile(contract);
    reconcile(contract);

    // Four windows of cells, two of which never moved; the day that has just begun has none.
    assertThat(table())
        .hasSize(4 * 6)
        .allSatisfy(row -> assertThat(row.<LocalDate>getAs("day")).isEqualTo(DAY))
        .allSatisfy(row -> assertThat(row.<Long>getAs("windows")).isEqualTo(4));
    assertPoint("flights", 1, 0.5, 0.5, 0.5);
    assertPoint("flights", 5, 0.25, 0.75, 0.75);
    assertPoint("flights", 1440, 0.25, 0.75, 0.75);
    assertPoint("delay_minutes", 1, 0.7, 0.75, 0.75);
    assertPoint("delay_minutes", 15, 0.4, 0.75, 0.75);
    assertPoint("worst_delay", 1, 0.5, 0.75, 0.75);
    assertPoint("avg_delay", 1, 0.4, 0.75, 0.75);
    assertPoint("avg_delay", 360, 0.2, 0.75, 0.75);
    Row flights = point("flights", 1);
    assertThat(flights.<Double>getAs("error_p50")).isEqualTo(0.25);
    assertThat(flights.<Double>getAs("error_p90")).isEqualTo(0.5);

    LatenessAdvice advice = advise(contract);
    assertThat(advice.rows()).isEqualTo(8);
    assertThat(advice.from()).isEqualTo(DAY);
    assertThat(advice.to()).isEqualTo(DAY);
    assertThat(advice.finalAfterMinutes()).isEmpty();
    assertThat(advice.curves())
        .extracting(Curve::measure, c -> c.points().size())
        .containsExactly(
            tuple("flights", 6),
            tuple("delay_minutes", 6),
            tuple("worst_delay", 6),
            tuple("avg_delay", 6));
    // The late row came 2 h 50 min behind.
    assertThat(advice.candidates())
        .extracting(c -> c.lateness().toHours(), Candidate::late)
        .containsExactly(
            tuple(1L, 1L),
            tuple(2L, 1L),
            tuple(4L, 0L),
            tuple(8L, 0L),
            tuple(12L, 0L),
            tuple(24L, 0L));
    assertThat(advice.suggested()).contains(Duration.ofHours(4));
    Candidate today = advice.candidates().get(1);
    assertThat(today.metrics())
        .containsExactly(
            new Touched(
                "route_day", 4, 1, Map.of("flights", 1 / 8.0, "delay_minutes", 40 / 110.0)));
    assertThat(today.cost().open()).isZero();
    assertThat(today.cost().partialRows()).isZero();
    Candidate longer = advice.candidates().get(2);
    assertThat(longer.cost().open()).isEqualTo(Duration.ofHours(2));
    assertThat(longer.cost().afterClose()).isEqualTo(Duration.ofHours(3));
    assertThat(longer.cost().partialRows()).isEqualTo(1);
    assertThat(longer.cost().partialBytes()).isPositive();
    assertThat(longer.cost().lookBackRows()).isEqualTo(1);
    assertThat(longer.cost().lookBackBytes()).isEqualTo(96);
  }

  /**
   * Windows of a day: of a cell there is one, and a day after it closed its error is the evidence's
   * difference, for each measure, whatever came late, twice, corrected, or was not read yet.
   */
  @Test
  @Tag("long")
  void aDayAfterAWindowClosedItStandsWhereTheEvidenceSays(@TempDir Path folder) {
    MetricSet byHour = FlightsContract.contract().metrics().get(0);
    MetricSet byDay =
        MetricSetBuilder.builder(byHour)
            .live(
                Optional.of(
                    new Live(Duration.ofSeconds(10), Duration.ofDays(1), Duration.ofMinutes(1))))
            .build();
    Contract contract =
        ContractBuilder.builder(FlightsContract.contract()).metrics(List.of(byDay)).build();
    makeLake(folder);
    Random random = new Random(SEED);
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    Instant now = Instant.parse("2001-01-01T10:00:00Z");
    List<String> sent = new ArrayList<>();
    for (int batch = 0; batch < 10; batch++) {
      if (batch == 9) {
        runBatch(contract);
      }
      List<String> rows = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        now = now.plusSeconds(600);
        rows.add(row(random, now, sent));
      }
      bronze.ingest(at.plusSeconds(10L * batch).toString(), rows.toArray(String[]::new));
    }
    bronze.ingest(
        at.plusSeconds(200).toString(), flight("last", "2001-01-09T00:00:00Z", 1, "SEA", "LAX"));
    runLive(contract);
    reconcile(contract);

    EvidenceTables tables = new EvidenceTables(spark, lake);
    Map<LocalDate, DayEvidence> evidence =
        tables.newestByDay("route_day").stream()
            .collect(Collectors.toMap(DayEvidence::day, e -> e, (a, b) -> b, TreeMap::new));
    List<Row> lastPoints =
        table().stream().filter(row -> row.<Integer>getAs("minutes") == 1440).toList();
    assertThat(lastPoints).hasSize(2 * 4);
    Map<String, List<Double>> errors = new TreeMap<>();
    for (Row cell : tables.cells().read().collectAsList()) {
      errors
          .computeIfAbsent(cell.getAs("day") + " " + cell.getAs("measure"), k -> new ArrayList<>())
          .add(error(cell));
    }
    assertThat(errors.size()).as("measures that differ, seed %d", SEED).isGreaterThan(4);
    for (Row point : lastPoints) {
      String name = point.getAs("day") + " " + point.getAs("measure");
      List<Double> ofPoint = errors.getOrDefault(name, List.of());
      long cells = evidence.get(point.<LocalDate>getAs("day")).cells();
      assertThat(point.<Long>getAs("windows")).as(name).isEqualTo(cells);
      assertThat(point.<Double>getAs("exact_share"))
          .as(name)
          .isCloseTo((double) (cells - ofPoint.size()) / cells, within(1e-12));
      assertThat(point.<Double>getAs("error_max"))
          .as(name)
          .isCloseTo(ofPoint.stream().max(Double::compare).orElse(0.0), within(1e-6));
    }
  }

  private static double error(Row cell) {
    String control = cell.getAs("control");
    double value = control == null ? 0 : Double.parseDouble(control);
    double difference = cell.<BigDecimal>getAs("difference").doubleValue();
    return value == 0 ? 1 : Math.abs(difference) / Math.abs(value);
  }

  /** One in four behind, by up to nine hours; some repeat or correct an earlier one. */
  private static String row(Random random, Instant now, List<String> sent) {
    if (!sent.isEmpty() && random.nextInt(8) == 0) {
      String again = sent.get(sent.size() - 1 - random.nextInt(Math.min(20, sent.size())));
      return random.nextBoolean()
          ? again
          : again.replaceFirst(
              "\"delay_minutes\":-?\\d+", "\"delay_minutes\":" + random.nextInt(9));
    }
    Instant time = random.nextInt(4) == 0 ? now.minusSeconds(random.nextInt(32_400)) : now;
    String to = List.of("LAX", "JFK", "BOS", "SFO").get(random.nextInt(4));
    String row = flight("f" + sent.size(), time.toString(), random.nextInt(50) - 10, "SEA", to);
    sent.add(row);
    return row;
  }

  private void makeLake(Path folder) {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  private void runBatch(Contract contract) {
    new BothPaths(spark, lake, contract).batch();
  }

  private void runLive(Contract contract) {
    new BothPaths(spark, lake, contract).live();
  }

  private void reconcile(Contract contract) {
    new BothPaths(spark, lake, contract).reconcile();
  }

  private LatenessAdvice advise(Contract contract) {
    Map<LocalDate, String> evidence = new TreeMap<>();
    new EvidenceTables(spark, lake)
        .newestByDay("route_day")
        .forEach(e -> evidence.put(e.day(), e.evidenceId()));
    return new LatenessAdvisor(spark, lake, contract).advise(30, Map.of("route_day", evidence));
  }

  private List<Row> table() {
    return new LakeTable(spark, lake.reconciliation("convergence")).read().collectAsList();
  }

  private Row point(String measure, int minutes) {
    return table().stream()
        .filter(
            row -> row.getAs("measure").equals(measure) && row.<Integer>getAs("minutes") == minutes)
        .findFirst()
        .orElseThrow();
  }

  private void assertPoint(
      String measure, int minutes, double errorMax, double exact, double settled) {
    Row row = point(measure, minutes);
    String name = measure + " after " + minutes;
    assertThat(row.<Double>getAs("error_max")).as(name).isCloseTo(errorMax, within(1e-12));
    assertThat(row.<Double>getAs("exact_share")).as(name).isEqualTo(exact);
    assertThat(row.<Double>getAs("settled_share")).as(name).isEqualTo(settled);
  }
}
