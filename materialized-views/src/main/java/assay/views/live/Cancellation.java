package assay.views.live;

import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;

/** Tells the end that a query was put to from what went wrong in it. */
final class Cancellation {
  private Cancellation() {}

  static boolean is(Throwable thrown) {
    return Thread.currentThread().isInterrupted()
        || Stream.iterate(thrown, t -> t != null, Throwable::getCause)
            .anyMatch(
                t ->
                    t instanceof InterruptedException
                        || t instanceof InterruptedIOException
                        || t instanceof ClosedByInterruptException
                        || (t instanceof SparkThrowable known
                            && "SPARK_JOB_CANCELLED".equals(known.getCondition())));
  }
}
