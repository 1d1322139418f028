package assay.views.materialized;

import assay.core.contract.Schedule;
import assay.core.contract.ViewQuery;
import assay.core.sql.TableName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Refreshes each view at its own times: never the same one twice at once, a slow one beside the
 * others, a missed time once however often it was missed, and a view behind those that it reads. A
 * view that fails is tried again later and later, and stops no other.
 */
public final class ViewScheduler {
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(10);
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(10);
  private static final Duration MOST_JITTER = Duration.ofSeconds(5);

  private final Map<TableName, Turn> turns = new HashMap<>();
  private final List<Turn> inOrder = new ArrayList<>();
  private final Clock clock;
  private final RandomGenerator random;
  private final Work work;
  private final ExecutorService pool;
  private boolean stopped;

  /** What is done at a view's time, in a thread of the scheduler's own. */
  @FunctionalInterface
  public interface Work {
    /**
     * Refreshes a view.
     *
     * @param at when the refresh began
     * @throws Exception where it failed; the scheduler only takes it for a reason to wait
     */
    void refresh(ViewQuery view, Instant at) throws Exception;
  }

  /** When one view is due. */
  private static final class Turn {
    private final ViewQuery view;

    /** By the schedule; that of the refresh that is under way, until it has ended. */
    private Instant planned;

    /** The same, spread. */
    private Instant due;

    private boolean running;
    private int failures;

    Turn(ViewQuery view, Instant planned) {
      this.view = view;
      this.planned = planned;
      this.due = planned;
    }
  }

  /**
   * Views in an order in which each finds what it reads.
   *
   * @param last when each was refreshed last; empty where it never was, and is due at once
   * @param threads how many views are refreshed at a time
   * @param random spreads views that are due at the same moment
   */
  public ViewScheduler(
      List<ViewQuery> views,
      Function<ViewQuery, Optional<Instant>> last,
      int threads,
      Clock clock,
      RandomGenerator random,
      Work work) {
    this.clock = clock;
    this.random = random;
    this.work = work;
    this.pool = Executors.newFixedThreadPool(threads);
    Instant now = clock.instant();
    for (ViewQuery view : views) {
      Turn turn =
          new Turn(view, last.apply(view).map(began -> view.schedule().next(began)).orElse(now));
      turns.put(view.query().table(), turn);
      inOrder.add(turn);
    }
  }

  /**
   * Refreshes views until {@link #stop} is called or the thread is interrupted, and then waits for
   * those that have begun.
   */
  public void run() throws InterruptedException {
    try {
      synchronized (this) {
        while (!stopped) {
          Instant now = clock.instant();
          inOrder.stream().filter(turn -> isReady(turn, now)).forEach(this::begin);
          wait(millisToNext(now));
        }
      }
    } finally {
      // Interrupted, it has not been stopped yet.
      stop();
      pool.shutdown();
      boolean unused = pool.awaitTermination(1, TimeUnit.HOURS);
    }
  }

  /** Begins no more, not even what is ready and waits for a thread. */
  public synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** When a view is due next; not before that. */
  public synchronized Instant due(ViewQuery view) {
    return turns.get(view.query().table()).due;
  }

  private boolean isReady(Turn turn, Instant now) {
    return !turn.running
        && !turn.due.isAfter(now)
        && turn.view.query().reads().stream()
            .filter(turns::containsKey)
            .map(turns::get)
            // Not for what a source is to do after that: one that is always late would never let
            // go.
            .allMatch(source -> source.planned.isAfter(turn.planned));
  }

  private void begin(Turn turn) {
    turn.running = true;
    pool.execute(
        () -> {
          if (isStopped()) {
            return;
          }
          Instant began = clock.instant();
          boolean good = false;
          try {
            work.refresh(turn.view, began);
            good = true;
          } catch (Exception e) {
            // Whoever does the work has told of it.
            good = false;
          } finally {
            end(turn, began, good);
          }
        });
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  private synchronized void end(Turn turn, Instant began, boolean good) {
    turn.running = false;
    turn.failures = good ? 0 : turn.failures + 1;
    if (good) {
      // From when it began: times that went by meanwhile come to one, at once.
      turn.planned = turn.view.schedule().next(began);
      turn.due = turn.planned.plus(jitter(turn.view.schedule()));
    } else {
      turn.planned = clock.instant().plus(backoff(turn.failures));
      turn.due = turn.planned;
    }
    notifyAll();
  }

  private Duration jitter(Schedule schedule) {
    Duration tenth =
        schedule instanceof Schedule.Every every ? every.interval().dividedBy(10) : MOST_JITTER;
    Duration most = tenth.compareTo(MOST_JITTER) < 0 ? tenth : MOST_JITTER;
    return Duration.ofMillis(random.nextLong(most.toMillis() + 1));
  }

  private static Duration backoff(int failures) {
    Duration longer = FIRST_BACKOFF.multipliedBy(1L << Math.min(Math.max(failures - 1, 0), 10));
    return longer.compareTo(LONGEST_BACKOFF) < 0 ? longer : LONGEST_BACKOFF;
  }

  private long millisToNext(Instant now) {
    return inOrder.stream()
        .filter(turn -> !turn.running && turn.due.isAfter(now))
        .mapToLong(turn -> Duration.between(now, turn.due).toMillis() + 1)
        .min()
        // Nothing is due by the clock: the end of a refresh wakes the thread.
        .orElse(1_000);
  }
}
