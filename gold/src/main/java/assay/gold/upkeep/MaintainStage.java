package assay.gold.upkeep;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableUpkeep;
import assay.core.TableUpkeep.Compacted;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.DayState;
import assay.silver.Cut;
import assay.silver.EventParser;
import assay.silver.Silver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Keeps the files of silver, gold and the live views few and their logs long enough: puts the small
 * files of closed days together, deletes what no version needs when asked to, and tells what upkeep
 * cannot mend. No row changes but fingerprints that the live path does not look back on any more,
 * and nothing that follows the tables takes any of it for a change.
 *
 * <p>Bronze is left alone: it is read by its commits, from the first on. A live query that commits
 * at the same moment tries again by itself.
 */
public final class MaintainStage {
  static final String STAGE = "maintain";
  private static final String RUN_DATE = "run_date";

  /** Kept beyond the look-back, for a live query that is put back to an earlier state. */
  private static final Duration SPARE = Duration.ofDays(1);

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Clock clock;
  private final Steps steps;

  public MaintainStage(SparkSession spark, Lake lake, Contract contract, Clock clock, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.clock = clock;
    this.steps = steps;
  }

  /** What {@link #run} would do now. Reads what it would read, and writes nothing. */
  public MaintainResult plan(MaintainRequest request) {
    return work(request, true);
  }

  /**
   * Does it. Each compaction is a commit of its own, and one that meets another writer's ends the
   * run; those before it stay, and are not done again.
   */
  public MaintainResult run(MaintainRequest request) {
    return work(request, false);
  }

  private MaintainResult work(MaintainRequest request, boolean dryRun) {
    Silver silver = new Silver(spark, lake, contract);
    silver.table().required("run 'assay silver' first");
    new LakeTable(spark, lake.bronze(contract.domain()))
        .required("put it back: without it nobody knows which days are closed");
    if (!dryRun) {
      forgetOldFingerprints();
    }
    List<CompactionPlan> plans = new ArrayList<>();
    Set<LocalDate> open = new TreeSet<>();
    planDays(silver, plans, open);
    planWholeTables(plans);
    List<Compaction> compactions = new ArrayList<>();
    for (CompactionPlan plan : plans) {
      compactions.add(new Compaction(plan, dryRun ? OptionalLong.empty() : filesAfter(plan)));
    }
    List<Vacuumed> vacuumed =
        request.vacuum().map(vacuum -> vacuum(vacuum, dryRun)).orElse(List.of());
    return new MaintainResult(
        contract.domain(),
        compactions,
        List.copyOf(open),
        vacuumed,
        checkRetentions(),
        request.checkKeys() ? Optional.of(checkKeys(silver)) : Optional.empty());
  }

  /**
   * The live query looks back from what it reads next, which never came before what it has read. It
   * may read its newest micro-batch once more, after a crash.
   */
  private void forgetOldFingerprints() {
    LakeTable seen = new LakeTable(spark, lake.liveSeen(contract.domain()));
    LakeTable reads = new LakeTable(spark, lake.liveReads(contract.domain()));
    if (!seen.exists() || !reads.exists()) {
      return;
    }
    List<Row> newest =
        reads
            .read()
            .groupBy(col(Silver.BATCH_ID))
            .agg(min(col(EventParser.INGESTED_AT)).as("begins"))
            .orderBy(col(Silver.BATCH_ID).desc())
            .select("begins")
            .limit(1)
            .collectAsList();
    if (!newest.isEmpty()) {
      Instant before = newest.get(0).getInstant(0).minus(contract.dedupWithin()).minus(SPARE);
      seen.delete(col(EventParser.INGESTED_AT).lt(lit(before)));
      steps.reached(STAGE, seen.path() + ": fingerprints from before " + before + " forgotten");
    }
  }

