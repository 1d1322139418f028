package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.core.contract.LiveDefinition.Latest;
import assay.core.contract.RowFilter;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The newest row of each flight, in silver and in the live view. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DualReadTest {
  private static final String DAY = "2001-01-01";

  private final SparkSession spark = TestSpark.session();
  private final Contract contract =
      FlightsContract.withLiveViews(
          FlightsContract.contract(),
          List.of(new Latest("newest", List.of("flight_id"), Duration.ofSeconds(10))));
  private Lake lake;

  @BeforeAll
  void readOnBothPaths(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("same", DAY + "T12:00:00Z", 5, "SEA", "LAX"),
        flight("corrected", DAY + "T12:00:00Z", 5, "SEA", "LAX"),
        flight("corrected late", DAY + "T12:00:00Z", 5, "SEA", "LAX"));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("corrected", DAY + "T12:00:00Z", 6, "SEA", "LAX"),
        flight("corrected late", DAY + "T08:00:00Z", 7, "SEA", "LAX"),
        flight("late", DAY + "T08:00:00Z", 8, "SEA", "LAX"));
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    bronze.ingest("2026-01-01T00:00:20Z", flight("cut", DAY + "T12:00:00Z", 9, "SEA", "LAX"));
    new BothPaths(spark, lake, contract).live();
  }

  @Test
  @Order(1)
  void rowsThatDifferAreExplainedByTheDispositionsOfTheirKey() {
    DualRead read = read(sample(100, "1"));
    assertThat(read.keys()).isEqualTo(5);
    assertThat(read.differences())
        .extracting(
            KeyDifference::key,
            KeyDifference::causes,
            KeyDifference::explained,
            d -> d.columns().size())
        .containsExactly(
            tuple("flight_id=corrected late", List.of(Cause.LATE, Cause.SUPERSEDED), true, 2),
            tuple("flight_id=cut", List.of(Cause.CUT), true, 7),
            tuple("flight_id=late", List.of(Cause.LATE), true, 7));
    assertThat(read.differences().get(0).control()).contains("\"delay_minutes\":7");
    assertThat(read.differences().get(0).test()).contains("\"delay_minutes\":5");
    assertThat(read.failure()).isEmpty();
    assertThat(read(sample(100, "0.5")).failure()).contains(ErrorCode.DIVERGED);
    assertThat(read(sample(100, "0.6")).failure()).isEmpty();
  }

  @Test
  @Order(1)
  void theViewSaysHowManyKeysMayDifferWhereTheRequestDoesNot() {
    DualReadRequest silent = new DualReadRequest(Map.of(), 100, Optional.empty());
    assertThat(read(silent).failure()).isEmpty();
    Latest strict =
        new Latest(
            "newest",
            List.of("flight_id"),
            RowFilter.NONE,
            Duration.ofSeconds(10),
            Optional.of(new BigDecimal("0.5")));
    Contract contract = FlightsContract.withLiveViews(FlightsContract.contract(), List.of(strict));
    DualReadStage stage = new DualReadStage(spark, lake, contract);
    assertThat(stage.run(silent).views().get(0).failure()).contains(ErrorCode.DIVERGED);
    assertThat(stage.run(sample(100, "0.6")).views().get(0).failure()).isEmpty();
    // The limit is one of many keys.
    assertThat(stage.run(key("late")).views().get(0).failure()).isEmpty();
  }

  @Test
  @Order(1)
  void aViewThatIsNotThereDoesNotKeepOthersFromBeingRead() {
    Latest unbuilt = new Latest("unbuilt", List.of("origin"), Duration.ofSeconds(10));
    List<LiveDefinition> views = new ArrayList<>(List.of(unbuilt));
    views.addAll(contract.liveViews());
    Contract both = FlightsContract.withLiveViews(FlightsContract.contract(), views);
    DualReads reads = new DualReadStage(spark, lake, both).run(sample(100, "1"));
    assertThat(reads.views()).extracting(DualRead::view).containsExactly("newest");
    assertThat(reads.missing()).extracting(Uncompared::name).containsExactly("unbuilt");
  }

  @Test
  @Order(1)
  void aSampleIsTheSameEachTime() {
    DualRead two = read(sample(2, "1"));
    assertThat(two.keys()).isEqualTo(2);
    assertThat(read(sample(2, "1"))).isEqualTo(two);
  }

  @Test
  @Order(1)
  void oneKeyIsReadByItsValue() {
    assertThat(read(key("same")).keys()).isEqualTo(1);
    assertThat(read(key("same")).failure()).isEmpty();
    assertThat(read(key("late")).differences()).hasSize(1);
    assertThat(read(key("nobody's")).failure()).contains(ErrorCode.INCONCLUSIVE);
  }

  @Test
  @Order(1)
  void withoutSuchAViewThereIsNothingToRead() {
    assertThatThrownBy(
            () -> new DualReadStage(spark, lake, FlightsContract.contract()).run(sample(1, "1")))
        .hasMessageContaining("has no live view `latest`");
  }

  @Test
  @Order(2)
  void aWrongRowIsUnexplainedWhateverElseIsKnownOfItsKey() {
    // The first row of "corrected" is superseded in batch and counted live, and explains nothing.
    spark.sql(
        "UPDATE delta.`%s` SET delay_minutes = 99 WHERE flight_id IN ('same', 'corrected')"
            .formatted(lake.live("newest")));
    DualRead read = read(sample(100, "1"));
    assertThat(read.unexplained()).isEqualTo(2);
    assertThat(read.failure()).contains(ErrorCode.DIVERGED);
    assertThat(read.differences().subList(0, 2))
        .extracting(KeyDifference::key, KeyDifference::causes, KeyDifference::columns)
        .containsExactly(
            tuple("flight_id=corrected", List.of(Cause.SUPERSEDED), List.of("delay_minutes")),
            tuple("flight_id=same", List.of(), List.of("delay_minutes")));
  }

  private static DualReadRequest sample(int keys, String alertAbove) {
    return new DualReadRequest(Map.of(), keys, Optional.of(new BigDecimal(alertAbove)));
  }

  private static DualReadRequest key(String id) {
    return new DualReadRequest(Map.of("flight_id", id), 0, Optional.empty());
  }

  private DualRead read(DualReadRequest request) {
    List<DualRead> reads = new DualReadStage(spark, lake, contract).run(request).views();
    assertThat(reads).hasSize(1);
    return reads.get(0);
  }
}
