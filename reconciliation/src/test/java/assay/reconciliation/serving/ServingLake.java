package assay.reconciliation.serving;

import static assay.core.testing.FlightsContract.flight;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.Promotion;
import assay.core.contract.Promotion.Approval;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.reconciliation.BothPaths;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** A lake with a few days of flights, one row of each too late for the stream. */
final class ServingLake {
  private final SparkSession spark = TestSpark.session();
  private final Lake lake;
  private final Contract contract;
  private final BronzeFixture bronze;
  private Instant ingested = Instant.parse("2026-01-01T00:00:00Z");

  ServingLake(Path folder, Approval approval) {
    this.lake = new Lake(folder.toString());
    this.contract = contract(approval);
    this.bronze = new BronzeFixture(spark, lake, "flights");
  }

  static Contract contract(Approval approval) {
    Contract all = FlightsContract.contract();
    MetricSet metrics =
        MetricSetBuilder.builder(all.metrics().get(0))
            .promote(
                Optional.of(
                    new Promotion(2, List.of(10), approval, 1, 1, 1, Duration.ofMinutes(10))))
            .build();
    return ContractBuilder.builder(all).metrics(List.of(metrics)).build();
  }

  Lake lake() {
    return lake;
  }

  Contract contract() {
    return contract;
  }

  MetricSet metrics() {
    return contract.metrics().get(0);
  }

  /** Gives a day four flights, of which the stream counts three. */
  void fly(String day) {
    ingest(
        flight("a" + day, day + "T08:00:00Z", 1, "SEA", "LAX"),
        flight("b" + day, day + "T12:00:00Z", 2, "SEA", "LAX"),
        flight("c" + day, day + "T12:00:00Z", 3, "LAX", "SEA"));
    ingest(flight("d" + day, day + "T09:00:00Z", 4, "SEA", "LAX"));
  }

  void ingest(String... values) {
    ingested = ingested.plusSeconds(10);
    bronze.ingest(ingested.toString(), values);
  }

  void batch() {
    new BothPaths(spark, lake, contract).batch();
  }

  void live() {
    new BothPaths(spark, lake, contract).live();
  }

  void reconcile() {
    new BothPaths(spark, lake, contract).reconcile();
  }

  /** As a process of its own would, a while after the newest rows came. */
  Serving serving() {
    return serving(Steps.SILENT);
  }

  Serving serving(Steps steps) {
    return new Serving(spark, lake, contract, metrics(), later(Duration.ofMinutes(1)), steps);
  }

  Clock later(Duration after) {
    return Clock.fixed(ingested.plus(after), ZoneOffset.UTC);
  }

  LakeTable main() {
    return new LakeTable(spark, lake.serving("route_day"));
  }

  LakeTable canary() {
    return new LakeTable(spark, lake.servingCanary("route_day"));
  }

  /** A text a cell: day, route, flights, source. */
  static List<String> cells(LakeTable table) {
    return table
        .read()
        .orderBy("event_date", "origin")
        .select(
            col("event_date").cast("string"),
            col("origin"),
            col("flights").cast("string"),
            col(ServingTable.SOURCE))
        .collectAsList()
        .stream()
        .map(
            row ->
                "%s %s %s %s"
                    .formatted(
                        row.getString(0), row.getString(1), row.getString(2), row.getString(3)))
        .toList();
  }

  void assertHolds(LakeTable table, String... cells) {
    assertThat(cells(table)).containsExactly(cells);
  }
}
