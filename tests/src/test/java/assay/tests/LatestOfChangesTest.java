package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.LiveDefinition;
import assay.core.testing.TestSpark;
import assay.tests.oracle.BatchPath;
import assay.tests.oracle.BronzeRow;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Payment;
import assay.tests.oracle.PaymentsContract;
import assay.tests.oracle.Position;
import assay.tests.oracle.Reading;
import assay.views.live.LiveStage;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import assay.views.live.ViewBuild;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The latest row of each key of a change stream is the one that stands in silver, where nothing is
 * late: upserts and deletes out of order, repeats, tombstones, deletes that no value places, and
 * truncates, however the live query cuts them.
 */
class LatestOfChangesTest {
  private static final long SEED = Long.getLong("assay.seed", 41);
  private static final boolean EVERY_STEP = Boolean.getBoolean("assay.everyStep");
  private static final int GROUPS = EVERY_STEP ? 200 : 60;
  private static final int BATCHES = EVERY_STEP ? 21 : 5;

  private final SparkSession spark = TestSpark.session();
  private final Random random = new Random(SEED);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isTheRowThatStands(boolean ordered) {
    PaymentsContract rules = new PaymentsContract(true, ordered, false, true, false);
    Contract contract =
        ContractBuilder.builder(PaymentsYaml.contract(rules))
            .allowedLateness(Duration.ofDays(365))
            .liveViews(
                List.of(
                    new LiveDefinition.Latest(
                        "standing", List.of("payment_id"), Duration.ofSeconds(10))))
            .build();
    Lake lake = new Lake(folder.resolve("lake").toString());
    BatchPathDriver bronze = new BatchPathDriver(spark, lake);
    PaymentRecords records = new PaymentRecords(true);
    List<BronzeRow> rows = new ArrayList<>();
    for (int batch = 0; batch < BATCHES; batch++) {
      Instant at = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(batch * 200L);
      List<BronzeRow> next = records.next(draw(batch), at);
      bronze.ingest(next);
      rows.addAll(next);
      if (batch % 2 == 0) {
        new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
      }
    }
    List<Reading<Payment>> readings =
        rows.stream().sorted(BronzeRow.ORDER).map(rules::read).toList();
    Map<Position, Disposition> judged = BatchPath.judge(readings, rules.orderBy());
    assertThat(judged.values())
        .as("seed %d", SEED)
        .contains(
            Disposition.LOADED,
            Disposition.DELETED,
            Disposition.SUPERSEDED,
            Disposition.DUPLICATE,
            Disposition.QUARANTINED);
    List<List<Object>> expected =
        readings.stream()
            .filter(reading -> judged.get(reading.row().position()) == Disposition.LOADED)
            .map(reading -> row(reading.columns()))
            .toList();
    LiveView view =
        new LiveTables(spark, lake, contract)
            .views().stream().filter(v -> v.name().equals("standing")).findFirst().orElseThrow();
    assertShows("the view", view.fold(view.table().read()), expected);
    assertShows(
        "its SQL", spark.sql(view.foldSql("delta.`" + view.table().path() + "`")), expected);
    new ViewBuild(spark, lake, contract).rebuild("standing");
    assertShows("built again", view.fold(view.table().read()), expected);
  }

  /** In one of two partitions, each group with its own two keys. */
  private LakeAction.Ingest draw(int batch) {
    List<List<PaymentDraw>> groups = new ArrayList<>();
    for (int group = 0; group < GROUPS; group++) {
      List<PaymentDraw> draws = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        draws.add(draw());
      }
      groups.add(draws);
    }
    int truncateBefore = batch == BATCHES / 2 ? GROUPS / 2 : -1;
    return new LakeAction.Ingest(batch % 2, groups, truncateBefore);
  }

  private PaymentDraw draw() {
    PaymentDraw.Shape[] shapes = PaymentDraw.Shape.values();
    PaymentDraw.Shape shape =
        random.nextBoolean() ? PaymentDraw.Shape.UPSERT : shapes[random.nextInt(shapes.length)];
    return new PaymentDraw(
        shape,
        random.nextInt(2),
        random.nextInt(3),
        oneOf("null", "1", "2", "3"),
        oneOf("null", "5", "6"),
        oneOf("\"card\"", "\"cash\"", "\"shell\""),
        oneOf("null", "\"n\""),
        random.nextInt(3) == 0);
  }

  private String oneOf(String... values) {
    return values[random.nextInt(values.length)];
  }

  private static List<Object> row(Payment payment) {
    return Rows.row(
        payment.paymentId(),
        payment.paidAt(),
        payment.revision(),
        payment.amount(),
        payment.kind(),
        payment.note(),
        payment.eventDate());
  }

  private static void assertShows(String what, Dataset<Row> shown, List<List<Object>> expected) {
    Bag.assertEqual(
        what + " (seed " + SEED + ")",
        expected,
        Rows.of(
            shown,
            "payment_id",
            "paid_at",
            "CAST(revision AS LONG)",
            "CAST(amount AS LONG)",
            "kind",
            "note",
            "event_date"));
  }
}
