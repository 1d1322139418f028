package assay.reconciliation.serving;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.core.contract.Promotion;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.serving.Readiness.Facts;
import assay.reconciliation.serving.Standing.Change;
import assay.reconciliation.serving.Standing.Reason;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/**
 * What BI reads of one metric set: batch until the stream has proven itself, and batch again the
 * minute it fails. A change of the stage is one commit to {@code ops/stages}, then one to each
 * serving table; a publish between the two brings the tables there. Not for several threads.
 */
public final class Serving {
  private static final String STAGE = "serving";
  private static final int ATTEMPTS = 3;

  private final Contract contract;
  private final MetricSet metrics;
  private final Clock clock;
  private final Steps steps;
  private final StageTable stages;
  private final StageMachine machine;
  private final ServingSources sources;
  private final StreamHealth health;
  private final ServingTable main;
  private final ServingTable canary;

  /** What BI reads of a metric set of a contract. */
  public Serving(
      SparkSession spark,
      Lake lake,
      Contract contract,
      MetricSet metrics,
      Clock clock,
      Steps steps) {
    this.contract = contract;
    this.metrics = metrics;
    this.clock = clock;
    this.steps = steps;
    this.stages = new StageTable(spark, lake);
    this.machine = new StageMachine(metrics);
    this.sources = new ServingSources(spark, lake, contract, metrics);
    this.health = new StreamHealth(spark, lake, contract, metrics);
    this.main = table(spark, lake.serving(metrics.name()));
    this.canary = table(spark, lake.servingCanary(metrics.name()));
  }

  private ServingTable table(SparkSession spark, String path) {
    return new ServingTable(new LakeTable(spark, path), metrics.name());
  }

  public Contract contract() {
    return contract;
  }

  public String metrics() {
    return metrics.name();
  }

  /** Where the metric set stands. */
  public Standing standing() {
    return stages.standing(metrics.name());
  }

  /** All changes of its stage, in their order. */
  public List<Standing> changes() {
    return stages.changes().stream().filter(s -> s.metrics().equals(metrics.name())).toList();
  }

