package assay.reconciliation.serving;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Live;
import assay.core.contract.MetricSet;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * Publishes the live metric sets of a domain beside its live query, each at its own interval. The
 * query never waits for it.
 */
public final class ServingPublisher implements AutoCloseable {
  private static final long FIRST_SILENCE = Duration.ofMinutes(1).toNanos();
  private static final long LONGEST_SILENCE = Duration.ofHours(1).toNanos();
  private static final long END_MILLIS = 10_000;

  private final SparkSession spark;
  private final Consumer<Published> published;
  private final Consumer<String> say;
  private final List<Turn> turns = new ArrayList<>();
  private final Thread thread;
  private volatile boolean closed;

  /** One metric set, and when it is published next. */
  private static final class Turn {
    private final Serving serving;
    private final long every;
    private long due = System.nanoTime();
    private int failures;
    private long silence = FIRST_SILENCE;
    private long saidAt;

    private Turn(Serving serving, Duration every) {
      this.serving = serving;
      this.every = every.toNanos();
    }
  }

  /**
   * A publisher that has not begun.
   *
   * @param published told of each publish that ended well
   * @param say told when one fails, at growing intervals, and when it goes on, from any thread
   */
  public ServingPublisher(
      SparkSession spark,
      Lake lake,
      Contract contract,
      Steps steps,
      Consumer<Published> published,
      Consumer<String> say) {
    this.spark = spark;
    this.published = published;
    this.say = say;
    for (MetricSet metrics : contract.liveMetrics()) {
      turns.add(
          new Turn(
              new Serving(spark, lake, contract, metrics, Clock.systemUTC(), steps),
              metrics.live().map(Live::publish).orElseThrow()));
    }
    this.thread = new Thread(this::run, "serving " + contract.domain());
    thread.setDaemon(true);
  }

  /** Begins to publish, until closed. */
  public void start() {
    thread.start();
  }

  private void run() {
    // A pool of its own, so that much to publish leaves the query its share of the cores.
    spark.sparkContext().setLocalProperty("spark.scheduler.pool", thread.getName());
    try {
      while (!closed && !turns.isEmpty()) {
        long next = Long.MAX_VALUE;
        for (Turn turn : turns) {
          if (turn.due - System.nanoTime() <= 0) {
            turn.due = System.nanoTime() + turn.every;
            attempt(turn);
          }
          next = Math.min(next, turn.due - System.nanoTime());
        }
        Thread.sleep(Math.max(1, Duration.ofNanos(Math.max(0, next)).toMillis()));
      }
    } catch (InterruptedException e) {
      // By close() alone: nobody else knows the thread.
      Thread.currentThread().interrupt();
    }
  }

  private void attempt(Turn turn) {
    try {
      SparkSession.setActiveSession(spark);
      published.accept(turn.serving.publish());
      if (turn.failures > 0) {
        say.accept("serving." + turn.serving.metrics() + " is published again");
        turn.failures = 0;
        turn.silence = FIRST_SILENCE;
      }
    } catch (Throwable e) {
      // Nothing may end it in silence.
      if (!closed) {
        failed(turn, e);
      }
    }
  }

  private void failed(Turn turn, Throwable e) {
    turn.failures++;
    long now = System.nanoTime();
    if (turn.failures > 1 && now - turn.saidAt < turn.silence) {
      return;
    }
    turn.silence = turn.failures == 1 ? FIRST_SILENCE : Math.min(2 * turn.silence, LONGEST_SILENCE);
    turn.saidAt = now;
    say.accept(
        "serving.%s could not be published: %s; it is tried again and again, and the live views go"
                .formatted(turn.serving.metrics(), e.getMessage())
            + " on");
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
