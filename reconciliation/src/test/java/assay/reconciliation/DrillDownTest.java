package assay.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import assay.core.Lake;
import assay.core.Transaction;
import assay.core.contract.MetricSet;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.reconciliation.DrillDown.Explanation;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two days whose differences lie almost all at one origin, and all over the destinations; what the
 * contract ignores is not among them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DrillDownTest {
  private final SparkSession spark = TestSpark.session();
  private final MetricSet metrics = FlightsContract.contract().metrics().get(0);
  private EvidenceTables tables;

  @BeforeAll
  void storeTwoDays(@TempDir Path folder) {
    tables = new EvidenceTables(spark, new Lake(folder.toString()));
    tables.createTables();
    Dataset<Row> cells =
        spark.sql(
            """
            SELECT id AS evidence_id, 'route_day' AS metrics, CAST(day AS DATE) AS day,
              map('origin', origin, 'destination', destination) AS dimensions, measure,
              '0' AS control, '0' AS test, CAST(difference AS DECIMAL(37,10)) AS difference,
              CAST(0 AS DECIMAL(37,10)) AS unexplained, 1L AS rows, verdict
            FROM VALUES
              ('one', '2001-01-01', 'DFW', 'A', 'flights', -40, 'EXPLAINED'),
              ('one', '2001-01-01', 'DFW', 'B', 'flights', 30, 'EXPLAINED'),
              ('one', '2001-01-01', 'DFW', 'C', 'flights', -20, 'EXPLAINED'),
              ('one', '2001-01-01', 'SEA', 'D', 'flights', -10, 'EXPLAINED'),
              ('one', '2001-01-01', NULL, 'A', 'flights', 0, 'EXPLAINED'),
              ('one', '2001-01-01', 'LAX', 'A', 'flights', -900, 'IGNORED'),
              ('two', '2001-01-02', NULL, 'E', 'flights', -100, 'EXPLAINED'),
              ('two', '2001-01-02', 'SEA', 'E', 'worst_delay', 7, 'EXPLAINED'),
              ('other', '2001-01-03', 'JFK', 'E', 'flights', -5000, 'EXPLAINED')
            AS (id, day, origin, destination, measure, difference, verdict)
            """);
    tables.cells().append(cells, new Transaction("test", 1));
    DrillDown.store(tables, metrics, tables.cells().read(), control(), Set.of("one", "two"));
  }

  /** Twelve origins and five destinations on the first day. */
  private Dataset<Row> control() {
    return spark.sql(
        """
        SELECT DATE'2001-01-01' AS event_date, concat('O', id % 12) AS origin,
          concat('D', id % 5) AS destination FROM range(60)
        """);
  }

  @Test
  void aDaysDifferenceIsSharedOutOverTheValuesOfEachDimension() {
    assertThat(rows("evidence_id = 'one' AND dimension = 'origin'"))
        .containsExactly("DFW -30 0.90 1 1 1 12", "SEA -10 0.10 2 1 1 12");
    assertThat(rows("evidence_id = 'one' AND dimension = 'destination'"))
        .containsExactly(
            "A -40 0.40 1 1 3 5", "B 30 0.30 2 1 3 5", "C -20 0.20 3 1 3 5", "D -10 0.10 4 1 3 5");
  }

  @Test
  void aValueThatIsNullIsAValueAndADayThatGoldDoesNotHaveSaysNothingOfOthers() {
    assertThat(rows("evidence_id = 'two' AND dimension = 'origin' AND measure = 'flights'"))
        .containsExactly("null -100 1.00 1 1 1 null");
  }

  @Test
  void valuesBehindTheTenthAreSummedUp(@TempDir Path folder) {
    EvidenceTables many = new EvidenceTables(spark, new Lake(folder.toString()));
    many.createTables();
    Dataset<Row> cells =
        spark.sql(
            """
            SELECT 'id' AS evidence_id, 'route_day' AS metrics, DATE'2001-01-01' AS day,
              map('origin', concat('O', lpad(id, 2, '0'))) AS dimensions, 'flights' AS measure,
              CAST(NULL AS STRING) AS control, '0' AS test,
              CAST(CASE WHEN id = 0 THEN -87 ELSE -1 END AS DECIMAL(37,10)) AS difference,
              CAST(0 AS DECIMAL(37,10)) AS unexplained, 1L AS rows, 'EXPLAINED' AS verdict
            FROM range(14)
            """);
    many.cells().append(cells, new Transaction("test", 1));
    DrillDown.store(many, metrics, many.cells().read(), control(), Set.of("id"));
    List<Explanation> found = DrillDown.over(spark, many, List.of("id"));
    assertThat(found).hasSize(1);
    assertThat(found.get(0).values()).hasSize(10);
    assertThat(found.get(0).rest())
        .hasValueSatisfying(
            rest -> {
              assertThat(rest.values()).isEqualTo(4);
              assertThat(rest.difference()).isEqualByComparingTo("-4");
              assertThat(rest.share()).isEqualTo(0.04, within(1e-9));
            });
    double all =
        found.get(0).values().stream().mapToDouble(p -> p.share()).sum()
            + found.get(0).rest().orElseThrow().share();
    assertThat(all).isEqualTo(1, within(1e-9));
  }

  @Test
  void theDimensionOfWhichTheFewestValuesCarryMostComesFirst() {
    List<Explanation> found = DrillDown.over(spark, tables, List.of("one"));
    assertThat(found).extracting(Explanation::dimension).containsExactly("origin", "destination");
    assertThat(found.get(0).carriers()).isEqualTo(1);
    assertThat(found.get(0).ofValues()).isEqualTo(12);
    assertThat(found.get(0).values().get(0).value()).contains("DFW");
    assertThat(found.get(0).values().get(0).share()).isEqualTo(0.9, within(1e-9));
    assertThat(found.get(0).rest()).isEmpty();
  }

  @Test
  void severalDaysAreAddedUpCellByCell() {
    List<Explanation> found = DrillDown.over(spark, tables, List.of("one", "two"));
    Explanation origin =
        found.stream()
            .filter(e -> e.measure().equals("flights") && e.dimension().equals("origin"))
            .findFirst()
            .orElseThrow();
    assertThat(origin.values())
        .extracting(p -> p.value().orElse("NULL") + " " + p.difference().toPlainString())
        .containsExactly("NULL -100", "DFW -30", "SEA -10");
    assertThat(origin.values().get(1).share()).isEqualTo(0.45, within(1e-9));
  }

  @Test
  void storedAgainItStandsThereOnce() {
    long rows = tables.drillDown().read().count();
    DrillDown.store(tables, metrics, tables.cells().read(), control(), Set.of("one", "two"));
    assertThat(tables.drillDown().read().count()).isEqualTo(rows).isPositive();
  }

  private List<String> rows(String condition) {
    return tables.drillDown().read().where(condition).orderBy("place").collectAsList().stream()
        .map(
            row ->
                "%s %s %.2f %s %s %s %s"
                    .formatted(
                        row.getAs("value"),
                        row.<BigDecimal>getAs("difference").stripTrailingZeros().toPlainString(),
                        row.<Double>getAs("share"),
                        row.getAs("place"),
                        row.getAs("values"),
                        row.getAs("carriers"),
                        row.getAs("of_values")))
        .toList();
  }
}
