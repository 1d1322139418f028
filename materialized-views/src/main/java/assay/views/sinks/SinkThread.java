package assay.views.sinks;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * Keeps one sink up to date beside the live query, which never waits for it. While a receiver does
 * not answer, what comes in the meantime collapses into one: the newest of each key.
 */
final class SinkThread implements AutoCloseable {
  private static final long FIRST_SILENCE = Duration.ofMinutes(1).toNanos();
  private static final long LONGEST_SILENCE = Duration.ofHours(1).toNanos();
  private static final long END_MILLIS = 10_000;

  private final SparkSession spark;
  private final SinkRun run;
  private final Patience patience;
  private final Duration every;
  private final Consumer<String> say;
  private final Semaphore news = new Semaphore(1);
  private final Thread thread;
  private volatile boolean closed;

  private int failures;
  private long silence = FIRST_SILENCE;
  private long saidAt;

  /**
   * @param every it looks for news that nobody told it
   * @param say told when it fails, at growing intervals, and when it has caught up
   */
  SinkThread(
      SparkSession spark, SinkRun run, Patience patience, Duration every, Consumer<String> say) {
    this.spark = spark;
    this.run = run;
    this.patience = patience;
    this.every = every;
    this.say = say;
    this.thread = new Thread(this::run, run.name());
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Tells that there may be something to send. */
  void wake() {
    if (news.availablePermits() == 0) {
      news.release();
    }
  }

  private void run() {
    // A pool of its own, so that much to send leaves the query its share of the cores.
    spark.sparkContext().setLocalProperty("spark.scheduler.pool", run.name());
    try {
      while (!closed) {
        attempt();
        if (failures > 0) {
          Thread.sleep(patience.rest(failures).toMillis());
        } else {
          boolean unused = news.tryAcquire(every.toMillis(), TimeUnit.MILLISECONDS);
          news.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      // By close() alone: nobody else knows the thread.
      Thread.currentThread().interrupt();
    }
  }

  private void attempt() {
    try {
      SparkSession.setActiveSession(spark);
      run.send();
      if (failures > 0) {
        say.accept(run.name() + " has caught up");
        failures = 0;
        silence = FIRST_SILENCE;
      }
      run.log().flushIfDue();
    } catch (Throwable e) {
      // Nothing may end it in silence.
      if (!closed) {
        failed(e);
      }
    }
  }

  private void failed(Throwable e) {
    failures++;
    long now = System.nanoTime();
    if (failures > 1 && now - saidAt < silence) {
      return;
    }
    silence = failures == 1 ? FIRST_SILENCE : Math.min(2 * silence, LONGEST_SILENCE);
    saidAt = now;
    String message = run.failed(e).getMessage();
    say.accept(message + "; it is tried again and again, and the live views go on");
    try {
      run.log().failed(message);
      run.log().flush();
    } catch (Exception f) {
      say.accept(run.name() + " could not be written to ops/sinks: " + f);
    }
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
