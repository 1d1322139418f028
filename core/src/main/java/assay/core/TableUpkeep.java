package assay.core;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import io.delta.tables.DeltaOptimizeBuilder;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaConfigs;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.catalog.DeltaTableV2;
import org.apache.spark.sql.delta.commands.VacuumCommand;
import scala.Option;

/**
 * The files of one Delta table: how many there are, how they are put together, and which of them no
 * version needs any more. None of it changes a row; for rows there is {@link LakeTable}.
 */
public final class TableUpkeep {
  /** A file below this many bytes costs more to open than to read. */
  public static final long SMALL_BYTES = 32L << 20;

  /** What files are put together to, in bytes: small enough that a look-up by key skips most. */
  public static final long TARGET_BYTES = 128L << 20;

  private final SparkSession spark;
  private final String path;

  public TableUpkeep(SparkSession spark, String path) {
    this.spark = spark;
    this.path = path;
  }

  /**
   * The files that stand in one partition as of the newest version.
   *
   * @param partition its value as text; empty where the table is not partitioned
   * @param small of {@code files}, those below {@link #SMALL_BYTES}
   * @param smallBytes of {@code bytes}, those in small files
   */
  public record Group(
      Optional<String> partition, long files, long bytes, long small, long smallBytes) {}

  /**
   * What a compaction replaced, and by how many files.
   *
   * @param removed files
   * @param added files, holding the same rows
   */
  public record Compacted(long removed, long added) {
    public static final Compacted NOTHING = new Compacted(0, 0);

    public Compacted plus(Compacted other) {
      return new Compacted(removed + other.removed, added + other.added);
    }
  }

  /**
   * How long a table keeps what is no longer needed for its newest version.
   *
   * @param log commits, which streams and readers of changes follow
   * @param deletedFiles data files that a newer version does without, until a vacuum comes
   * @param transactions the numbers by which a commit is known to have been made; empty for ever
   */
  public record Retention(Duration log, Duration deletedFiles, Optional<Duration> transactions) {}

  /** Files that a vacuum deletes, or would. */
  public record Deletion(long files, long bytes) {}

  /**
   * The files of each partition, ordered by partition.
   *
   * @param partitionColumn empty for all files as one group
   */
  public List<Group> groups(Optional<String> partitionColumn) {
    return groups(
        partitionColumn
            .map(name -> col("partitionValues").getItem(name))
            .orElse(lit(null).cast("string")));
  }

  /** The files of each partition, by the values of all its columns as one text. */
  public List<Group> groupsOfPartitions() {
    return groups(to_json(col("partitionValues")));
  }

