package assay.reconciliation.serving;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.TableFiles;
import assay.core.TableVersion;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.EvidenceTables;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.LiveView;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;

/**
 * What the serving tables of a metric set are made of: gold, the live view and the evidence, each
 * at the version that {@link #pin} took. What was worked out for a version is kept for the next
 * time, so that nothing is read twice.
 */
final class ServingSources {
  private final SparkSession spark;
  private final Contract contract;
  private final MetricSet metrics;
  private final Gold gold;
  private final Optional<LiveView> view;
  private final Silver silver;
  private final EvidenceTables evidence;

  private Optional<TableVersion> goldVersion = Optional.empty();
  private Optional<TableVersion> liveVersion = Optional.empty();
  private long evidenceVersion = -1;
  private Optional<LocalDate> closedThrough = Optional.empty();

  private final Map<Long, NavigableMap<LocalDate, DayEvidence>> evidenceAt = new TreeMap<>();
  private Optional<TableVersion> closedOf = Optional.empty();

  ServingSources(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this.spark = spark;
    this.contract = contract;
    this.metrics = metrics;
    this.gold = new Gold(spark, lake, contract, metrics);
    this.view = metrics.live().map(live -> new LiveView(spark, lake, contract, metrics));
    this.silver = new Silver(spark, lake, contract);
    this.evidence = new EvidenceTables(spark, lake);
  }

  /**
   * Takes the newest versions.
   *
   * @param origins of the serving tables: what was closed once stays closed
   */
  void pin(Instant now, Set<ServingOrigin> origins) {
    goldVersion = gold.table().newest();
    liveVersion = view.filter(v -> v.otherDefinition().isEmpty()).flatMap(v -> v.table().newest());
    evidenceVersion = evidence.evidence().version();
    for (ServingOrigin origin : origins) {
      if (sameTable(origin.gold(), goldVersion)) {
        takeClosed(origin.closedThrough());
      }
    }
    close(now);
    Set<Long> wanted = new HashSet<>(Set.of(evidenceVersion));
    origins.forEach(origin -> wanted.add(origin.evidence()));
    evidenceAt.keySet().retainAll(wanted);
  }

  private void takeClosed(Optional<LocalDate> day) {
    if (day.isPresent() && closedThrough.map(known -> known.isBefore(day.get())).orElse(true)) {
      closedThrough = day;
    }
  }

  /**
   * Finds the last day that is over, with its grace, and of which gold has all that was in bronze
   * by then. A day that is closed stays so, and so does every day before it.
   */
  private void close(Instant now) {
    boolean otherGold = closedOf.isPresent() && !sameTable(closedOf, goldVersion);
    if (goldVersion.isEmpty() || otherGold) {
      closedThrough = Optional.empty();
    }
    closedOf = goldVersion;
    Optional<LocalDate> byClock = Optional.of(lastClosed(now));
    if (goldVersion.isEmpty() || closedThrough.equals(byClock)) {
      return;
    }
    OptionalLong of = gold.silverVersionAt(goldVersion.get().version());
    if (of.isEmpty() || !silver.table().reaches(of.getAsLong())) {
      return;
    }
    Instant bound =
        silver
            .firstUnread(silver.state(of.getAsLong()).read())
            .map(unread -> unread.minus(1, ChronoUnit.MICROS))
            .filter(before -> before.isBefore(now))
            .orElse(now);
    takeClosed(Optional.of(lastClosed(bound)));
  }

  private LocalDate lastClosed(Instant at) {
    return LocalDate.ofInstant(at.minus(contract.grace()), contract.zone()).minusDays(1);
  }

  static boolean sameTable(Optional<TableVersion> one, Optional<TableVersion> other) {
    return Objects.equals(one.map(TableVersion::id), other.map(TableVersion::id));
  }

  /** There is one where the contract has {@code live}. */
  LiveView view() {
    return view.orElseThrow();
  }

  MetricSet metrics() {
    return metrics;
  }

  SparkSession spark() {
    return spark;
  }

  /** Empty where there is no gold. */
  Optional<TableVersion> goldVersion() {
    return goldVersion;
  }

  /** Empty where there is no live view that can be read. */
  Optional<TableVersion> liveVersion() {
    return liveVersion;
  }

  /** -1 where nothing was compared. */
  long evidenceVersion() {
    return evidenceVersion;
  }

  Optional<LocalDate> closedThrough() {
    return closedThrough;
  }

  boolean isClosed(LocalDate day) {
    return closedThrough.filter(last -> !day.isAfter(last)).isPresent();
  }

  ServingOrigin origin(Side side) {
    return new ServingOrigin(side, goldVersion, liveVersion, evidenceVersion, closedThrough);
  }

  /** Whether what a version of the evidence said can still be read. */
  boolean reaches(long version) {
    return version < 0 || version == evidenceVersion || evidence.evidence().reaches(version);
  }

  /** The newest evidence of each day. */
  NavigableMap<LocalDate, DayEvidence> evidence() {
    return evidenceAt(evidenceVersion);
  }

  /** The same as of another version. */
  NavigableMap<LocalDate, DayEvidence> evidenceAt(long version) {
    return evidenceAt.computeIfAbsent(
        version,
        of -> {
          NavigableMap<LocalDate, DayEvidence> byDay = new TreeMap<>();
          evidence.newestByDay(metrics.name(), of).forEach(one -> byDay.put(one.day(), one));
          return byDay;
        });
  }

  /** Gold's table, or the live view's, where there is one. */
  LakeTable table(Side side) {
    return side == Side.BATCH ? gold.table() : view().table();
  }

  /** The version of it; empty where there is none that can be read. */
  Optional<TableVersion> version(Side side) {
    return side == Side.BATCH ? goldVersion : liveVersion;
  }

  /** The days of which gold, or the live view, holds rows. */
  Set<LocalDate> days(Side side) {
    Set<LocalDate> days = new TreeSet<>();
    version(side)
        .ifPresent(
            of ->
                new TableFiles(spark, table(side).path())
                    .partitions(of.version(), EventParser.EVENT_DATE)
                    .forEach(day -> days.add(LocalDate.parse(day))));
    return days;
  }

  /** All closed days that either side holds, with the newest evidence of each. */
  NavigableMap<LocalDate, Optional<DayEvidence>> closedDays() {
    NavigableMap<LocalDate, Optional<DayEvidence>> closed = new TreeMap<>();
    for (Side side : Side.values()) {
      for (LocalDate day : days(side)) {
        if (isClosed(day)) {
          closed.put(day, Optional.ofNullable(evidence().get(day)));
        }
      }
    }
    return closed;
  }
}
