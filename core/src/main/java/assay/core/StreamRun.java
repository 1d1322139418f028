package assay.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;

/** Starts and ends streaming queries in one way, with errors in Assay's words. */
public final class StreamRun {
  private StreamRun() {}

  /** A query that runs on, and the stage and domain it runs for. */
  public record Running(String stage, String domain, StreamingQuery query) {}

  public static StreamingQuery start(String stage, String domain, DataStreamWriter<Row> writer) {
    try {
      return writer.queryName(stage + " " + domain).start();
    } catch (TimeoutException e) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          stage + " of " + domain + " did not start in time",
          "run the same command again",
          e);
    }
  }

  /** Waits for the query's end; what stopped it comes back as the exception of the stage. */
  public static void awaitEnd(String stage, String domain, StreamingQuery query) {
    try {
      query.awaitTermination();
    } catch (StreamingQueryException e) {
      throw asAssay(stage, domain, e);
    }
  }

  /** The stage's own exception where there is one in the chain of causes. */
  public static AssayException asAssay(String stage, String domain, Throwable thrown) {
    Throwable deepest = thrown;
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof AssayException known) {
        return known;
      }
      deepest = t;
    }
    String said = deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
    return new AssayException(
        ErrorCode.FAILED,
        stage + " of " + domain + " stopped: " + said.lines().findFirst().orElse(said),
        "nothing is half done: mend the cause and run the same command again",
        thrown);
  }

  /**
   * Refuses to start a query anew over a table that an earlier one wrote: its first micro-batches
   * would bear numbers that the table already knows, and would be skipped in silence.
   */
  public static void refuseLostCheckpoint(
      SparkSession spark, String checkpoint, LakeTable table, String appId) {
    if (table.exists()
        && table.lastTransaction(appId).isPresent()
        && !hasCheckpoint(spark, checkpoint)) {
      throw AssayException.failed(
          "the checkpoint " + checkpoint + " is gone, but " + table.path() + " was written with it",
          "restore it, or move the tables of this stage away: they are then built again from bronze");
    }
  }

  /** Whether the engine has written progress there. */
  public static boolean hasCheckpoint(SparkSession spark, String checkpoint) {
    Path offsets = new Path(checkpoint, "offsets");
    try {
      FileSystem files = offsets.getFileSystem(spark.sessionState().newHadoopConf());
      return files.exists(offsets) && files.listStatus(offsets).length > 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + checkpoint, e);
    }
  }
}
