package assay.cli;

import assay.core.StreamRun;
import assay.core.StreamRun.Running;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQueryException;

/** Keeps streaming queries running in the foreground. */
final class Streams {
  private Streams() {}

  /**
   * Starts the queries and waits until one fails or the process is told to stop (Ctrl-C, SIGTERM),
   * which is safe at any moment: every micro-batch is whole or not there.
   */
  static void runUntilStopped(
      SparkSession spark, List<Supplier<Running>> queries, Progress progress) {
    List<Running> running = new ArrayList<>();
    for (Supplier<Running> query : queries) {
      Running started = query.get();
      running.add(started);
      progress.say(started.stage() + " of " + started.domain() + " runs; Ctrl-C stops it");
    }
    try {
      spark.streams().awaitAnyTermination();
    } catch (StreamingQueryException e) {
      Running failed =
          running.stream()
              .filter(r -> r.query().exception().isDefined())
              .findFirst()
              .orElse(running.get(0));
      throw StreamRun.asAssay(failed.stage(), failed.domain(), e);
    }
  }
}
