package assay.silver;

import static assay.core.testing.FlightsContract.flight;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Rule;
import assay.core.contract.Rule.Otherwise;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopRulesTest {
  private static final String EIGHT = "2001-01-01T08:00:00Z";

  private final Contract contract =
      with(
          new Rule("known_origin", "origin <> 'XXX'", Otherwise.QUARANTINE),
          stop("on_earth", "distance_miles < 25000", "0.25"),
          new Rule("sane_delay", "delay_minutes < 100", Otherwise.WARN),
          stop("no_loop", "origin <> destination", "0"));
  private final StopRules rules = new StopRules(contract);

  @Test
  void failuresAreCountedInThePassOverAMicroBatch(@TempDir Path folder) {
    SparkSession spark = TestSpark.session();
    Lake lake = new Lake(folder.toString());
    new BronzeFixture(spark, lake, "flights")
        .ingest(
            "2026-01-01T00:00:00Z",
            flight("good", EIGHT, 1, "SEA", "LAX"),
            flight("far", EIGHT, 999, "SEA", "LAX").replace(":100,", ":30000,"),
            flight("late", EIGHT, 100, "XXX", "LAX"),
            "no json");
    Dataset<Row> read =
        EventReader.now(spark, lake, contract)
            .read(new LakeTable(spark, lake.bronze("flights")).read());
    Row summary = read.agg(count(lit(1)), rules.counts().toArray(Column[]::new)).head();
    assertThat(rules.stopping(summary))
        .containsExactly(Map.entry("on_earth", 1L), Map.entry("no_loop", 0L));
    assertThat(rules.warnings(summary)).containsExactly(Map.entry("sane_delay", 2L));
    assertThat(
            read.where("_fails").select("flight_id").na().fill("-").collectAsList().stream()
                .map(row -> row.getString(0))
                .sorted())
        .as("a row that fails a rule that stops is set aside")
        .containsExactly("-", "far", "late");
  }

  @Test
  void aShareUpToTheLimitPassesAndOneAboveItStops() {
    assertThat(rules.check(4, Map.of("on_earth", 1L, "no_loop", 0L), 7)).isEmpty();
    assertThat(rules.check(0, Map.of("on_earth", 0L, "no_loop", 0L), 7)).isEmpty();
    AssayException stopped =
        rules.check(1000, Map.of("on_earth", 251L, "no_loop", 0L), 7).orElseThrow();
    assertThat(stopped.code()).isEqualTo(ErrorCode.FAILED);
    assertThat(stopped)
        .hasMessage(
            "micro-batch 7 of flights stops silver: 251 of 1000 rows (25.1%) fail the rule"
                + " on_earth, which allows 25%");
    assertThat(stopped.mend())
        .isEqualTo(
            "nothing of it is written: look at what sends these rows; to go on as it is, raise the"
                + " rule's `above` in the contract, or write `otherwise: quarantine`, and run the"
                + " same command again");
  }

  @Test
  void aLimitOfNothingStopsAtTheFirstRowAndEveryBrokenRuleIsNamed() {
    assertThat(rules.check(3_000_000, Map.of("on_earth", 750_001L, "no_loop", 1L), 7))
        .get()
        .extracting(Throwable::getMessage)
        .isEqualTo(
            "micro-batch 7 of flights stops silver: 750001 of 3000000 rows (25.0001%) fail the rule"
                + " on_earth, which allows 25%; 1 of 3000000 rows (0.0001%) fail the rule no_loop,"
                + " which allows 0%");
  }

  @Test
  void withoutSuchRulesThereIsNothingToCount() {
    StopRules none = new StopRules(with(new Rule("r", "true", Otherwise.QUARANTINE)));
    assertThat(none.counts()).isEmpty();
    assertThat(none.check(10, Map.of(), 7)).isEmpty();
  }

  private static Rule stop(String name, String check, String above) {
    return new Rule(name, check, Otherwise.STOP, Optional.of(new BigDecimal(above)));
  }

  private static Contract with(Rule... rules) {
    Contract flights = FlightsContract.contract();
    return ContractBuilder.builder(flights).rules(List.of(rules)).hash("rules").build();
  }
}