  /**
   * Brings the serving tables to the stage, with what is new in gold, the live view and the
   * evidence. Before that, BI is put back to batch where the stream is not fit to be read, or one
   * step forward where the evidence allows it and the contract asks nobody.
   *
   * @throws AssayException with {@code TRY_AGAIN} where other runs publish all the time
   */
  public Published publish() {
    for (int attempt = 1; ; attempt++) {
      try {
        return publishNow();
      } catch (AssayException e) {
        if (e.code() != ErrorCode.TRY_AGAIN || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private Published publishNow() {
    // Before the stage: whoever knows a newer one has written a newer version by then, or will
    // find this one in its way.
    long mainBase = main.table().version();
    long canaryBase = canary.table().version();
    pin();
    Standing before = standing();
    boolean read = before.position().canary() == Side.LIVE;
    List<Trouble> troubles = read || isAutomatic() ? troubles(before) : List.of();
    Optional<Standing> changed = changeByItself(before, troubles);
    Standing standing = changed.orElse(before);
    List<Published.Table> tables = new ArrayList<>();
    Optional<String> note = nothingToShow();
    if (note.isEmpty()) {
      note = cannotShowTheStream(standing);
      boolean batchOnly = note.isPresent();
      tables.add(
          write(main, mainBase, batchOnly ? Side.BATCH : standing.position().main(), standing));
      if (hasCanary(canaryBase)) {
        tables.add(
            write(
                canary,
                canaryBase,
                batchOnly ? Side.BATCH : standing.position().canary(),
                standing));
      }
    }
    return new Published(standing, tables, changed, troubles, note);
  }

  private void pin() {
    Set<ServingOrigin> origins =
        List.of(main, canary).stream()
            .flatMap(of -> ServingOrigin.of(of.table()).stream())
            .collect(Collectors.toSet());
    sources.pin(clock.instant(), origins);
  }

  private List<Trouble> troubles(Standing standing) {
    // Whoever pins it answers for all days.
    Optional<LocalDate> since =
        standing.since().or(() -> standing.position().pinned().map(side -> LocalDate.MIN));
    return health.troubles(sources, since, clock.instant());
  }

  private boolean isAutomatic() {
    return metrics.promote().filter(p -> p.approval() == Promotion.Approval.AUTOMATIC).isPresent();
  }

  /** A path that a consumer has got once stays what it is, also where the contract has none now. */
  private boolean hasCanary(long canaryBase) {
    return canaryBase >= 0 || metrics.promote().filter(p -> !p.canary().isEmpty()).isPresent();
  }

  private Optional<String> nothingToShow() {
    return sources.goldVersion().isEmpty() && sources.liveVersion().isEmpty()
        ? Optional.of("there is neither gold nor a live view of " + metrics.name() + " yet")
        : Optional.empty();
  }

  private Optional<String> cannotShowTheStream(Standing standing) {
    boolean wanted = standing.position().canary() == Side.LIVE;
    return wanted && sources.liveVersion().isEmpty()
        ? Optional.of("there is no live view that can be read, so that all days are from batch")
        : Optional.empty();
  }

  private Published.Table write(ServingTable table, long base, Side side, Standing standing) {
    Optional<Set<LocalDate>> days = table.publish(base, side, standing.number(), sources);
    long version = table.table().version();
    String path = table.table().path();
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (days.isPresent()) {
      steps.reached(STAGE, name + ": version " + version + " committed");
    }
    return new Published.Table(name, side, days.map(Set::size).orElse(0), version);
  }

  private Optional<Standing> changeByItself(Standing standing, List<Trouble> troubles) {
    Position position = standing.position();
    if (position.pinned().isPresent()) {
      return Optional.empty();
    }
    if (position.stage() != Stage.SHADOW && !troubles.isEmpty()) {
      return Optional.of(fallBack(standing, troubles));
    }
    if (!isAutomatic() || position.stage() == Stage.PRIMARY) {
      return Optional.empty();
    }
    Readiness readiness = readiness(standing, troubles, false);
    return readiness.fit()
        ? Optional.of(promote(standing, readiness, Standing.AUTOMATION))
        : Optional.empty();
  }

  private Standing fallBack(Standing standing, List<Trouble> troubles) {
    Reason reason =
        new Reason(
            Standing.AUTOMATION,
            String.join("; ", troubles.stream().map(Trouble::why).toList()),
            troubles.stream().flatMap(t -> t.evidenceIds().stream()).toList());
    return change(
        standing,
        Change.FALLBACK,
        machine.fallBack(standing.position()),
        Optional.empty(),
        newestClosed(),
        reason);
  }

  private Optional<LocalDate> newestClosed() {
    NavigableMap<LocalDate, ?> closed = sources.closedDays();
    return closed.isEmpty() ? Optional.empty() : Optional.of(closed.lastKey());
  }

  private Standing change(
      Standing from,
      Change change,
      Position to,
      Optional<LocalDate> since,
      Optional<LocalDate> through,
      Reason reason) {
    Standing next = from.then(change, to, since, through, reason, contract.hash(), clock.instant());
    stages.append(next);
    steps.reached(STAGE, "%s: %s committed".formatted(metrics.name(), change.label()));
    return next;
  }

  /**
   * Whether the next step may be taken, and all that is missing where it may not.
   *
   * @param approved whether a person says yes
   */
  public Readiness check(boolean approved) {
    pin();
    Standing standing = standing();
    return readiness(standing, troubles(standing), approved);
  }

  private Readiness readiness(Standing standing, List<Trouble> troubles, boolean approved) {
    return Readiness.of(
        standing,
        metrics.promote(),
        machine,
        new Facts(
            sources.closedDays(),
            contract.hash(),
            troubles.stream().map(Trouble::why).toList(),
            approved));
  }

  /**
   * Takes the next step forward.
   *
   * @param approved whether a person says yes
   * @throws AssayException with {@code INCONCLUSIVE} and all that is missing; with {@code
   *     TRY_AGAIN} where another change came first
   */
  public Standing promote(boolean approved, String who) {
    pin();
    Standing standing = standing();
    Readiness readiness = readiness(standing, troubles(standing), approved);
    if (!readiness.fit()) {
      throw new AssayException(
          ErrorCode.INCONCLUSIVE,
          "%s stays %s: %s"
              .formatted(
                  metrics.name(),
                  standing.position().inWords(),
                  String.join(
                      "; ", readiness.missing().stream().map(Readiness.Missing::why).toList())),
          "nothing was changed: mend what is missing, then run the same command again");
    }
    return promote(standing, readiness, who);
  }

  private Standing promote(Standing standing, Readiness readiness, String who) {
    Position to = machine.promote(standing.position());
    Reason reason =
        new Reason(who, greenDays(readiness.evidenceIds().size()), readiness.evidenceIds());
    return change(standing, Change.PROMOTE, to, readiness.since(), newestClosed(), reason);
  }

  private static String greenDays(int days) {
    return days == 1 ? "a green day" : days + " green days in a row";
  }

  /**
   * Puts BI back, by hand.
   *
   * @param to shadow where it is left out
   * @throws AssayException with {@code USAGE} where that is not back
   */
  public Standing rollBack(Optional<Stage> to, String who, String why) {
    pin();
    Standing standing = standing();
    Position position = machine.rollBack(standing.position(), to);
    return change(
        standing,
        Change.ROLLBACK,
        position,
        position.stage() == Stage.SHADOW ? Optional.empty() : standing.since(),
        newestClosed(),
        new Reason(who, why, List.of()));
  }

  /**
   * Holds BI on one side until {@link #unpin}, whatever the stage and the evidence.
   *
   * @throws AssayException with {@code USAGE} where it is held there already
   */
  public Standing pin(Side side, String who, String why) {
    if (side == Side.LIVE && metrics.live().isEmpty()) {
      throw AssayException.usage(
          metrics.name() + " has no live view to be pinned on", "add 'live:' to its contract");
    }
    Standing standing = standing();
    return change(
        standing,
        Change.PIN,
        machine.pin(standing.position(), side),
        standing.since(),
        standing.through(),
        new Reason(who, why, List.of()));
  }

  /** Gives BI back to the stage. */
  public Standing unpin(String who, String why) {
    Standing standing = standing();
    return change(
        standing,
        Change.UNPIN,
        machine.unpin(standing.position()),
        standing.since(),
        standing.through(),
        new Reason(who, why, List.of()));
  }

  /**
   * What the evidence says now.
   *
   * @param closed all closed days that gold or the live view holds, with the newest evidence of
   *     each
   * @param newest of each day that was compared
   */
  public record Evidence(
      NavigableMap<LocalDate, Optional<DayEvidence>> closed,
      NavigableMap<LocalDate, DayEvidence> newest) {}

  /** Both as of one moment. */
  public Evidence evidence() {
    pin();
    return new Evidence(
        sources.closedDays(), Collections.unmodifiableNavigableMap(sources.evidence()));
  }

  /** Who reads which of its tables now. */
  public Consumers consumers() {
    return new Consumers(
        metrics.name(),
        Consumers.share(metrics, standing().position()),
        main.table().path(),
        canary.table().path());
  }
}
