package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.Rule;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.GoldStage;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.Cause;
import assay.reconciliation.DayVerdict;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.Ledger;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import assay.reconciliation.Verdict;
import assay.silver.SilverStage;
import assay.tests.FaultHistories.CellKey;
import assay.tests.FaultHistories.Expected;
import assay.tests.FaultHistories.Fault;
import assay.tests.FaultHistories.Side;
import assay.views.live.LiveStage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories with one to fifty faults each: every fault is found, with its cause and its
 * amount, and nothing else is. The measures that sum up are held against a model to the last row;
 * the others may not be left unexplained where no table was tampered with.
 */
class InjectedFaultsTest {
  private static final Map<String, ToLongFunction<Side>> SUMS =
      Map.of("flights", side -> side.flights, "delay_minutes", side -> side.delay);

  private final SparkSession spark = TestSpark.session();

  @TempDir Path folder;

  @Test
  void everyFaultIsFoundAndNothingElse() {
    assertFound(new FaultHistories(1, 30, false));
  }

  @ParameterizedTest
  @Tag("long")
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void everyFaultOfAHundredHistoriesIsFound(long seed) {
    assertFound(new FaultHistories(seed, 100, false));
  }

  @ParameterizedTest
  @Tag("long")
  @ValueSource(longs = {21, 22, 23, 24})
  void noFalseAlarmIn250CleanHistories(long seed) {
    assertClean(new FaultHistories(seed, 250, true));
  }

  private void assertClean(FaultHistories histories) {
    Lake lake = lake(histories);
    Reconciliation proof = reconcile(lake);
    assertThat(proof.days())
        .hasSize(histories.faults().size())
        .allSatisfy(day -> assertThat(day.verdict()).isEqualTo(new Verdict.Match()));
    assertThat(proof.ledgers()).allSatisfy(ledger -> assertThat(ledger.addsUp()).isTrue());
  }

