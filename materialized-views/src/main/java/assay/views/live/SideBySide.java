package assay.views.live;

import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.SparkSession;

/**
 * Commits side by side: each waits for storage and for the log more than it works. The threads are
 * children of the one that made this, so that the engine counts their jobs as that one's and ends
 * them with it.
 */
final class SideBySide implements AutoCloseable {
  private final SparkSession session;
  private final ExecutorService threads;
  private final List<Future<?>> begun = new ArrayList<>();

  SideBySide(SparkSession session) {
    this.session = session;
    this.threads =
        Executors.newFixedThreadPool(Math.max(2, Runtime.getRuntime().availableProcessors()));
  }

  void begin(Runnable work) {
    begun.add(
        threads.submit(
            () -> {
              SparkSession.setActiveSession(session);
              work.run();
            }));
  }

  /** Waits for all that was begun, and throws what ended the first that failed. */
  void awaitAll() {
    List<Future<?>> all = List.copyOf(begun);
    begun.clear();
    RuntimeException failure = null;
    for (Future<?> one : all) {
      try {
        one.get();
      } catch (InterruptedException e) {
        threads.shutdownNow();
        Thread.currentThread().interrupt();
        // In a shape that the engine takes for a stop.
        throw new UncheckedIOException(new InterruptedIOException("the live query was stopped"));
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        if (failure == null) {
          failure =
              e.getCause() instanceof RuntimeException known
                  ? known
                  : new IllegalStateException(e.getCause());
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
