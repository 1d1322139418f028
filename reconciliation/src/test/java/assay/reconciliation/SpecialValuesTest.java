package assay.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.Tolerance;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.views.live.CellPartials;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/** Cells of floats and decimals, side by side, without a lake; {@code origin} names a cell. */
class SpecialValuesTest {
  private static final String DAY = "DATE'2001-01-01'";
  private static final String INFINITY = "CAST('Infinity' AS DOUBLE)";
  private static final List<String> VALUES =
      List.of(
          "CAST(NULL AS DOUBLE)",
          "CAST('NaN' AS DOUBLE)",
          INFINITY,
          "-" + INFINITY,
          "0D",
          "1D",
          "1e300D");

  private final SparkSession spark = TestSpark.session();

  @Test
  void nullNaNAndTheInfinitiesAreEqualToThemselvesAlone() {
    List<String> control = new ArrayList<>();
    List<String> test = new ArrayList<>();
    for (int i = 0; i < VALUES.size(); i++) {
      for (int j = 0; j < VALUES.size(); j++) {
        control.add(cell(i + "-" + j, VALUES.get(i)));
        test.add(cell(i + "-" + j, VALUES.get(j)));
      }
    }
    Map<String, String> verdicts =
        verdicts(contract(Map.of()), cells(control), cells(test), none(), none());
    // On a cell that is the same nothing is said: it is not looked into.
    for (int i = 0; i < VALUES.size(); i++) {
      for (int j = 0; j < VALUES.size(); j++) {
        for (String measure : List.of("fuel", "most_fuel")) {
          assertThat(verdicts.getOrDefault(i + "-" + j + " " + measure, "MATCH"))
              .as("%s of %s and %s", measure, VALUES.get(i), VALUES.get(j))
              .isEqualTo(i == j ? "MATCH" : "DIVERGED");
        }
      }
    }
  }

  @Test
  void rowsThatLeadFromOneValueToTheOtherExplainIt() {
    Dataset<Row> control =
        cells(List.of(cell("nan", "1D"), cell("none", "0D"), cell("wrong", "1D")));
    Dataset<Row> test =
        cells(
            List.of(
                cell("nan", "CAST('NaN' AS DOUBLE)"),
                cell("none", "CAST(NULL AS DOUBLE)"),
                cell("wrong", INFINITY)));
    Dataset<Row> silver =
        rows(List.of(
                row(1, "nan", "1D", 0),
                row(2, "none", "CAST(NULL AS DOUBLE)", 0),
                row(3, "none", "0D", 0),
                row(4, "wrong", "1D", 0)))
            .drop(RowDifferences.CAUSE, RowDifferences.SIGN);
    Dataset<Row> differences =
        rows(
            List.of(
                row(5, "nan", "CAST('NaN' AS DOUBLE)", 1),
                row(3, "none", "0D", -1),
                row(6, "wrong", "CAST('NaN' AS DOUBLE)", 1)));
    assertThat(verdicts(contract(Map.of()), control, test, silver, differences))
        .containsEntry("nan fuel", "EXPLAINED")
        .containsEntry("nan most_fuel", "EXPLAINED")
        .containsEntry("none fuel", "EXPLAINED")
        .containsEntry("none most_fuel", "EXPLAINED")
        .containsEntry("wrong fuel", "DIVERGED")
        .containsEntry("wrong most_fuel", "DIVERGED");
  }

  @Test
  void floatsAreTheSameToAMillionth() {
    Dataset<Row> control =
        cells(List.of(cell("near", "1D"), cell("far", "1D"), cell("sum", "0.1D")));
    Dataset<Row> test =
        cells(
            List.of(
                cell("near", "1.0000009D"),
                cell("far", "1.0000011D"),
                cell("sum", "0.1D + 1e-12D")));
    Map<String, String> verdicts = verdicts(contract(Map.of()), control, test, none(), none());
    assertThat(verdicts).containsOnlyKeys("far fuel", "far most_fuel", "far cost");
    assertThat(verdicts).containsEntry("far fuel", "DIVERGED").containsEntry("far cost", "MATCH");
    // A wider tolerance hides nothing that no row explains, a narrower one shows more.
    assertThat(verdicts(contract(Map.of("fuel", relative("0.001"))), control, test, none(), none()))
        .containsEntry("far fuel", "DIVERGED")
        .doesNotContainKey("near fuel");
    assertThat(
            verdicts(
                contract(Map.of("fuel", relative("0.0000001"))), control, test, none(), none()))
        .containsEntry("near fuel", "DIVERGED")
        .containsEntry("near most_fuel", "MATCH");
  }

  @Test
  void decimalsAreComparedToTheLastDigit() {
    Dataset<Row> control = cells(List.of(cell("fine", "1D", "0.000000000001")));
    Dataset<Row> test = cells(List.of(cell("fine", "1D", "0.000000000002")));
    assertThat(verdicts(contract(Map.of()), control, test, none(), none()))
        .containsEntry("fine cost", "DIVERGED");
    assertThat(verdicts(contract(Map.of()), control, control, none(), none())).isEmpty();
  }