  private void assertFound(FaultHistories histories) {
    Lake lake = lake(histories);
    Reconciliation before = reconcile(lake);
    assertThat(before.days())
        .hasSize(histories.faults().size())
        .allSatisfy(
            day -> {
              assertThat(day.verdict().green()).as("%s", day).isTrue();
              assertThat(day.unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
            });
    assertThat(before.ledgers()).allSatisfy(ledger -> assertThat(ledger.addsUp()).isTrue());
    assertCells(lake, histories, before);

    tamper(lake, histories);
    histories.tampered();
    Reconciliation after = reconcile(lake);
    assertCells(lake, histories, after);
    assertThat(after.ledgers())
        .extracting(Ledger::unaccounted)
        .containsExactly(histories.unaccountedInBatch(), histories.unaccountedInLive());
  }

  /** Both paths, of which one stops before the last micro-batch. */
  private Lake lake(FaultHistories histories) {
    Lake lake = new Lake(folder.resolve("lake").toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingestAll(histories.batches());
    SortedMap<?, ?> last = histories.lastBatch();
    if (!last.isEmpty() && !histories.liveIsBehind()) {
      batch(lake);
    }
    if (!last.isEmpty() && histories.liveIsBehind()) {
      live(lake);
    }
    if (!last.isEmpty()) {
      bronze.ingestAll(histories.lastBatch());
    }
    if (last.isEmpty() || histories.liveIsBehind()) {
      batch(lake);
    }
    if (last.isEmpty() || !histories.liveIsBehind()) {
      live(lake);
    }
    return lake;
  }

  private void batch(Lake lake) {
    new SilverStage(spark, lake, strict(), Steps.SILENT).run();
    gold(lake);
  }

  private void gold(Lake lake) {
    new GoldStage(spark, lake, strict(), Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
  }

  private void live(Lake lake) {
    new LiveStage(spark, lake, lenient(), Steps.SILENT).runUntilCaughtUp();
  }

  private Reconciliation reconcile(Lake lake) {
    return new ReconcileStage(spark, lake, strict(), Clock.systemUTC(), Steps.SILENT)
        .run(ReconcileRequest.ALL);
  }

  private static Contract lenient() {
    Contract all = FlightsContract.contract();
    MetricSet metrics = MetricSetBuilder.builder(all.metrics().get(0)).tolerances(Map.of()).build();
    return ContractBuilder.builder(all).metrics(List.of(metrics)).hash("lenient").build();
  }

  /** What the batch path runs under: the paths have drifted apart. */
  private static Contract strict() {
    Contract all = lenient();
    List<Rule> rules = new ArrayList<>(all.rules());
    rules.add(
        new Rule(
            "not_forbidden",
            "distance_miles <> " + FaultHistories.FORBIDDEN_MILES,
            Rule.Otherwise.QUARANTINE));
    return ContractBuilder.builder(all).rules(rules).hash("strict").build();
  }

  private void tamper(Lake lake, FaultHistories histories) {
    String live = "delta.`" + lake.live("route_day") + "`";
    String gold = "delta.`" + lake.gold("route_day") + "`";
    ifAny(
        histories,
        Fault.LOST_ROW,
        "DELETE FROM delta.`" + lake.silver("flights") + "` WHERE flight_id IN (%s)");
    gold(lake);
    ifAny(
        histories,
        Fault.DOUBLED_LIVE,
        "INSERT INTO %1$s SELECT * FROM %1$s WHERE ".formatted(live)
            + cells(histories, Fault.DOUBLED_LIVE));
    ifAny(
        histories,
        Fault.MISSING_LIVE,
        "DELETE FROM " + live + " WHERE " + cells(histories, Fault.MISSING_LIVE));
    String partial = insert(lake.live("route_day"), Map.of("_rows", "0L"));
    ifAny(histories, Fault.WRONG_LIVE, partial);
    ifAny(histories, Fault.EXTRA_LIVE, partial);
    ifAny(
        histories,
        Fault.MISSING_GOLD,
        "DELETE FROM " + gold + " WHERE " + cells(histories, Fault.MISSING_GOLD));
    ifAny(histories, Fault.EXTRA_GOLD, insert(lake.gold("route_day"), Map.of()));
  }

  /** Puts three flights of seven minutes into each cell that is named, and nothing else. */
  private String insert(String path, Map<String, String> more) {
    Map<String, String> values = new TreeMap<>(more);
    values.put("flights", "3L");
    values.put("delay_minutes", "7L");
    List<String> grain = List.of("event_date", "origin", "destination");
    grain.forEach(name -> values.put(name, name));
    LakeTable table = new LakeTable(spark, path);
    String selected =
        Stream.of(table.schemaAt(table.version()).fields())
            .map(
                field ->
                    values.getOrDefault(
                        field.name(),
                        "CAST(%s AS %s)".formatted(nothing(field), field.dataType().sql())))
            .collect(Collectors.joining(", "));
    return "INSERT INTO delta.`%s` SELECT %s FROM VALUES %%s AS cells(%s)"
        .formatted(path, selected, String.join(", ", grain));
  }

  private static String nothing(StructField field) {
    if (field.nullable()) {
      return "NULL";
    }
    return field.dataType().equals(DataTypes.TimestampType) ? "event_date" : "0";
  }

  private static String cells(FaultHistories histories, Fault fault) {
    return histories.tampering(fault).stream()
        .map(histories::key)
        .map(
            key ->
                "(event_date = DATE'%s' AND origin = '%s' AND destination = '%s')"
                    .formatted(key.day(), key.origin(), key.destination()))
        .collect(Collectors.joining(" OR "));
  }

  private void ifAny(FaultHistories histories, Fault fault, String statement) {
    List<String> what = histories.tampering(fault);
    if (!what.isEmpty()) {
      spark.sql(
          statement.contains("%s") ? statement.formatted(String.join(", ", what)) : statement);
    }
  }

  private void assertCells(Lake lake, FaultHistories histories, Reconciliation proof) {
    EvidenceTables tables = new EvidenceTables(spark, lake);
    Object[] ids = proof.days().stream().map(DayVerdict::evidenceId).toArray();
    Dataset<Row> cells = tables.cells().read();
    Map<String, String> found = new TreeMap<>();
    for (Row row : cells.where(cells.col("evidence_id").isin(ids)).collectAsList()) {
      CellKey key = key(row);
      if (SUMS.containsKey(row.<String>getAs("measure"))) {
        found.put(
            key.tuple() + " " + row.getAs("measure"),
            row.getAs("verdict")
                + " "
                + plain(row.getAs("difference"))
                + " "
                + plain(row.getAs("unexplained")));
      } else if (!histories.cells().get(key.tuple()).tampered) {
        assertThat(row.<BigDecimal>getAs("unexplained")).as("%s", row).isEqualByComparingTo("0");
      }
    }
    Map<String, String> terms = new TreeMap<>();
    Dataset<Row> attribution = tables.attribution().read();
    for (Row row : attribution.where(attribution.col("evidence_id").isin(ids)).collectAsList()) {
      if (SUMS.containsKey(row.<String>getAs("measure"))) {
        terms.put(
            key(row).tuple() + " " + row.getAs("measure") + " " + row.getAs("cause"),
            plain(row.getAs("amount")));
      }
    }
    assertThat(found).isEqualTo(expectedCells(histories));
    assertThat(terms).isEqualTo(expectedTerms(histories));
  }

  private static Map<String, String> expectedCells(FaultHistories histories) {
    Map<String, String> expected = new TreeMap<>();
    histories
        .cells()
        .forEach(
            (key, cell) ->
                SUMS.forEach(
                    (measure, of) -> {
                      String outcome = outcome(cell, of);
                      if (!outcome.startsWith("MATCH")) {
                        expected.put(key + " " + measure, outcome);
                      }
                    }));
    return expected;
  }

  private static String outcome(Expected cell, ToLongFunction<Side> of) {
    long control = cell.control.there ? of.applyAsLong(cell.control) : 0;
    long test = cell.test.there ? of.applyAsLong(cell.test) : 0;
    long unexplained = test - control - cell.terms.values().stream().mapToLong(of).sum();
    boolean oneSided = cell.control.there != cell.test.there;
    boolean lost = cell.rows > 0 ? !cell.control.there && !cell.test.there : oneSided;
    String verdict =
        unexplained != 0 || lost ? "DIVERGED" : test == control ? "MATCH" : "EXPLAINED";
    return verdict + " " + (test - control) + " " + unexplained;
  }

  private static Map<String, String> expectedTerms(FaultHistories histories) {
    Map<String, String> expected = new TreeMap<>();
    histories
        .cells()
        .forEach(
            (key, cell) ->
                cell.terms.forEach(
                    (Cause cause, Side amount) ->
                        SUMS.forEach(
                            (measure, of) -> {
                              if (of.applyAsLong(amount) != 0) {
                                expected.put(
                                    key + " " + measure + " " + cause.label(),
                                    of.applyAsLong(amount) + "");
                              }
                            })));
    return expected;
  }

  private static CellKey key(Row row) {
    Map<String, String> by = row.getJavaMap(row.fieldIndex(EvidenceTables.DIMENSIONS));
    return new CellKey(row.getAs("day"), by.get("origin"), by.get("destination"));
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