  private List<Group> groups(Column partition) {
    Column small = col("size").lt(SMALL_BYTES);
    return snapshot()
        .allFiles()
        .toDF()
        .groupBy(partition.as("partition"))
        .agg(
            count(lit(1)),
            sum(col("size")),
            count_if(small),
            sum(when(small, col("size")).otherwise(0L)))
        .orderBy(col("partition"))
        .collectAsList()
        .stream()
        .map(
            row ->
                new Group(
                    Optional.ofNullable(row.getString(0)),
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4)))
        .toList();
  }

  /** Puts small files together and leaves the others as they are, in one commit without a row. */
  public Compacted compact(Optional<String> partitions) {
    return optimize(partitions, DeltaOptimizeBuilder::executeCompaction);
  }

  /**
   * Writes all files of some partitions anew, rows with nearby keys together, in one commit without
   * a row.
   *
   * @param by columns other than those that the table is partitioned by
   */
  public Compacted order(Optional<String> partitions, List<String> by) {
    return optimize(partitions, o -> o.executeZOrderBy(by.toArray(String[]::new)));
  }

  private interface Optimize {
    Dataset<Row> execute(DeltaOptimizeBuilder builder);
  }

  private Compacted optimize(Optional<String> partitions, Optimize how) {
    // Sizes come from the session's settings: nobody else should compact by them.
    SparkSession session = spark.newSession();
    session.conf().set("spark.databricks.delta.optimize.minFileSize", SMALL_BYTES);
    session.conf().set("spark.databricks.delta.optimize.maxFileSize", TARGET_BYTES);
    // A key column behind those that have statistics gains nothing by the order, and loses nothing.
    session
        .conf()
        .set("spark.databricks.delta.optimize.zorder.checkStatsCollection.enabled", false);
    DeltaOptimizeBuilder builder = DeltaTable.forPath(session, path).optimize();
    try {
      Row metrics = how.execute(partitions.map(builder::where).orElse(builder)).head().getStruct(1);
      return new Compacted(
          metrics.<Long>getAs("numFilesRemoved"), metrics.<Long>getAs("numFilesAdded"));
    } catch (ConcurrentModificationException e) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "another run wrote the files of " + path + " that were to be put together",
          "nothing is half done: wait until the other run has ended, then run the same command again",
          e);
    }
  }

  /**
   * Since when {@code version} has not been the newest any more, that is, the moment of the commit
   * behind it: no file of it was given up before. {@link Instant#MIN} where the log does not tell.
   *
   * @return empty where it is the newest
   */
  public Optional<Instant> supersededAt(long version) {
    long behind = snapshot().version() - version;
    if (behind <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        DeltaTable.forPath(spark, path)
            .history(Math.toIntExact(behind))
            .where(col("version").equalTo(version + 1))
            .select("timestamp")
            .collectAsList()
            .stream()
            .map(row -> row.getInstant(0))
            .findFirst()
            .orElse(Instant.MIN));
  }

  public Retention retention() {
    Metadata metadata = snapshot().metadata();
    Option<Object> transactions = DeltaLog.minSetTransactionRetentionInterval(metadata);
    return new Retention(
        Duration.ofMillis(
            DeltaConfigs.getMilliSeconds(DeltaConfigs.LOG_RETENTION().fromMetaData(metadata))),
        Duration.ofMillis(DeltaLog.tombstoneRetentionMillis(metadata)),
        transactions.isDefined()
            ? Optional.of(Duration.ofMillis((Long) transactions.get()))
            : Optional.empty());
  }

  /** Whether readers follow the table's changes row by row, in files that a vacuum takes away. */
  public boolean feedsChanges() {
    return (Boolean) DeltaConfigs.CHANGE_DATA_FEED().fromMetaData(snapshot().metadata());
  }

  /** What {@link #vacuum} would delete. Lists every file of the table. */
  public Deletion vacuumable(Duration retain, Clock clock) {
    List<Path> paths =
        collect(retain, clock, true).stream().map(row -> new Path(row.getString(0))).toList();
    Map<Path, Set<String>> byFolder = new TreeMap<>();
    paths.forEach(
        p -> byFolder.computeIfAbsent(p.getParent(), f -> new HashSet<>()).add(p.getName()));
    long files = 0;
    long bytes = 0;
    for (Map.Entry<Path, Set<String>> entry : byFolder.entrySet()) {
      for (FileStatus status : list(entry.getKey())) {
        if (status.isFile() && entry.getValue().contains(status.getPath().getName())) {
          files++;
          bytes += status.getLen();
        }
      }
    }
    return new Deletion(files, bytes);
  }

  /**
   * Deletes files that no version needs which was the newest at some time in the last {@code
   * retain}, and files as old that no commit ever named, and writes no commit.
   *
   * @param retain at least what the table itself asks for, see {@link Retention#deletedFiles}
   */
  public void vacuum(Duration retain, Clock clock) {
    collect(retain, clock, false);
  }

  private List<Row> collect(Duration retain, Clock clock, boolean dryRun) {
    SparkSession session = spark.newSession();
    // Two commits without an action would make those that follow the table believe it went on.
    session.conf().set("spark.databricks.delta.vacuum.logging.enabled", false);
    // Otherwise the time to retain is taken from the table alone, and what is asked for is ignored.
    session.conf().set("spark.databricks.delta.vacuum.retentionWindowIgnore.enabled", false);
    // Folders are listed by so many tasks, and the default is ten thousand.
    session
        .conf()
        .set(
            "spark.sql.sources.parallelPartitionDiscovery.parallelism",
            spark.sparkContext().defaultParallelism());
    return VacuumCommand.gc(
            session,
            DeltaTableV2.apply(
                session,
                new Path(path),
                Option.empty(),
                Option.empty(),
                scala.collection.immutable.Map$.MODULE$.empty(),
                Option.empty()),
            dryRun,
            Option.apply((Object) (retain.toMinutes() / 60.0)),
            Option.empty(),
            Option.empty(),
            scala.collection.immutable.Map$.MODULE$.empty(),
            new EngineClock(clock))
        .collectAsList();
  }

  private List<FileStatus> list(Path folder) {
    try {
      FileSystem files = folder.getFileSystem(spark.sessionState().newHadoopConf());
      return List.of(files.listStatus(folder));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  private Snapshot snapshot() {
    return DeltaLog.forTable(spark, path).update(false, Option.empty(), Option.empty());
  }

  /** The engine asks a clock of its own kind. */
  private record EngineClock(Clock clock) implements org.apache.spark.util.Clock {
    @Override
    public long getTimeMillis() {
      return clock.millis();
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public long waitTillTime(long targetTime) {
      throw new UnsupportedOperationException("a vacuum waits for nothing");
    }
  }
}