  @Test
  void sidesWithOtherColumnsAreNotCompared() {
    Dataset<Row> good = cells(List.of(cell("a", "1D")));
    try (Ladder ladder = ladder(contract(Map.of()), good, good.drop("fuel"), none(), none())) {
      assertThat(ladder.otherSchema()).contains("the live view has no column fuel");
    }
    Dataset<Row> text = good.withColumn("fuel", good.col("origin"));
    try (Ladder ladder = ladder(contract(Map.of()), good, text, none(), none())) {
      assertThat(ladder.otherSchema())
          .contains("fuel is a double in gold and a string in the live view");
    }
  }

  @Test
  void aCellThatTheLiveViewShowsTwiceEndsItsDay() {
    Dataset<Row> once = cells(List.of(cell("a", "1D"), cell("b", "1D")));
    Dataset<Row> twice = cells(List.of(cell("a", "1D"), cell("a", "2D"), cell("b", "1D")));
    try (Ladder ladder = ladder(contract(Map.of()), once, twice, none(), none())) {
      assertThat(ladder.climb().days().values())
          .singleElement()
          .satisfies(
              day -> {
                assertThat(day.rung()).isEqualTo(Rung.KEYS);
                assertThat(day.why()).isEqualTo("gold has 0 cells twice, the live view 1");
              });
    }
  }

  /** By cell and measure, of the cells that were looked into. */
  private Map<String, String> verdicts(
      Contract contract,
      Dataset<Row> control,
      Dataset<Row> test,
      Dataset<Row> silver,
      Dataset<Row> differences) {
    try (Ladder ladder = ladder(contract, control, test, silver, differences)) {
      return ladder
          .climb()
          .judged()
          .map(
              judged ->
                  judged.collectAsList().stream()
                      .collect(
                          Collectors.toMap(
                              row -> row.getAs("origin") + " " + row.getAs(CellComparison.MEASURE),
                              row -> row.<String>getAs(CellComparison.VERDICT))))
          .orElse(Map.of());
    }
  }

  private Ladder ladder(
      Contract contract,
      Dataset<Row> control,
      Dataset<Row> test,
      Dataset<Row> silver,
      Dataset<Row> differences) {
    MetricSet metrics = contract.metrics().get(0);
    return new Ladder(
        metrics,
        new Attribution(metrics, new CellPartials(spark, contract, metrics)),
        new CellComparison(metrics, List.of()),
        control,
        test,
        silver,
        differences);
  }

  private static Tolerance relative(String share) {
    return new Tolerance(BigDecimal.ZERO, new BigDecimal(share));
  }

  private static Contract contract(Map<String, Tolerance> tolerances) {
    Contract all = FlightsContract.contract();
    List<Column> columns = new ArrayList<>(all.columns());
    columns.add(new Column("fuel_used", DataTypes.DoubleType, false));
    columns.add(new Column("price", DataTypes.createDecimalType(20, 12), false));
    MetricSet metrics =
        MetricSetBuilder.builder(all.metrics().get(0))
            .by(List.of("origin"))
            .measures(
                List.of(
                    new Measure.Sum("fuel", "fuel_used"),
                    new Measure.Max("most_fuel", "fuel_used"),
                    new Measure.Sum("cost", "price")))
            .tolerances(tolerances)
            .promote(Optional.empty())
            .build();
    return ContractBuilder.builder(all).columns(columns).metrics(List.of(metrics)).build();
  }

  private static String cell(String name, String fuel) {
    return cell(name, fuel, "1");
  }

  private static String cell(String name, String fuel, String cost) {
    return "(%s, '%s', %s, %s, CAST(%s AS DECIMAL(30,12)))".formatted(DAY, name, fuel, fuel, cost);
  }

  private Dataset<Row> cells(List<String> cells) {
    return spark.sql(
        "SELECT * FROM VALUES %s AS t(event_date, origin, fuel, most_fuel, cost)"
            .formatted(String.join(", ", cells)));
  }

  private static String row(long offset, String name, String fuel, int sign) {
    return "(0, %dL, 'late', %d, %s, '%s', %s, CAST(%s AS DECIMAL(20,12)), TIMESTAMP'2001-01-01 08:00:00Z')"
        .formatted(offset, sign, DAY, name, fuel, sign == 0 ? "1" : "0");
  }

  private Dataset<Row> rows(List<String> rows) {
    return spark.sql(
        ("SELECT * FROM VALUES %s AS t(_partition, _offset, _cause, _sign, event_date, origin,"
                + " fuel_used, price, scheduled_at)")
            .formatted(String.join(", ", rows)));
  }

  private Dataset<Row> none() {
    return rows(List.of(row(0, "none", "0D", 0))).limit(0);
  }
}
