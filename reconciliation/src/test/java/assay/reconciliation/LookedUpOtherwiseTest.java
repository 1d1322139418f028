package assay.reconciliation;

import static assay.core.testing.FlightsContract.flight;
import static assay.core.testing.FlightsContract.originAirport;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Enrich.Missing;
import assay.core.contract.Measure;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.RowFilter;
import assay.core.contract.RowFilter.Condition;
import assay.core.testing.FlightsContract;
import assay.core.testing.ReferenceTable;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.IngestRange;
import assay.silver.SilverStage;
import assay.views.live.ViewBuild;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows that both paths took in, each with what the airports were when it read them. The metric set
 * has the city as a dimension, runways as measures and keeps out airports with fewer than three.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LookedUpOtherwiseTest {
  private static final String DAY = "2001-01-01";
  private static final String BEFORE = "('SEA','Seattle',3), ('LAX','L.A.',4), ('BOS','Boston',2)";
  private static final String AFTER =
      "('SEA','Seattle',9), ('LAX','Burbank',4), ('BOS','Boston',5)";

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = contract();
  private Lake lake;

  @BeforeAll
  void readAroundAChangeOfTheReferenceTable(@TempDir Path folder) {
    lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "flights");
    ReferenceTable.airports(spark, lake, BEFORE);
    bronze.ingest("2026-01-01T00:00:00Z", flight("alike", DAY + "T12:00:00Z", 1, "SEA", "LAX"));
    batch();
    bronze.ingest(
        "2026-01-01T01:00:00Z",
        flight("measure", DAY + "T12:00:00Z", 1, "SEA", "LAX"),
        flight("cell", DAY + "T12:00:00Z", 1, "LAX", "SEA"),
        flight("filter", DAY + "T12:00:00Z", 1, "BOS", "SEA"),
        flight("corrected", DAY + "T12:00:00Z", 1, "LAX", "SEA"));
    bronze.ingest(
        "2026-01-01T01:00:10Z",
        flight("late", DAY + "T01:00:00Z", 1, "SEA", "LAX"),
        flight("corrected", DAY + "T12:00:00Z", 2, "LAX", "SEA"));
    live();
    ReferenceTable.airports(spark, lake, AFTER);
    batch();
  }

  @Test
  @Order(1)
  void eachRowIsTakenOutAsTheOneAndPutInAsTheOther() {
    Reconciliation result = reconcile();
    // By hand: alike 3 on both sides; measure 9 to 3; late 9 in batch only; cell and the one that
    // corrects from Burbank to L.A.; the corrected one in live only, as it was read there; filter
    // in batch only.
    assertThat(differences(result))
        .containsExactlyInAnyOrder(
            "Seattle flights 3 > 2: {LATE=-1}",
            "Seattle runways 21 > 6: {LATE=-9, ENRICHMENT=-6}",
            "Seattle most 9 > 3: {ENRICHMENT=-6}",
            "L.A. flights  > 3: {SUPERSEDED=1, ENRICHMENT=2}",
            "L.A. runways  > 12: {SUPERSEDED=4, ENRICHMENT=8}",
            "L.A. most  > 4: {SUPERSEDED=4}",
            "Burbank flights 2 > : {ENRICHMENT=-2}",
            "Burbank runways 8 > : {ENRICHMENT=-8}",
            "Burbank most 4 > : {ENRICHMENT=-4}",
            "Boston flights 1 > : {ENRICHMENT=-1}",
            "Boston runways 5 > : {ENRICHMENT=-5}",
            "Boston most 5 > : {ENRICHMENT=-5}");
    assertThat(result.days())
        .allSatisfy(d -> assertThat(d.verdict()).isEqualTo(new Verdict.Explained()));
    assertThat(result.ledgers()).allSatisfy(ledger -> assertThat(ledger.addsUp()).isTrue());
  }

  @Test
  @Order(2)
  void theRowsBehindATermAreListedWithWhatKafkaHad() {
    ShowRequest request =
        ShowRequest.of(
            "enrichment",
            Optional.of("origin_city=Burbank"),
            Optional.of(LocalDate.parse(DAY)),
            Optional.empty(),
            1);
    ShownRows shown = new CauseRows(spark, lake, contract).show(request, contract.metrics().get(0));
    assertThat(shown.all()).isEqualTo(2);
    assertThat(shown.rows()).hasSize(1);
    ShownRow row = shown.rows().get(0);
    assertThat(row.offset()).isEqualTo(2);
    assertThat(row.topic()).isEqualTo("topic");
    assertThat(row.kafkaTimestamp()).isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
    assertThat(row.live() + "/" + row.batch() + " " + row.sign()).isEqualTo("counted/loaded -1");
    assertThat(row.event()).contains(flight("cell", DAY + "T12:00:00Z", 1, "LAX", "SEA"));
    assertThat(shown.terms())
        .extracting(t -> t.measure() + " " + t.amount().map(BigDecimal::toPlainString).orElse("?"))
        .containsExactly("flights -2", "runways -8", "most -4");
  }

  @Test
  @Tag("long")
  @Order(3)
  void aViewThatIsBuiltAgainHoldsWhatWasLookedUpAtTheTime() {
    List<String> before = differences(reconcile());
    new ViewBuild(spark, lake, contract).rebuild("city_day");
    assertThat(differences(reconcile())).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  @Tag("long")
  @Order(4)
  void rowsThatBatchReadsAnewAreFoundWherever() {
    Instant hour = Instant.parse("2026-01-01T00:00:00Z");
    new SilverStage(spark, lake, contract, Steps.SILENT)
        .reprocess(new IngestRange(hour, hour.plusSeconds(3600)));
    new BothPaths(spark, lake, contract).gold();
    assertThat(differences(reconcile()))
        .contains("Seattle runways 27 > 6: {LATE=-9, ENRICHMENT=-12}");
  }

  private List<String> differences(Reconciliation result) {
    List<String> found = new ArrayList<>();
    for (CellDifference d : result.largest()) {
      assertThat(d.unexplained()).as(d.toString()).isEqualByComparingTo(BigDecimal.ZERO);
      found.add(
          "%s %s %s > %s: %s"
              .formatted(
                  d.cell().substring("origin_city=".length()),
                  d.measure(),
                  d.control(),
                  d.test(),
                  d.terms()));
    }
    return found;
  }

  private void live() {
    new BothPaths(spark, lake, contract).live();
  }

  private void batch() {
    new BothPaths(spark, lake, contract).batch();
  }

  private Reconciliation reconcile() {
    return new BothPaths(spark, lake, contract).reconcile();
  }

  private static Contract contract() {
    Contract all = FlightsContract.enriched(originAirport(Missing.KEEP));
    RowFilter large = new RowFilter(List.of(new Condition("large", "origin_runways >= 3")));
    List<Measure> measures = new ArrayList<>(all.metrics().get(0).measures());
    measures.add(new Measure.Max("most", "origin_runways"));
    return ContractBuilder.builder(all)
        .metrics(
            List.of(
                MetricSetBuilder.builder(all.metrics().get(0))
                    .filter(large)
                    .measures(measures)
                    .build()))
        .hash("looked up otherwise")
        .build();
  }
}
