package assay.views.live;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable.Later;
import assay.core.Steps;
import assay.core.TableChange;
import assay.core.contract.Contract;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Hands each micro-batch to a domain's views, each for itself. A view takes a micro-batch only
 * where it holds the one before it. One that fails three times opens its circuit: it is left
 * behind, the others go on, and it is tried again after a while, from bronze. Once it stands where
 * the others do it takes part again.
 */
final class ViewFeed {
  private static final int ATTEMPTS = 3;
  private static final Duration FIRST_REST = Duration.ofSeconds(30);
  private static final Duration LONGEST_REST = Duration.ofMinutes(10);

  /** So many micro-batches are made up for on the way; more of them in a thread of their own. */
  private static final long ON_THE_WAY = 8;

  private final Lake lake;
  private final Lake written;
  private final Contract contract;
  private final Steps steps;
  private final Generation generation;
  private final Clock clock;
  private final Optional<FreshnessLog> freshness;
  private final Map<String, Circuit> circuits = new ConcurrentHashMap<>();

  /**
   * A feed for one query.
   *
   * @param freshness where it is measured, empty where what is read is old by design
   */
  ViewFeed(
      Lake lake,
      Lake written,
      Contract contract,
      Steps steps,
      Generation generation,
      Clock clock,
      Optional<FreshnessLog> freshness) {
    this.lake = lake;
    this.written = written;
    this.contract = contract;
    this.steps = steps;
    this.generation = generation;
    this.clock = clock;
    this.freshness = freshness;
  }

  /**
   * Whether a view is left behind.
   *
   * @param again when it is tried again
   */
  private record Circuit(Throwable cause, Duration rest, Instant again, boolean building) {}

  /** Whether a view does not hold a micro-batch yet. */
  boolean awaits(List<LiveView> views, long batchId) {
    return views.stream()
        .anyMatch(v -> v.table().lastTransaction(v.transactionId()).orElse(-1) < batchId);
  }

  /** Hands over a micro-batch. */
  void feed(
      List<LiveView> views, Dataset<Row> judged, long batchId, Arrivals arrivals, long state) {
    AtomicInteger fed = new AtomicInteger();
    try (SideBySide work = new SideBySide(judged.sparkSession())) {
      for (LiveView view : views) {
        boolean alone = views.size() == 1;
        work.begin(
            () -> {
              if (feed(view, judged, batchId, arrivals, state, alone)) {
                fed.incrementAndGet();
              }
            });
      }
      work.awaitAll();
    }
    if (fed.get() == 0) {
      // A query that feeds nobody would leave no trace of how far it has read.
      LiveView first = views.get(0);
      Circuit open = circuits.get(first.name());
      throw ViewBuild.failed(first, open == null ? behind(first) : open.cause());
    }
    freshness.ifPresent(log -> flush(log, judged.sparkSession()));
  }

  /** What was measured is not worth a query. */
  private void flush(FreshnessLog log, SparkSession spark) {
    try {
      log.flush(spark, clock.instant());
    } catch (Exception e) {
      if (Cancellation.is(e)) {
        throw e;
      }
      steps.reached(LiveStage.STAGE, "freshness could not be written to ops/freshness: " + e);
    }
  }

  /** Whether the view holds the micro-batch now. */
  private boolean feed(
      LiveView view,
      Dataset<Row> judged,
      long batchId,
      Arrivals arrivals,
      long state,
      boolean alone) {
    Circuit open = circuits.get(view.name());
    if (open != null && (open.building() || clock.instant().isBefore(open.again()))) {
      return false;
    }
    boolean taken = false;
    for (int attempt = 1; !taken; attempt++) {
      try {
        taken = take(view, judged, batchId, alone);
        if (!taken) {
          return false;
        }
      } catch (Exception e) {
        // Scala declares none of what it throws.
        if (Cancellation.is(e) || isRedefined(view)) {
          throw e;
        }
        if (attempt == ATTEMPTS || open != null) {
          open(view, e, open == null ? FIRST_REST : longer(open.rest()));
          return false;
        }
      }
    }
    if (circuits.remove(view.name()) != null) {
      say(batchId, view.name() + " has caught up and takes part again");
    }
    freshness.ifPresent(log -> log.record(view.name(), arrivals.ages(), clock.instant(), state));
    say(batchId, view.table().path() + " committed");
    return true;
  }

