package assay.gold;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.DayRange;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.RowFilter;
import assay.core.contract.RowFilter.Condition;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldStageTest {
  private static final LocalDate FIRST = LocalDate.parse("2001-01-01");
  private static final LocalDate SECOND = LocalDate.parse("2001-01-02");

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
        flight("b", "2001-01-01T09:00:00Z", 8, "SEA", "LAX"),
        flight("c", "2001-01-02T09:00:00Z", 1, "SEA", "LAX"));
  }

  @Test
  void measuresAreExact() {
    assertThat(run(contract).days()).containsExactly(FIRST, SECOND);
    assertThat(cells("flights, delay_minutes, worst_delay, avg_delay"))
        .containsExactly("2001-01-01 SEA LAX 2 13 8 6.5", "2001-01-02 SEA LAX 1 1 1 1.0");
  }

  @Test
  void aLateRowRestatesItsOwnDayAndNoOther() {
    run(contract);
    long before = gold().version();
    bronze.ingest("2026-01-01T01:00:00Z", flight("d", "2001-01-01T23:59:59Z", 2, "SEA", "LAX"));
    silver();
    assertThat(stage(contract).plan(Optional.empty()))
        .singleElement()
        .satisfies(
            plan -> {
              assertThat(plan.days()).containsExactly(FIRST);
              assertThat(plan.reason()).isEqualTo(GoldPlan.Reason.CHANGED);
            });
    assertThat(gold().version()).as("a plan writes nothing").isEqualTo(before);
    GoldCost cost = stage(contract).cost(stage(contract).plan(Optional.empty()).get(0));
    assertThat(cost.reads().rows()).as("of silver, on this day").isEqualTo(3);
    assertThat(cost.reads().bytes()).isPositive();
    assertThat(cost.replaces()).extracting("files", "rows").containsExactly(1L, 1L);
    GoldResult result = run(contract);
    assertThat(result.days()).containsExactly(FIRST);
    assertThat(result.states()).containsEntry(FIRST, new DayState.Closed());
    assertThat(result.restated())
        .containsExactly(
            restated(FIRST, "flights", "2", "3"), restated(FIRST, "delay_minutes", "13", "15"));
    assertThat(gold().version()).isEqualTo(before + 1);
    assertThat(gold().partitionsChanged("event_date", before, before + 1))
        .contains(java.util.Set.of("2001-01-01"));
    assertThat(cells("flights")).containsExactly("2001-01-01 SEA LAX 3", "2001-01-02 SEA LAX 1");
  }

  @Test
  void aRowThatMovesToAnotherDayRestatesBoth() {
    run(contract);
    bronze.ingest("2026-01-01T01:00:00Z", flight("c", "2001-01-01T10:00:00Z", 1, "SEA", "LAX"));
    GoldResult result = run(contract);
    assertThat(result.days()).containsExactly(FIRST, SECOND);
    assertThat(cells("flights")).containsExactly("2001-01-01 SEA LAX 3");
    assertThat(result.restated())
        .as("a day that its last row left has no total")
        .containsExactly(
            restated(FIRST, "flights", "2", "3"),
            restated(FIRST, "delay_minutes", "13", "14"),
            restated(SECOND, "flights", "1", ""),
            restated(SECOND, "delay_minutes", "1", ""));
  }

  @Test
  void aDayThatAppearsIsRestatedUnlessItIsBehindAllOthers() {
    run(contract);
    bronze.ingest(
        "2026-01-01T01:00:00Z",
        flight("d", "2000-12-31T10:00:00Z", 4, "SEA", "LAX"),
        withoutDelay("e", "2001-01-03T10:00:00Z"));
    assertThat(run(contract).restated())
        .containsExactly(
            restated(LocalDate.parse("2000-12-31"), "flights", "", "1"),
            restated(LocalDate.parse("2000-12-31"), "delay_minutes", "", "4"));
    bronze.ingest("2026-01-01T02:00:00Z", flight("f", "2001-01-03T10:00:00Z", 0, "SEA", "LAX"));
    assertThat(run(contract).restated())
        .as("a sum without a value is not zero")
        .containsExactly(
            restated(LocalDate.parse("2001-01-03"), "flights", "1", "2"),
            restated(LocalDate.parse("2001-01-03"), "delay_minutes", "", "0"));
  }

  @Test
  void totalsAreComparedWhereSilversLogNoLongerTellsWhichDaysChanged() throws IOException {
    run(contract);
    String silver = lake.silver("flights");
    spark.sql(
        "ALTER TABLE delta.`" + silver + "` SET TBLPROPERTIES ('delta.checkpointInterval' = '1')");
    bronze.ingest(
        "2026-01-01T01:00:00Z",
        flight("c", "2001-01-01T10:00:00Z", 1, "SEA", "LAX"),
        flight("d", "2001-01-01T23:59:59Z", 2, "SEA", "LAX"));
    silver();
    for (int version = 0; version < new LakeTable(spark, silver).version(); version++) {
      Files.delete(Path.of(silver, "_delta_log", "%020d.json".formatted(version)));
    }
    GoldResult result = stage(contract).run(Optional.empty()).get(0);
    assertThat(result.reason()).isEqualTo(GoldPlan.Reason.LOG_GONE);
    assertThat(result.restated())
        .containsExactly(
            restated(FIRST, "flights", "2", "4"),
            restated(FIRST, "delay_minutes", "13", "16"),
            restated(SECOND, "flights", "1", ""),
            restated(SECOND, "delay_minutes", "1", ""));
  }

  @Test
  void aPlanThatMakesGoldAnewReadsAllOfSilver() {
    silver();
    GoldPlan plan = stage(contract).plan(Optional.empty()).get(0);
    assertThat(plan.reason()).isEqualTo(GoldPlan.Reason.FIRST_RUN);
    assertThat(plan.days()).containsExactly(FIRST, SECOND);
    assertThat(stage(contract).cost(plan).reads().rows()).isEqualTo(3);
    assertThat(stage(contract).cost(plan).replaces().files()).isZero();
    run(contract);
    GoldPlan idle = stage(contract).plan(Optional.empty()).get(0);
    assertThat(stage(contract).cost(idle)).isEqualTo(GoldCost.NOTHING);
  }

  @Test
  void aRunWithNothingNewMakesNoCommitUnlessADayIsAskedFor() {
    run(contract);
    long version = gold().version();
    assertThat(run(contract).days()).isEmpty();
    assertThat(gold().version()).isEqualTo(version);

    spark.sql("DELETE FROM delta.`" + gold().path() + "` WHERE event_date = DATE'2001-01-01'");
    DayRange day = new DayRange(FIRST, FIRST);
    assertThat(stage(contract).run(Optional.of(day)).get(0).days()).containsExactly(FIRST);
    assertThat(stage(contract).run(Optional.of(day)).get(0).restated()).isEmpty();
    assertThat(cells("flights")).containsExactly("2001-01-01 SEA LAX 2", "2001-01-02 SEA LAX 1");
    assertThat(run(contract).days()).as("the mark still stands").isEmpty();
  }

  @Test
  void anotherDefinitionRecomputesEveryDay() {
    run(contract);
    MetricSet routes = contract.metrics().get(0);
    MetricSet counted =
        MetricSetBuilder.builder()
            .name(routes.name())
            .by(List.of("origin"))
            .measures(List.of(new Measure.CountDistinct("places", "destination")))
            .build();
    Contract changed =
        ContractBuilder.builder(contract).metrics(List.of(counted)).hash("changed").build();
    assertThat(run(changed).days()).containsExactly(FIRST, SECOND);
    assertThat(gold().read().columns()).containsExactly("event_date", "origin", "places");
    assertThat(run(contract).days()).containsExactly(FIRST, SECOND);
    assertThat(cells("flights")).containsExactly("2001-01-01 SEA LAX 2", "2001-01-02 SEA LAX 1");
  }

  @Test
  void aFilterDecidesWhichRowsACellIsOfAndItsRulesAreCountedOverTheDaysThatWereComputed() {
    Contract late = filtered(new Condition("late", "delay_minutes > 5"));
    bronze.ingest("2026-01-01T00:00:10Z", withoutDelay("d", "2001-01-02T09:00:00Z"));
    assertThat(run(late).filtered()).isEqualTo(Map.of("late", 3L));
    assertThat(cells("flights, delay_minutes")).containsExactly("2001-01-01 SEA LAX 1 8");

    // A correction takes a row out of the filter, and its day is left without a cell.
    bronze.ingest("2026-01-01T01:00:00Z", flight("b", "2001-01-01T09:00:00Z", 2, "SEA", "LAX"));
    GoldResult corrected = run(late);
    assertThat(corrected.days()).containsExactly(FIRST);
    assertThat(corrected.filtered()).isEqualTo(Map.of("late", 2L));
    assertThat(corrected.restated())
        .containsExactly(
            restated(FIRST, "flights", "1", ""), restated(FIRST, "delay_minutes", "8", ""));
    assertThat(cells("flights")).isEmpty();
    assertThat(run(late).filtered()).isEmpty();

    Condition known = new Condition("known", "delay_minutes IS NOT NULL");
    Condition first = new Condition("first", "scheduled_at < '2001-01-02'");
    GoldResult other = run(filtered(known, first));
    assertThat(other.reason()).isEqualTo(GoldPlan.Reason.OTHER_BASIS);
    assertThat(other.filtered()).isEqualTo(Map.of("known", 1L, "first", 2L));
    assertThat(cells("flights, delay_minutes")).containsExactly("2001-01-01 SEA LAX 2 7");
    assertThat(run(filtered(first, known)).reason()).isEqualTo(GoldPlan.Reason.NOTHING);
  }

  private Contract filtered(Condition... rules) {
    MetricSet routes =
        MetricSetBuilder.builder(contract.metrics().get(0))
            .filter(new RowFilter(List.of(rules)))
            .build();
    return ContractBuilder.builder(contract).metrics(List.of(routes)).hash("filtered").build();
  }

  @Test
  void aDayClosesWhenItsGraceIsOverAndAllOfBronzeUpToThereIsRead() {
    Instant closes = Instant.parse("2001-01-02T01:00:00Z");
    assertThat(DayState.of(FIRST, contract, Optional.empty(), closes))
        .isEqualTo(new DayState.Closed());
    assertThat(DayState.of(FIRST, contract, Optional.empty(), closes.minusSeconds(1)))
        .isEqualTo(new DayState.Open("the day closes at 2001-01-02T01:00:00Z"));
    assertThat(DayState.of(FIRST, contract, Optional.of(closes), closes.plusSeconds(9)))
        .isEqualTo(
            new DayState.Open("silver has not read all of bronze up to 2001-01-02T01:00:00Z"));
    assertThat(
            DayState.of(FIRST, contract, Optional.of(closes.plusSeconds(1)), closes.plusSeconds(9)))
        .isEqualTo(new DayState.Closed());
  }

  private static RestatedTotal restated(
      LocalDate day, String measure, String before, String after) {
    return new RestatedTotal(day, measure, total(before), total(after));
  }

  private static Optional<BigDecimal> total(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(text));
  }

  private static String withoutDelay(String id, String scheduledAt) {
    return flight(id, scheduledAt, 0, "SEA", "LAX").replace("\"delay_minutes\":0,", "");
  }

  private GoldResult run(Contract asOf) {
    silver();
    return stage(asOf).run(Optional.empty()).get(0);
  }

  private void silver() {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
  }

  private GoldStage stage(Contract asOf) {
    return new GoldStage(spark, lake, asOf, Clock.systemUTC(), Steps.SILENT);
  }

  private LakeTable gold() {
    return new LakeTable(spark, lake.gold("route_day"));
  }

  private List<String> cells(String measures) {
    return gold()
        .read()
        .selectExpr("concat_ws(' ', event_date, origin, destination, " + measures + ")")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }
}