  private void planDays(Silver silver, List<CompactionPlan> plans, Set<LocalDate> open) {
    Predicate<LocalDate> closed = closedDays(silver);
    for (String table : partitionedByDay()) {
      CompactionPlanner.Days days =
          CompactionPlanner.byDay(
              table,
              files(table).groups(Optional.of(EventParser.EVENT_DATE)),
              closed,
              table.equals(silver.table().path()));
      plans.addAll(days.plans());
      open.addAll(days.open());
    }
    if (exists(lake.runs())) {
      // A run is written down under the day on which it began, and may end on the next.
      LocalDate yesterday = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(1);
      plans.addAll(
          CompactionPlanner.byDay(
                  lake.runs(),
                  files(lake.runs()).groups(Optional.of(RUN_DATE)),
                  day -> day.isBefore(yesterday),
                  false)
              .plans());
    }
  }

  private void planWholeTables(List<CompactionPlan> plans) {
    for (String table : unpartitioned()) {
      CompactionPlanner.whole(table, files(table).groups(Optional.empty())).ifPresent(plans::add);
    }
  }

  private Predicate<LocalDate> closedDays(Silver silver) {
    Cut read = silver.state(silver.table().version()).read();
    Optional<Instant> firstUnread = silver.firstUnread(read);
    Instant asOf = clock.instant();
    return day -> DayState.of(day, contract, firstUnread, asOf) instanceof DayState.Closed;
  }

  private OptionalLong filesAfter(CompactionPlan plan) {
    return plan.done(compact(plan), steps);
  }

  private Compacted compact(CompactionPlan plan) {
    if (plan.partitions().isEmpty()) {
      // Silver's next commit names the new version, which holds the same rows.
      return files(plan.table()).compact(Optional.empty());
    }
    String column = plan.table().equals(lake.runs()) ? RUN_DATE : EventParser.EVENT_DATE;
    Optional<String> days =
        Optional.of(column + " IN " + LakeTable.dates(new LinkedHashSet<>(plan.partitions())));
    return plan.ordered()
        ? files(plan.table()).order(days, contract.key())
        : files(plan.table()).compact(days);
  }

  private List<Vacuumed> vacuum(MaintainRequest.Vacuum asked, boolean dryRun) {
    List<NamedVersion> named = NamedVersion.of(spark, lake, contract);
    TableVacuum vacuum = new TableVacuum(spark, clock, steps, asked, dryRun);
    return Stream.of(partitionedByDay(), unpartitioned(), served(), List.of(lake.runs()))
        .flatMap(List::stream)
        .filter(this::exists)
        .map(table -> vacuum.vacuum(table, named))
        .toList();
  }

  private List<RetentionFinding> checkRetentions() {
    RetentionCheck check = new RetentionCheck(contract);
    return Stream.of(
            Stream.of(lake.bronze(contract.domain())),
            partitionedByDay().stream(),
            unpartitioned().stream())
        .flatMap(tables -> tables)
        .filter(this::exists)
        .flatMap(table -> check.check(table, files(table).retention()).stream())
        .toList();
  }

  private KeyCheck checkKeys(Silver silver) {
    List<TableUpkeep.Group> groups = files(silver.table().path()).groups(Optional.empty());
    long bytes = groups.stream().mapToLong(TableUpkeep.Group::bytes).sum();
    steps.reached(STAGE, "keys: reading all " + bytes + " bytes of silver");
    return new DoubledKeys(contract).find(silver.table().read(), groups);
  }

  private List<String> partitionedByDay() {
    return Stream.concat(
            Stream.of(lake.silver(contract.domain())),
            Stream.concat(
                contract.metrics().stream().map(MetricSet::name).map(lake::gold),
                contract.liveTables().stream().map(lake::live)))
        .filter(this::exists)
        .toList();
  }

  private List<String> unpartitioned() {
    return sideTables().stream().filter(this::exists).toList();
  }

  private List<String> sideTables() {
    String domain = contract.domain();
    return List.of(
        lake.silverExceptions(domain),
        lake.quarantine(domain),
        lake.liveExceptions(domain),
        lake.liveReads(domain),
        lake.liveSeen(domain));
  }

  /** What BI reads holds a file a day, so that there is nothing to put together. */
  private List<String> served() {
    return contract.metrics().stream()
        .map(MetricSet::name)
        .flatMap(name -> Stream.of(lake.serving(name), lake.servingCanary(name)))
        .toList();
  }

  private boolean exists(String table) {
    return new LakeTable(spark, table).exists();
  }

  private TableUpkeep files(String table) {
    return new TableUpkeep(spark, table);
  }
}
