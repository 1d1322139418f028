package assay.gold.upkeep;

import static assay.core.testing.FlightsContract.flight;
import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableUpkeep;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.runs.RunLog;
import assay.core.runs.RunRecord;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.GoldPlan;
import assay.gold.GoldResult;
import assay.gold.GoldStage;
import assay.gold.upkeep.MaintainRequest.Vacuum;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverResult;
import assay.silver.SilverStage;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

class MaintainStageTest {
  private static final LocalDate CLOSED = LocalDate.parse("2001-01-01");
  private static final LocalDate OPEN = LocalDate.parse("2001-01-02");
  private static final Clock NOON_OF_OPEN = at("2001-01-02T12:00:00Z");

  /** What most tests begin with, made once. */
  @TempDir static Path threeHours;

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final Contract contract = FlightsContract.contract();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeEach
  void nameLake() {
    lake = new Lake(folder.toString());
  }

  @Test
  void theFilesOfAClosedDayBecomeOneInTheOrderOfTheKeyAndNothingElseChanges() {
    beginWithThreeHours();
    gold();
    List<String> rows = rows();
    long version = silver().version();

    MaintainResult plan = stage(NOON_OF_OPEN).plan(MaintainRequest.USUAL);
    assertThat(plan.compactions())
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.plan().table()).isEqualTo(lake.silver("flights"));
              assertThat(c.plan().partitions()).containsExactly("2001-01-01");
              assertThat(c.plan().ordered()).isTrue();
              assertThat(c.plan().files()).isEqualTo(3);
              assertThat(c.filesAfter()).isEmpty();
            });
    assertThat(silver().version()).as("a plan writes nothing").isEqualTo(version);

    MaintainResult result = stage(NOON_OF_OPEN).run(MaintainRequest.USUAL);
    assertThat(result.compactions())
        .containsExactly(new Compaction(plan.compactions().get(0).plan(), OptionalLong.of(1)));
    assertThat(result.openDays()).containsExactly(OPEN);
    assertThat(result.needsAttention()).isFalse();
    assertThat(filesByDay()).isEqualTo(Map.of(CLOSED, 1L, OPEN, 3L));
    assertThat(rows()).isEqualTo(rows);
    assertThat(lastOperation(lake.silver("flights"))).isEqualTo("OPTIMIZE [\"flight_id\"]");

    assertThat(stage(NOON_OF_OPEN).run(MaintainRequest.USUAL).compactions()).isEmpty();
    assertThat(silver().version()).as("a second run does nothing").isEqualTo(version + 1);
  }

  @Test
  void whatFollowsSilverTakesNoCompactionForAChange() {
    beginWithThreeHours();
    gold();
    stage(NOON_OF_OPEN).run(MaintainRequest.USUAL);
    GoldResult none = gold();
    assertThat(none.days()).isEmpty();
    assertThat(none.reason()).isEqualTo(GoldPlan.Reason.NOTHING);

    // One row of the compacted day is corrected, one comes late, one is a repeat.
    bronze.ingest(
        "2001-01-02T13:00:00Z",
        flight("c1", "2001-01-01T08:00:00Z", 77, "SEA", "LAX"),
        flight("late", "2001-01-01T09:00:00Z", 5, "SEA", "LAX"),
        flight("c2", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"));
    SilverResult next = runSilver();
    assertThat(next)
        .extracting(SilverResult::loaded, SilverResult::replaced)
        .containsExactly(2L, 1L);
    assertThat(next.duplicate()).isEqualTo(1);
    assertThat(gold().days()).containsExactly(CLOSED);
    assertThat(
            new LakeTable(spark, lake.gold("route_day"))
                .read()
                .where(col("event_date").equalTo(CLOSED))
                .select("flights", "worst_delay")
                .collectAsList())
        .extracting(row -> row.getLong(0), row -> row.getInt(1))
        .containsExactly(tuple(4L, 77));
  }

  @Test
  void aDayThatSilverHasNotReadToItsEndIsOpen() {
    beginWithThreeHours();
    bronze.ingest("2001-01-02T00:30:00Z", flight("x", "2001-01-01T23:00:00Z", 1, "SEA", "LAX"));
    MaintainResult result = stage(NOON_OF_OPEN).run(MaintainRequest.USUAL);
    assertThat(result.compactions()).isEmpty();
    assertThat(result.openDays()).containsExactly(CLOSED, OPEN);
  }

  @Test
  void goldAndTheTablesWithoutDaysAreCompactedToo() {
    bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2001-01-01T10:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
        flight("a", "2001-01-01T08:00:00Z", 2, "SEA", "LAX"),
        flight("b", "2001-01-01T08:00:00Z", 1, "SEA", "JFK"));
    runSilver();
    gold();
    LakeTable gold = new LakeTable(spark, lake.gold("route_day"));
    gold.rewriteWhere(
        gold.read().repartitionByRange(2, col("destination")), "event_date = DATE'2001-01-01'");
    LakeTable exceptions = new LakeTable(spark, lake.silverExceptions("flights"));
    exceptions.append(
        exceptions
            .read()
            .crossJoin(spark.range(16).withColumnRenamed("id", "copy"))
            .repartitionByRange(16, col("copy"))
            .drop("copy"),
        new Transaction("test", 0));
    long copies = exceptions.read().count();
    recordRun("2001-01-01T10:00:00Z");
    recordRun("2001-01-01T11:00:00Z");
    recordRun("2001-01-05T10:00:00Z");
    recordRun("2001-01-05T11:00:00Z");

    MaintainResult result = stage(at("2001-01-05T12:00:00Z")).run(MaintainRequest.USUAL);
    assertThat(result.compactions())
        .filteredOn(c -> !c.plan().table().equals(lake.silver("flights")))
        .extracting(c -> c.plan().table(), c -> c.plan().ordered(), Compaction::filesAfter)
        .containsExactlyInAnyOrder(
            tuple(lake.gold("route_day"), false, OptionalLong.of(1)),
            tuple(lake.silverExceptions("flights"), false, OptionalLong.of(1)),
            tuple(lake.runs(), false, OptionalLong.of(1)));
    assertThat(exceptions.read().count()).isEqualTo(copies).isEqualTo(17);
    assertThat(gold.read().count()).isEqualTo(2);
    assertThat(new LakeTable(spark, lake.runs()).read().count()).isEqualTo(4);
    assertThat(gold().days()).as("gold knows what it stands for").isEmpty();
  }

  @Test
  void ofTwoThatPutTheSameFilesTogetherOneIsToldToTryAgain() {
    beginWithThreeHours();
    List<String> rows = rows();
    List<AssayException> refused = new ArrayList<>();
    // Where one is done before the other begins they do not meet.
    for (int round = 0; round < 20 && refused.isEmpty(); round++) {
      List<CompletableFuture<Void>> both = List.of(orderAsync(), orderAsync());
      for (CompletableFuture<Void> one : both) {
        try {
          one.join();
        } catch (CompletionException e) {
          refused.add((AssayException) e.getCause());
        }
      }
    }
    assertThat(refused)
        .singleElement()
        .extracting(AssayException::code)
        .isEqualTo(ErrorCode.TRY_AGAIN);
    assertThat(refused.get(0))
        .hasMessageContaining("another run wrote the files of " + lake.silver("flights"));
    assertThat(rows()).isEqualTo(rows);
  }

  private CompletableFuture<Void> orderAsync() {
    TableUpkeep files = new TableUpkeep(spark, lake.silver("flights"));
    return CompletableFuture.runAsync(() -> files.order(Optional.empty(), List.of("flight_id")));
  }

  @Test
  @Tag("long")
  void aVacuumDeletesWhatNobodyNeedsOnceGoldHasMovedOn() {
    Clock nextWeek = Clock.offset(Clock.systemUTC(), Duration.ofDays(8));
    beginWithThreeHours();
    gold();
    stage(nextWeek).run(MaintainRequest.USUAL);
    List<String> rows = rows();
    long version = silver().version();
    MaintainRequest vacuum = vacuum(Vacuum.LEAST, false);

    assertThat(vacuumed(stage(nextWeek).run(vacuum)).leftAlone())
        .contains(
            "%s still stands for its version %d, whose files would go: run 'assay gold' first"
                .formatted(lake.gold("route_day"), version - 1));
    assertThat(silver().readAt(version - 1).count()).isEqualTo(6);

    gold();
    Vacuumed planned = vacuumed(stage(nextWeek).plan(vacuum));
    assertThat(planned.files()).isEqualTo(6);
    assertThat(planned.bytes()).isPositive();
    assertThat(vacuumed(stage(nextWeek).run(vacuum))).isEqualTo(planned);
    assertThat(vacuumed(stage(nextWeek).run(vacuum)).files()).as("nothing is left").isZero();
    assertThat(silver().version()).as("a vacuum writes no commit").isEqualTo(version);
    assertThat(rows()).isEqualTo(rows);
  }

  @Test
  @Tag("long")
  void aVacuumLeavesTheTablesOfAVersionAloneThatSilversLogHasForgotten() throws IOException {
    beginWithThreeHours();
    gold();
    long named = silver().version();
    bronze.ingest("2001-01-02T09:00:00Z", flight("later", "2001-01-02T04:00:00Z", 1, "SEA", "LAX"));
    runSilver();
    forget(silver().path());
    Clock nextWeek = Clock.offset(Clock.systemUTC(), Duration.ofDays(8));
    assertThat(silver().reaches(named)).isFalse();
    assertThat(silver().reaches(silver().version())).isTrue();
    assertThat(silver().reaches(silver().version() + 1)).isFalse();
    assertThat(vacuumed(stage(nextWeek).run(vacuum(Vacuum.LEAST, false))).leftAlone())
        .contains(
            "%s still stands for its version %d, whose files would go: run 'assay gold' first"
                .formatted(lake.gold("route_day"), named));
  }

  /** What Delta's own cleaning of the log does once it is old enough. */
  private void forget(String table) throws IOException {
    DeltaLog log = DeltaLog.forTable(spark, table);
    log.checkpoint(log.update(false, Option.empty(), Option.empty()), Option.empty());
    String newest = "%020d".formatted(silver().version());
    try (Stream<Path> files = Files.list(Path.of(table, "_delta_log"))) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().matches("\\d{20}\\..*")
            && !file.getFileName().toString().startsWith(newest)) {
          Files.delete(file);
        }
      }
    }
    DeltaLog.clearCache();
  }

  @Test
  @Tag("long")
  void aVacuumKeepsWhatTheTableAsksForAndWhatReadersOfChangesNeed() {
    Clock nextWeek = Clock.offset(Clock.systemUTC(), Duration.ofDays(8));
    beginWithThreeHours();
    stage(nextWeek).run(MaintainRequest.USUAL);
    set("silver", "delta.deletedFileRetentionDuration", "interval 9 days");
    assertThat(vacuumed(stage(nextWeek).run(vacuum(Vacuum.LEAST, false))).files()).isZero();
    set("silver", "delta.deletedFileRetentionDuration", "interval 7 days");
    assertThat(vacuumed(stage(nextWeek).run(vacuum(Duration.ofDays(9), false))).files()).isZero();
    set("silver", "delta.enableChangeDataFeed", "true");
    assertThat(vacuumed(stage(nextWeek).run(vacuum(Vacuum.LEAST, false))).leftAlone())
        .contains(
            "its change data feed is on, and its readers need the files; --vacuum-cdf deletes"
                + " them");
    assertThat(vacuumed(stage(nextWeek).run(vacuum(Vacuum.LEAST, true))).files()).isEqualTo(6);
  }

  @Test
  void aVacuumOfLessThanAWeekIsRefused() {
    assertThatThrownBy(() -> new Vacuum(Duration.ofDays(6), true))
        .isInstanceOf(AssayException.class)
        .hasMessage("deleted files must be kept for 7 days or more, not 6")
        .extracting(e -> ((AssayException) e).code())
        .isEqualTo(ErrorCode.USAGE);
  }

  @Test
  void aTableThatForgetsTooSoonIsToldWithTheWayToMendIt() {
    beginWithThreeHours();
    set("silver", "delta.setTransactionRetentionDuration", "interval 29 days");
    set("quarantine", "delta.logRetentionDuration", "interval 29 days");
    set("bronze", "delta.deletedFileRetentionDuration", "interval 6 days");
    MaintainResult result = stage(NOON_OF_OPEN).plan(MaintainRequest.USUAL);
    assertThat(result.retentions())
        .extracting(
            RetentionFinding::table,
            RetentionFinding::property,
            f -> f.keeps().toDays(),
            f -> f.needs().toDays(),
            RetentionFinding::endangersIdempotence)
        .containsExactly(
            tuple(lake.bronze("flights"), "delta.deletedFileRetentionDuration", 6L, 7L, false),
            tuple(lake.silver("flights"), "delta.setTransactionRetentionDuration", 29L, 30L, true),
            tuple(lake.quarantine("flights"), "delta.logRetentionDuration", 29L, 30L, false));
    assertThat(result.needsAttention()).isTrue();
    assertThat(result.retentions().get(1).mend())
        .isEqualTo(
            "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('delta.setTransactionRetentionDuration' ="
                    .formatted(lake.silver("flights"))
                + " 'interval 30 days')");

    result.retentions().forEach(finding -> spark.sql(finding.mend()));
    assertThat(stage(NOON_OF_OPEN).plan(MaintainRequest.USUAL).retentions()).isEmpty();
  }

  @Test
  @Tag("long")
  void keysThatStandTwiceAreFoundWithTheirPlaces() {
    bronze = new BronzeFixture(spark, lake, "flights");
    bronze.ingest(
        "2001-01-01T10:00:00Z",
        flight("far", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
        flight("once", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"));
    runSilver();
    bronze.ingest("2001-02-15T10:00:00Z", flight("far", "2001-02-15T08:00:00Z", 2, "SEA", "LAX"));
    runSilver();
    MaintainRequest request = new MaintainRequest(true, Optional.empty());
    MaintainResult result = stage(NOON_OF_OPEN).plan(request);
    assertThat(result.keys().orElseThrow().doubled()).isEqualTo(1);
    assertThat(result.keys().orElseThrow().files()).isEqualTo(2);
    assertThat(result.keys().orElseThrow().examples())
        .containsExactly(
            new DoubledKey(
                Map.of("flight_id", "far"),
                List.of(
                    new DoubledKey.Place(LocalDate.parse("2001-01-01"), 0, 0),
                    new DoubledKey.Place(LocalDate.parse("2001-02-15"), 0, 2))));
    assertThat(result.needsAttention()).isTrue();

    bronze.ingest("2001-02-15T11:00:00Z", flight("far", "2001-01-20T08:00:00Z", 3, "SEA", "LAX"));
    runSilver();
    result = stage(NOON_OF_OPEN).plan(request);
    assertThat(result.keys().orElseThrow().doubled()).isZero();
    assertThat(result.needsAttention()).isFalse();
  }

  @Test
  @Tag("long")
  void hourAfterHourTheFilesOfClosedDaysStayFew() {
    bronze = new BronzeFixture(spark, lake, "flights");
    int hours = 60;
    int every = 6;
    Instant start = Instant.parse("2001-01-03T02:00:00Z");
    for (int hour = 0; hour < hours; hour++) {
      Instant now = start.plus(Duration.ofHours(hour));
      bronze.ingest(
          now.toString(),
          flight("now" + hour, now.toString(), hour, "SEA", "LAX"),
          flight("yesterday" + hour, now.minus(Duration.ofDays(1)).toString(), 1, "SEA", "LAX"),
          flight("before" + hour, now.minus(Duration.ofDays(2)).toString(), 1, "SEA", "LAX"),
          flight("same", "2001-01-01T12:00:00Z", hour, "SEA", "LAX"));
      runSilver();
      if (hour % every == every - 1) {
        stage(Clock.fixed(now, ZoneOffset.UTC)).run(MaintainRequest.USUAL);
        LocalDate today = LocalDate.ofInstant(now.minus(Duration.ofHours(1)), ZoneOffset.UTC);
        assertThat(filesByDay().headMap(today).values()).as("hour %d", hour).containsOnly(1L);
      }
      // A MERGE writes a file where it takes a row from, and one where it puts one.
      assertThat(filesByDay().headMap(LocalDate.parse("2001-01-03")).values())
          .as("hour %d", hour)
          .allMatch(files -> files <= 1 + 2L * every);
    }
    assertThat(silver().read().count()).isEqualTo(3L * hours + 1);
    assertThat(gold().days()).hasSize(filesByDay().size());
  }

  /** One row of each day an hour, and nothing that is set aside. */
  private void beginWithThreeHours() {
    try {
      if (!Files.exists(threeHours.resolve("silver"))) {
        lake = new Lake(threeHours.toString());
        bronze = new BronzeFixture(spark, lake, "flights");
        runThreeHours();
        lake = new Lake(folder.toString());
      }
      FileUtils.copyDirectory(threeHours.toFile(), folder.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  private void runThreeHours() {
    for (int hour = 1; hour <= 3; hour++) {
      bronze.ingest(
          "2001-01-02T0%d:00:00Z".formatted(hour + 3),
          flight("c" + hour, "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
          flight("o" + hour, "2001-01-02T03:00:00Z", 1, "SEA", "LAX"));
      runSilver();
    }
  }

  private SilverResult runSilver() {
    return new SilverStage(spark, lake, contract, Steps.SILENT).run();
  }

  private GoldResult gold() {
    return new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT)
        .run(Optional.empty())
        .get(0);
  }

  private MaintainStage stage(Clock clock) {
    return new MaintainStage(spark, lake, contract, clock, Steps.SILENT);
  }

  private LakeTable silver() {
    return new LakeTable(spark, lake.silver("flights"));
  }

  private List<String> rows() {
    return silver().read().toJSON().collectAsList().stream().sorted().toList();
  }

  private SortedMap<LocalDate, Long> filesByDay() {
    SortedMap<LocalDate, Long> files = new TreeMap<>();
    new TableUpkeep(spark, lake.silver("flights"))
        .groups(Optional.of("event_date"))
        .forEach(g -> files.put(LocalDate.parse(g.partition().orElseThrow()), g.files()));
    return files;
  }

  private String lastOperation(String table) {
    return DeltaTable.forPath(spark, table)
        .history(1)
        .selectExpr("concat(operation, ' ', operationParameters.zOrderBy)")
        .head()
        .getString(0);
  }

  private Vacuumed vacuumed(MaintainResult result) {
    return result.vacuumed().stream()
        .filter(v -> v.table().equals(lake.silver("flights")))
        .findFirst()
        .orElseThrow();
  }

  private static MaintainRequest vacuum(Duration retain, boolean changeFeeds) {
    return new MaintainRequest(false, Optional.of(new Vacuum(retain, changeFeeds)));
  }

  private void set(String layer, String property, String value) {
    spark.sql(
        "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('%s' = '%s')"
            .formatted(folder.resolve(layer).resolve("flights"), property, value));
  }

  private void recordRun(String begun) {
    new RunLog(spark, lake)
        .append(
            new RunRecord(
                begun,
                "silver",
                "flights",
                Optional.empty(),
                Instant.parse(begun),
                Duration.ofSeconds(1),
                RunRecord.DONE,
                Map.of(),
                Map.of(),
                0,
                0,
                Optional.empty()));
  }

  private static Clock at(String instant) {
    return Clock.fixed(Instant.parse(instant), ZoneOffset.UTC);
  }
}
