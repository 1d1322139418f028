package assay.core.runs;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Counts what the tasks of a session read and write, in bytes, shuffles left out. */
public final class TaskBytes extends SparkListener {
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong written = new AtomicLong();

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskMetrics() != null) {
      read.addAndGet(end.taskMetrics().inputMetrics().bytesRead());
      written.addAndGet(end.taskMetrics().outputMetrics().bytesWritten());
    }
  }

  public long read() {
    return read.get();
  }

  public long written() {
    return written.get();
  }
}
