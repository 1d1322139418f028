package assay.reconciliation.serving;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.struct;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.core.contract.Promotion;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.serving.Trouble.Kind;
import assay.silver.Silver;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Whether a live view is fit to be read: by its definition, its circuit, its evidence and how far
 * it is behind bronze. What was found out for a version is not looked up again.
 */
final class StreamHealth {
  private final Contract contract;
  private final MetricSet metrics;
  private final LiveTables tables;
  private final Silver silver;
  private final LakeTable bronze;
  private final LakeTable freshness;

  private Optional<Read> read = Optional.empty();
  private Optional<Failure> failure = Optional.empty();
  private long freshnessVersion = -1;

  /** When the first row came that a version of the view has not read of a version of bronze. */
  private record Read(long bronze, long live, Optional<Instant> firstUnread) {}

  private record Failure(Instant at, Optional<String> error) {}

  StreamHealth(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this.contract = contract;
    this.metrics = metrics;
    this.tables = new LiveTables(spark, lake, contract);
    this.silver = new Silver(spark, lake, contract);
    this.bronze = new LakeTable(spark, lake.bronze(contract.domain()));
    this.freshness = new LakeTable(spark, lake.freshness());
  }

  /**
   * All that is wrong now.
   *
   * @param since the first day whose evidence must not be red; empty where that of none counts
   */
  List<Trouble> troubles(ServingSources sources, Optional<LocalDate> since, Instant now) {
    if (sources.liveVersion().isEmpty()) {
      return List.of(
          new Trouble(
              Kind.DEFINITION,
              metrics.live().isEmpty() || !sources.table(Side.LIVE).exists()
                  ? "there is no live view " + metrics.name()
                  : "the live view was accumulated under another definition",
              List.of()));
    }
    List<Trouble> troubles = new ArrayList<>();
    circuit(sources.view(), now).ifPresent(troubles::add);
    since.flatMap(day -> red(sources, day)).ifPresent(troubles::add);
    lag(sources.view(), now).ifPresent(troubles::add);
    return troubles;
  }

  private static Optional<Trouble> red(ServingSources sources, LocalDate since) {
    List<DayEvidence> red =
        sources.evidence().tailMap(since, true).values().stream().filter(DayEvidence::red).toList();
    return red.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Trouble(
                Kind.DIVERGED,
                DayEvidence.inWords(red),
                red.stream().map(DayEvidence::evidenceId).toList()));
  }

  private Optional<Trouble> lag(LiveView view, Instant now) {
    Duration promised =
        metrics.promote().map(Promotion::freshWithin).orElse(Promotion.FRESH_WITHIN);
    return behind(view, now)
        .filter(behind -> behind.compareTo(promised) > 0)
        .map(
            behind ->
                new Trouble(
                    Kind.LAG,
                    "the live view has not read what came %s ago, `fresh_within` is %s"
                        .formatted(inWords(behind), inWords(promised)),
                    List.of()));
  }

  /** How long the oldest row that the view has not read is in bronze; empty where it has all. */
  private Optional<Duration> behind(LiveView view, Instant now) {
    long bronzeVersion = bronze.version();
    long live = view.table().version();
    boolean known =
        read.filter(of -> of.bronze() == bronzeVersion && of.live() == live).isPresent();
    if (!known) {
      Optional<Instant> firstUnread =
          bronzeVersion < 0
              ? Optional.empty()
              : silver.firstUnread(bronzeVersion, tables.reads().cut(view.lastBatch(live)));
      read = Optional.of(new Read(bronzeVersion, live, firstUnread));
    }
    return read.flatMap(Read::firstUnread).map(unread -> Duration.between(unread, now));
  }

  private static String inWords(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 120 ? seconds + " seconds" : duration.toMinutes() + " minutes";
  }

  /** A circuit that is open leaves its trace in {@code ops/freshness} until the view commits. */
  private Optional<Trouble> circuit(LiveView view, Instant now) {
    long version = freshness.version();
    if (version < 0) {
      return Optional.empty();
    }
    if (version != freshnessVersion) {
      failure = newest(version, now);
      freshnessVersion = version;
    }
    Instant committed = view.table().committedAt(view.table().version());
    return failure
        .filter(of -> of.at().isAfter(committed))
        .flatMap(Failure::error)
        .map(error -> new Trouble(Kind.CIRCUIT, "its circuit is open: " + error, List.of()));
  }

  private Optional<Failure> newest(long version, Instant now) {
    LocalDate yesterday = LocalDate.ofInstant(now, ZoneOffset.UTC).minus(1, ChronoUnit.DAYS);
    Row row =
        freshness
            .readAt(version)
            .where(col("run_date").geq(lit(yesterday)))
            .where(col("domain").equalTo(contract.domain()))
            .where(col("view").equalTo(metrics.name()))
            .agg(max_by(struct(col("to"), col("error")), col("to")).as("newest"))
            .head();
    return row.isNullAt(0)
        ? Optional.empty()
        : Optional.of(
            new Failure(
                row.getStruct(0).getAs("to"),
                Optional.ofNullable(row.getStruct(0).getAs("error"))));
  }
}
