package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.reconciliation.DayVerdict;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.Ledger;
import assay.reconciliation.Reconciliation;
import assay.tests.oracle.Cause;
import assay.tests.oracle.Cell;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Measures;
import assay.tests.oracle.Oracle;
import assay.tests.oracle.Terms;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Holds a reconciliation of a metric set and its evidence against the oracle. */
final class ProofAgainstOracle {
  /** Of the test contract: 0.1 % for the sum, nothing for the others. */
  private static final BigDecimal SUM_TOLERANCE = new BigDecimal("0.001");

  private static final List<Disposition> LIVE =
      List.of(
          Disposition.COUNTED, Disposition.DUPLICATE, Disposition.LATE, Disposition.QUARANTINED);

  private final Oracle oracle;
  private final String metrics;
  private final Map<Cell, Terms> terms;

  /** Of the contract. */
  private final List<String> measures;

  /** The dispositions that the live path of the contract gives. */
  private final List<Disposition> ofLive = new ArrayList<>(LIVE);

  /**
   * One measure of one cell, both sides as numbers; a side without a value is empty.
   *
   * @param both whether both sides have the cell
   */
  private record Compared(
      Cell cell, String measure, boolean both, Optional<Number> control, Optional<Number> test) {

    BigDecimal difference() {
      return amount(test).subtract(amount(control));
    }

    String verdict() {
      BigDecimal size = amount(control).abs().max(amount(test).abs());
      BigDecimal allowed =
          measure.equals("delay_minutes") ? size.multiply(SUM_TOLERANCE) : BigDecimal.ZERO;
      boolean noneAgainstZero = both && control.isPresent() != test.isPresent();
      if (noneAgainstZero) {
        return "EXPLAINED";
      }
      if (difference().signum() == 0) {
        return "MATCH";
      }
      return difference().abs().compareTo(allowed) <= 0 ? "TOLERATED" : "EXPLAINED";
    }

    private static BigDecimal amount(Optional<Number> value) {
      return value
          .map(v -> new BigDecimal(v.toString()).setScale(10, RoundingMode.HALF_UP))
          .orElse(BigDecimal.ZERO.setScale(10));
    }
  }

  /**
   * @param metrics the metric set that is proven
   */
  ProofAgainstOracle(Oracle oracle, Contract contract, String metrics) {
    this.oracle = oracle;
    this.metrics = metrics;
    this.measures =
        contract.metricSet(metrics).orElseThrow().measures().stream().map(Measure::name).toList();
    if (contract.adjusts()) {
      ofLive.add(Disposition.SUPERSEDED);
    }
    this.terms = oracle.terms();
  }

  void assertProves(Reconciliation result) {
    assertLedgers(result.ledgers());
    Map<LocalDate, List<Compared>> days =
        compared().stream()
            .collect(
                Collectors.groupingBy(
                    c -> c.cell().eventDate(), TreeMap::new, Collectors.toList()));
    List<DayVerdict> verdicts =
        result.days().stream().filter(day -> day.metrics().equals(metrics)).toList();
    assertThat(verdicts.stream().map(DayVerdict::day)).containsExactlyElementsOf(days.keySet());
    for (DayVerdict verdict : verdicts) {
      List<Compared> ofDay = days.get(verdict.day());
      List<Compared> differing = ofDay.stream().filter(c -> !c.verdict().equals("MATCH")).toList();
      Set<String> found = differing.stream().map(Compared::verdict).collect(Collectors.toSet());
      assertThat(verdict.verdict().label())
          .as("verdict of %s", verdict.day())
          .isEqualTo(
              found.contains("EXPLAINED")
                  ? "EXPLAINED"
                  : found.contains("TOLERATED") ? "TOLERATED" : "MATCH");
      assertThat(verdict.cells()).isEqualTo(countCells(ofDay));
      assertThat(verdict.differing()).isEqualTo(countCells(differing));
      assertThat(verdict.unexplained()).isEqualByComparingTo(BigDecimal.ZERO);
    }
    assertThat(result.failure()).isEmpty();
  }

  /** The tables after one reconciliation. */
  void assertEvidence(SparkSession spark, Lake lake) {
    EvidenceTables tables = new EvidenceTables(spark, lake);
    String ofMetrics = "metrics = '" + metrics + "'";
    List<Compared> differing =
        compared().stream().filter(c -> !c.verdict().equals("MATCH")).toList();
    Bag.assertEqual(
        "reconciliation/cells",
        differing.stream().map(this::cellRow).toList(),
        Rows.of(
            tables.cells().read().where(ofMetrics),
            "metrics",
            "day",
            "dimensions",
            "measure",
            "control",
            "test",
            "difference",
            "unexplained",
            "rows",
            "verdict"));
    String[] attribution = {"day", "dimensions", "measure", "cause", "amount"};
    Bag.assertEqual(
        "reconciliation/attribution of sums",
        attributionRows(),
        Rows.of(
            tables
                .attribution()
                .read()
                .where(ofMetrics + " AND measure IN ('flights', 'delay_minutes')"),
            attribution));
    assertTermsOfOtherMeasuresAddUp(
        tables
            .attribution()
            .read()
            .where(ofMetrics + " AND measure IN ('worst_delay', 'avg_delay')")
            .selectExpr(attribution)
            .collectAsList());
  }

