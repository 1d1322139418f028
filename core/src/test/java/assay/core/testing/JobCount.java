package assay.core.testing;

import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.SparkSession;

/** Counts the engine's jobs of one thread; other classes run theirs at the same time. */
public final class JobCount {
  private static final String COUNTED = "assay.counted";
  private static final long MOST_MILLIS = 60_000;

  private JobCount() {}

  /** How many jobs the action starts. */
  public static int of(SparkSession spark, Runnable action) throws TimeoutException {
    SparkContext context = spark.sparkContext();
    AtomicInteger jobs = new AtomicInteger();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            if (start.properties().containsKey(COUNTED)) {
              jobs.incrementAndGet();
            }
          }
        };
    context.addSparkListener(listener);
    context.setLocalProperty(COUNTED, "");
    try {
      action.run();
      context.listenerBus().waitUntilEmpty(MOST_MILLIS);
    } finally {
      context.setLocalProperty(COUNTED, null);
      context.removeSparkListener(listener);
    }
    return jobs.get();
  }
}
