package assay.core;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ConcurrentModificationException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkThrowable;
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
    } catch (IllegalStateException | IllegalArgumentException e) {
      // The engine refuses a second query over a checkpoint, or of a name, in one process.
      if (e.getMessage() == null || !e.getMessage().contains("already active")) {
        throw e;
      }
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          stage + " of " + domain + " runs in this process already",
          "wait until it has ended, then run the same command again",
          e);
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
      if (isAnotherRun(t)) {
        return new AssayException(
            ErrorCode.TRY_AGAIN,
            "another run of " + stage + " works on " + domain,
            "nothing is half done: wait until it has ended, then run the same command again",
            thrown);
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

  /** Two queries met in one checkpoint, or in the log of one table. */
  private static boolean isAnotherRun(Throwable thrown) {
    return thrown instanceof ConcurrentModificationException
        || (thrown instanceof SparkThrowable known
            && known.getCondition() != null
            && known.getCondition().startsWith("CONCURRENT_"));
  }

  /**
   * Refuses to go on where a checkpoint and a table that its query writes do not belong together.
   * Every micro-batch commits to such a table under its own number, and a number that the table
   * knows is skipped: with a checkpoint that was lost or put back from a copy, rows would be passed
   * over in silence; with a table that was moved away, they would never be read again.
   *
   * @param appId of the query's transactions in the table
   * @param first the number that the query's first micro-batch has there
   * @param again what happens once both are moved away, for the error's mend
   */
  public static void refuseForeignCheckpoint(
      SparkSession spark,
      String checkpoint,
      LakeTable table,
      String appId,
      long first,
      String again) {
    // In this order another run that works at the same time is not taken for a mismatch: a number
    // is planned before it is written to the table, and done after that.
    OptionalLong done = lastBatch(spark, checkpoint, "commits");
    OptionalLong written = lastWritten(table, appId, first);
    OptionalLong planned = lastBatch(spark, checkpoint, "offsets");
    String both = "move " + checkpoint + " and the tables of this stage away: " + again;
    if (written.isPresent() && planned.isEmpty()) {
      throw AssayException.failed(
          "the checkpoint " + checkpoint + " is gone, but " + table.path() + " was written with it",
          "restore it, or " + both);
    }
    if (written.isPresent() && written.getAsLong() > planned.getAsLong()) {
      throw AssayException.failed(
          "the checkpoint %s ends with micro-batch %d, but %s holds micro-batch %d already"
              .formatted(checkpoint, planned.getAsLong(), table.path(), written.getAsLong()),
          "put the newest checkpoint back, or " + both);
    }
    if (done.isPresent() && written.orElse(-1) < done.getAsLong()) {
      throw AssayException.failed(
          "the checkpoint %s holds micro-batch %d as done, but %s %s"
              .formatted(
                  checkpoint,
                  done.getAsLong(),
                  table.path(),
                  written.isPresent() ? "ends with " + written.getAsLong() : "was made without it"),
          "put the table back, or " + both);
    }
  }

  private static OptionalLong lastWritten(LakeTable table, String appId, long first) {
    OptionalLong number = table.exists() ? table.lastTransaction(appId) : OptionalLong.empty();
    return number.isPresent() && number.getAsLong() >= first
        ? OptionalLong.of(number.getAsLong() - first)
        : OptionalLong.empty();
  }

  /** The id of the query that a checkpoint belongs to; empty where there is no checkpoint. */
  public static Optional<String> queryId(SparkSession spark, String checkpoint) {
    Path metadata = new Path(checkpoint, "metadata");
    return text(spark, metadata)
        .map(
            text -> {
              try {
                return new ObjectMapper().readTree(text).path("id").asText();
              } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + metadata, e);
              }
            });
  }

  /**
   * Up to where a query's source is read, as the source writes it, behind the last micro-batch that
   * is done; empty before one is.
   */
  public static Optional<String> lastDone(SparkSession spark, String checkpoint) {
    OptionalLong done = lastBatch(spark, checkpoint, "commits");
    if (done.isEmpty()) {
      return Optional.empty();
    }
    Path planned = new Path(new Path(checkpoint, "offsets"), Long.toString(done.getAsLong()));
    // A line for the format, one for the query, one a source.
    return text(spark, planned)
        .orElseThrow(
            () -> new UncheckedIOException(new FileNotFoundException("cannot read " + planned)))
        .lines()
        .skip(2)
        .findFirst();
  }

  /**
   * Where a query's source began to read, as the source writes it; empty where the query has not
   * begun, or its source notes no such thing.
   */
  public static Optional<String> begun(SparkSession spark, String checkpoint) {
    // A byte for an old engine and a line for the format come first.
    return text(spark, new Path(checkpoint, "sources/0/0"))
        .filter(text -> text.contains("{"))
        .map(text -> text.substring(text.indexOf('{')));
  }

  /** Of a file of a checkpoint; empty where it is not there. */
  private static Optional<String> text(SparkSession spark, Path file) {
    try {
      FileSystem files = file.getFileSystem(spark.sessionState().newHadoopConf());
      if (!files.exists(file)) {
        return Optional.empty();
      }
      try (InputStream in = files.open(file)) {
        return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Removes a checkpoint, so that the query begins anew. */
  public static void removeCheckpoint(SparkSession spark, String checkpoint) {
    Path folder = new Path(checkpoint);
    try {
      FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
      if (files.exists(folder) && !files.delete(folder, true)) {
        throw new IOException("the file system refused");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }

  /** The highest number of a micro-batch in one of a checkpoint's logs. */
  private static OptionalLong lastBatch(SparkSession spark, String checkpoint, String log) {
    Path folder = new Path(checkpoint, log);
    try {
      FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
      return files.exists(folder)
          ? Stream.of(files.listStatus(folder))
              .map(file -> file.getPath().getName())
              .filter(name -> name.matches("[0-9]+"))
              .mapToLong(Long::parseLong)
              .max()
          : OptionalLong.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder, e);
    }
  }
}