  private void assertTermsOfOtherMeasuresAddUp(List<Row> attribution) {
    Map<List<Object>, BigDecimal> sums = new HashMap<>();
    for (Row row : attribution) {
      Map<String, String> by = row.getJavaMap(1);
      Cell cell = new Cell(row.getLocalDate(0), by.get("origin"), by.get("destination"));
      sums.merge(Rows.row(cell, row.getString(2)), row.getDecimal(4), BigDecimal::add);
    }
    for (Compared c : compared()) {
      if (c.measure().equals("worst_delay") || c.measure().equals("avg_delay")) {
        assertThat(sums.getOrDefault(Rows.row(c.cell(), c.measure()), BigDecimal.ZERO))
            .as("terms of %s of %s", c.measure(), c.cell())
            .isEqualByComparingTo(c.difference());
      }
    }
  }

  private void assertLedgers(List<Ledger> ledgers) {
    Map<String, Map<String, Long>> expected = new LinkedHashMap<>();
    expected.put(
        "batch",
        ledger(
            oracle.countBatch(),
            Disposition.LOADED,
            Disposition.SUPERSEDED,
            Disposition.DUPLICATE,
            Disposition.QUARANTINED));
    expected.put("live." + metrics, ledger(oracle.countLive(), ofLive.toArray(Disposition[]::new)));
    assertThat(ledgers.stream().collect(Collectors.toMap(Ledger::path, Ledger::dispositions)))
        .containsAllEntriesOf(expected);
    assertThat(ledgers)
        .allSatisfy(
            ledger -> {
              assertThat(ledger.bronze()).isEqualTo(oracle.events().size());
              assertThat(ledger.addsUp()).isTrue();
            });
  }

  private static Map<String, Long> ledger(Map<Disposition, Long> counts, Disposition... names) {
    Map<String, Long> ledger = new LinkedHashMap<>();
    Arrays.stream(names).forEach(d -> ledger.put(d.label(), counts.getOrDefault(d, 0L)));
    ledger.put("pending", 0L);
    return ledger;
  }

  private List<Compared> compared() {
    Map<Cell, Measures> gold = oracle.gold();
    Map<Cell, Measures> live = oracle.liveCells();
    Set<Cell> cells = new HashSet<>(gold.keySet());
    cells.addAll(live.keySet());
    List<Compared> compared = new ArrayList<>();
    for (Cell cell : cells) {
      Optional<Measures> control = Optional.ofNullable(gold.get(cell));
      Optional<Measures> test = Optional.ofNullable(live.get(cell));
      for (String measure : measures) {
        compared.add(
            new Compared(
                cell,
                measure,
                control.isPresent() && test.isPresent(),
                control.map(m -> m.value(measure)),
                test.map(m -> m.value(measure))));
      }
    }
    return compared;
  }

  private List<Object> cellRow(Compared c) {
    return Rows.row(
        metrics,
        c.cell().eventDate(),
        dimensions(c.cell()),
        c.measure(),
        c.control().map(Object::toString).orElse(null),
        c.test().map(Object::toString).orElse(null),
        c.difference(),
        BigDecimal.ZERO.setScale(10),
        terms.containsKey(c.cell()) ? terms.get(c.cell()).rows() : 0L,
        c.verdict());
  }

  private List<List<Object>> attributionRows() {
    List<List<Object>> rows = new ArrayList<>();
    terms.forEach(
        (cell, t) -> {
          addAttribution(rows, cell, "flights", t.flights());
          addAttribution(rows, cell, "delay_minutes", t.delayMinutes());
        });
    return rows;
  }

  private static void addAttribution(
      List<List<Object>> rows, Cell cell, String measure, Map<Cause, Long> amounts) {
    amounts.forEach(
        (cause, amount) -> {
          if (amount != 0) {
            rows.add(
                Rows.row(
                    cell.eventDate(),
                    dimensions(cell),
                    measure,
                    cause.label(),
                    BigDecimal.valueOf(amount).setScale(10)));
          }
        });
  }

  private static Map<String, String> dimensions(Cell cell) {
    return new TreeMap<>(Map.of("origin", cell.origin(), "destination", cell.destination()));
  }

  private static long countCells(List<Compared> compared) {
    return compared.stream().map(Compared::cell).distinct().count();
  }
}