  /** Whether it was built again under another definition; not known where its log is unreadable. */
  private static boolean isRedefined(LiveView view) {
    try {
      return view.otherDefinition().isPresent();
    } catch (Exception e) {
      return false;
    }
  }

  /**
   * Whether the view holds the micro-batch now; it is built beside the query, or at its end,
   * otherwise.
   *
   * @param alone whether no other view would be held up
   */
  private boolean take(LiveView view, Dataset<Row> judged, long batchId, boolean alone) {
    SparkSession spark = judged.sparkSession();
    for (int round = 0; round < ATTEMPTS; round++) {
      // What is looked at after this is no older, and the commit refuses what came later.
      long version = view.table().version();
      OptionalLong last = view.lastBatch(version);
      if (last.isPresent() && last.getAsLong() >= batchId) {
        return true;
      }
      if (view.otherDefinition().isPresent()) {
        throw new AssayException(
            ErrorCode.TRY_AGAIN,
            view.name() + " was built again under another definition while this query ran",
            "run the same command again: it goes on under today's contract");
      }
      if (batchId == generation.first() || last.equals(OptionalLong.of(batchId - 1))) {
        view.table()
            .commit(
                version,
                TableChange.exchange(
                    Optional.of(view.accumulate(judged)),
                    Optional.empty(),
                    Map.of(view.transactionId(), batchId)),
                Later.REFUSE);
        return true;
      }
      long missing = batchId - last.orElse(generation.first() - 1);
      if (missing > ON_THE_WAY && !alone) {
        if (freshness.isPresent()) {
          buildBeside(spark, view, batchId - 1);
        }
        return false;
      }
      build(spark).catchUp(view, batchId - 1);
    }
    throw new AssayException(
        ErrorCode.TRY_AGAIN,
        "other runs write " + view.table().path() + " all the time",
        "wait until they have ended");
  }

  /**
   * Brings up those that were left behind, where the query has ended.
   *
   * @throws AssayException where one cannot be
   */
  void finish(SparkSession spark) {
    LiveTables tables = new LiveTables(spark, written, contract);
    OptionalLong newest = tables.lastBatch();
    if (newest.isEmpty() || !Generation.of(newest).equals(generation)) {
      return;
    }
    AssayException failure = null;
    for (LiveView view : tables.views()) {
      try {
        build(spark).catchUp(view, newest.getAsLong());
      } catch (Exception e) {
        AssayException failed = ViewBuild.failed(view, e);
        if (failure == null) {
          failure = failed;
        } else {
          failure.addSuppressed(failed);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void buildBeside(SparkSession spark, LiveView view, long to) {
    circuits.put(view.name(), new Circuit(behind(view), FIRST_REST, clock.instant(), true));
    Thread thread =
        new Thread(
            () -> {
              try {
                build(spark).catchUp(view, to);
                circuits.remove(view.name());
              } catch (Throwable e) {
                open(view, e, LONGEST_REST);
              }
            },
            "live rebuild " + view.name());
    thread.setDaemon(true);
    thread.start();
  }

  private static AssayException behind(LiveView view) {
    return AssayException.failed(view.name() + " is behind", "it is being built from bronze");
  }

  private ViewBuild build(SparkSession spark) {
    return new ViewBuild(spark, lake, written, contract);
  }

  private void open(LiveView view, Throwable cause, Duration rest) {
    circuits.put(view.name(), new Circuit(cause, rest, clock.instant().plus(rest), false));
    freshness.ifPresent(log -> log.failed(view.name(), cause));
    steps.reached(
        LiveStage.STAGE,
        ViewBuild.failed(view, cause).getMessage() + "; tried again in " + rest.toSeconds() + " s");
  }

  private static Duration longer(Duration rest) {
    Duration twice = rest.multipliedBy(2);
    return twice.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : twice;
  }

  /** One at a time, whichever thread it comes from. */
  private void say(long batchId, String step) {
    synchronized (circuits) {
      steps.reached(LiveStage.STAGE, "batch " + batchId + ": " + step);
    }
  }
}
