package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.RowFilter;
import assay.core.contract.RowFilter.Condition;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows on either side of a filter: delays of less than ten minutes are not in the metric set. */
class FilteredProofTest {
  private static final String ON_TIME = "2001-01-01";
  private static final String LATE = "2001-01-02";
  private static final String CUT = "2001-01-05";

  private final SparkSession spark = TestSpark.session();

  @Test
  void aRowMakesADifferenceWhereItPassesAsThePathThatTookItInReadIt(@TempDir Path folder) {
    Contract contract = contract();
    Lake lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("leaves", ON_TIME + "T08:00:00Z", 20, "SEA", "LAX"),
        flight("enters", ON_TIME + "T08:00:00Z", 2, "SEA", "JFK"));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("leaves", ON_TIME + "T08:00:00Z", 2, "SEA", "LAX"),
        flight("enters", ON_TIME + "T08:00:00Z", 20, "SEA", "JFK"),
        flight("on time", LATE + "T12:00:00Z", 11, "SEA", "LAX"),
        flight("leaves late", LATE + "T12:00:00Z", 40, "SEA", "JFK"),
        flight("enters late", LATE + "T12:00:00Z", 1, "SEA", "BOS"));
    bronze.ingest(
        "2026-01-01T00:00:20Z",
        flight("late", LATE + "T01:00:00Z", 30, "SEA", "LAX"),
        flight("late, kept out", LATE + "T01:00:00Z", 3, "SEA", "LAX"),
        flight("leaves late", LATE + "T01:00:00Z", 4, "SEA", "JFK"),
        flight("enters late", LATE + "T01:00:00Z", 60, "SEA", "BOS"));
    new BothPaths(spark, lake, contract).batch();
    bronze.ingest(
        "2026-01-01T00:00:30Z",
        flight("cut", CUT + "T08:00:00Z", 50, "SEA", "LAX"),
        flight("cut, kept out", CUT + "T08:00:00Z", 5, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).live();

    Reconciliation proof =
        new BothPaths(spark, lake, contract).reconcile(new ReconcileRequest(Optional.empty(), 10));
    assertThat(proof.days())
        .allSatisfy(d -> assertThat(d.unexplained()).isEqualByComparingTo(BigDecimal.ZERO));
    assertThat(proof.ledgers())
        .hasSize(2)
        .allSatisfy(ledger -> assertThat(ledger.addsUp()).isTrue())
        .extracting(Ledger::dispositions)
        .contains(
            Map.of("counted", 9L, "late", 4L, "duplicate", 0L, "quarantined", 0L, "pending", 0L));
    assertThat(proof.largest())
        .filteredOn(d -> d.measure().equals("flights"))
        .extracting(d -> d.day() + " " + d.cell(), CellDifference::terms, CellDifference::rows)
        .containsExactlyInAnyOrder(
            tuple(ON_TIME + " origin=SEA, destination=LAX", terms(Cause.SUPERSEDED, 1), 1L),
            tuple(LATE + " origin=SEA, destination=LAX", terms(Cause.LATE, -1), 1L),
            tuple(LATE + " origin=SEA, destination=JFK", terms(Cause.SUPERSEDED, 1), 1L),
            tuple(LATE + " origin=SEA, destination=BOS", terms(Cause.LATE, -1), 1L),
            tuple(CUT + " origin=SEA, destination=LAX", terms(Cause.CUT, 1), 1L));
    assertThat(proof.rows()).hasSize(5);
  }

  private static Map<Cause, BigDecimal> terms(Cause cause, long amount) {
    return Map.of(cause, BigDecimal.valueOf(amount));
  }

  private static Contract contract() {
    Contract all = FlightsContract.contract();
    RowFilter delayed = new RowFilter(List.of(new Condition("delayed", "delay_minutes >= 10")));
    return ContractBuilder.builder(all)
        .metrics(List.of(MetricSetBuilder.builder(all.metrics().get(0)).filter(delayed).build()))
        .hash("delayed")
        .build();
  }
}
