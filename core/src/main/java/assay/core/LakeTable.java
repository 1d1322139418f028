package assay.core;

import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One Delta table of the lake: the only door to Delta's log. Everything that is written goes
 * through {@link #append}, {@link #replaceWhere} or {@link #upsert}, each of which happens once per
 * {@link Transaction}.
 */
public final class LakeTable {
  /** Keeps the tables readable by common BI readers. */
  private static final Map<String, String> PLAIN =
      Map.of("delta.enableDeletionVectors", "false", "delta.columnMapping.mode", "none");

  private final SparkSession spark;
  private final String path;

  public LakeTable(SparkSession spark, String path) {
    this.spark = spark;
    this.path = path;
  }

  public String path() {
    return path;
  }

  public boolean exists() {
    return snapshot().version() >= 0;
  }

  /** Creates the table where there is none; an existing one stays as it is. */
  public void createIfAbsent(
      StructType schema, List<String> partitionBy, Map<String, String> more) {
    if (exists()) {
      return;
    }
    DeltaTableBuilder builder =
        DeltaTable.createIfNotExists(spark)
            .location(path)
            .addColumns(schema)
            .partitionedBy(partitionBy.toArray(String[]::new));
    PLAIN.forEach(builder::property);
    more.forEach(builder::property);
    builder.execute();
  }

  public void createIfAbsent(StructType schema, List<String> partitionBy) {
    createIfAbsent(schema, partitionBy, Map.of());
  }

  /** The newest version, or -1 where there is no table. */
  public long version() {
    return snapshot().version();
  }

  public Optional<String> property(String key) {
    Option<String> value = snapshot().metadata().configuration().get(key);
    return value.isDefined() ? Optional.of(value.get()) : Optional.empty();
  }

  public StructType schemaAt(long version) {
    return snapshotAt(version).metadata().schema();
  }

  /** The id that the table got when it was created; a table made anew has another. */
  public String id() {
    return snapshot().metadata().id();
  }

  /** The highest version that {@code appId} committed, as of the newest version. */
  public OptionalLong lastTransaction(String appId) {
    return transactionOf(snapshot(), appId);
  }

  /** The highest version that {@code appId} had committed as of {@code version}. */
  public OptionalLong lastTransactionAt(long version, String appId) {
    return transactionOf(snapshotAt(version), appId);
  }

  public Dataset<Row> read() {
    return spark.read().format("delta").load(path);
  }

  public Dataset<Row> readAt(long version) {
    return spark.read().format("delta").option("versionAsOf", version).load(path);
  }

  /**
   * Reads the table as a stream, commit by commit in their order. Without a starting version the
   * engine would begin with the newest snapshot, its files ordered by time of writing; that is what
   * is left once the log's beginning was cleaned away.
   */
  public Dataset<Row> readStream() {
    DataStreamReader reader = spark.readStream().format("delta");
    return (hasFirstCommit() ? reader.option("startingVersion", 0) : reader).load(path);
  }

  private boolean hasFirstCommit() {
    Path first = new Path(path, "_delta_log/00000000000000000000.json");
    try {
      return first.getFileSystem(spark.sessionState().newHadoopConf()).exists(first);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + first, e);
    }
  }

  /** Appends rows; a second call with the same transaction does nothing. */
  public void append(Dataset<Row> rows, Transaction transaction) {
    once(rows.write().format("delta").mode(SaveMode.Append), transaction).save(path);
  }

  /** Replaces the rows that match {@code predicate} in one commit, once per transaction. */
  public void replaceWhere(Dataset<Row> rows, String predicate, Transaction transaction) {
    once(rows.write().format("delta").mode(SaveMode.Overwrite), transaction)
        .option("replaceWhere", predicate)
        .save(path);
  }

  /** Replaces all rows, the schema and the partitioning in one commit, once per transaction. */
  public void replaceAll(Dataset<Row> rows, List<String> partitionBy, Transaction transaction) {
    once(rows.write().format("delta").mode(SaveMode.Overwrite), transaction)
        .partitionBy(partitionBy.toArray(String[]::new))
        .option("overwriteSchema", "true")
        .save(path);
  }

  /**
   * Updates the rows that match and inserts the others in one commit, once per transaction.
   *
   * @param condition over {@code target} and {@code source}; literal bounds on partition columns in
   *     it are what keeps the cost from growing with the table
   */
  public void upsert(Dataset<Row> source, Column condition, Transaction transaction) {
    // A MERGE takes its transaction from the session's settings, not from options.
    SparkSession session = spark.newSession();
    session.conf().set("spark.databricks.delta.write.txnAppId", transaction.appId());
    session.conf().set("spark.databricks.delta.write.txnVersion", transaction.version());
    session.conf().set("spark.databricks.delta.write.txnVersion.autoReset.enabled", true);
    DeltaTable.forPath(session, path)
        .as("target")
        .merge(source.as("source"), condition)
        .whenMatched()
        .updateAll()
        .whenNotMatched()
        .insertAll()
        .execute();
  }

  /**
   * The values of {@code partitionColumn} whose rows changed in the versions after {@code after} up
   * to {@code to}, both sides of every change counted; commits that only rearrange files are left
   * out.
   *
   * @return empty where the log no longer reaches back that far
   */
  public Optional<Set<String>> partitionsChanged(String partitionColumn, long after, long to) {
    Set<String> changed = new TreeSet<>();
    if (after >= to) {
      return Optional.of(changed);
    }
    // Without failing on gaps, so that a first commit other than the next one tells that the log
    // was
    // cleaned up to there.
    Iterator<Tuple2<Object, scala.collection.immutable.Seq<Action>>> commits =
        log().getChanges(after + 1, to, Option.empty(), false);
    long expected = after + 1;
    while (commits.hasNext()) {
      Tuple2<Object, scala.collection.immutable.Seq<Action>> commit = commits.next();
      if ((Long) commit._1() != expected++) {
        return Optional.empty();
      }
      for (Action action : CollectionConverters.asJava(commit._2())) {
        if (action instanceof AddFile add && add.dataChange()) {
          changed.add(add.partitionValues().apply(partitionColumn));
        } else if (action instanceof RemoveFile remove && remove.dataChange()) {
          changed.add(remove.partitionValues().apply(partitionColumn));
        }
      }
    }
    return expected == to + 1 ? Optional.of(changed) : Optional.empty();
  }

  /** A quoted list for {@code IN (…)} over dates. */
  public static String dates(Set<String> days) {
    return days.stream().map(d -> "DATE'" + d + "'").collect(Collectors.joining(", ", "(", ")"));
  }

  private static DataFrameWriter<Row> once(DataFrameWriter<Row> writer, Transaction transaction) {
    return writer
        .option("txnAppId", transaction.appId())
        .option("txnVersion", transaction.version());
  }

  private static OptionalLong transactionOf(Snapshot snapshot, String appId) {
    Option<Object> version = snapshot.transactions().get(appId);
    return version.isDefined() ? OptionalLong.of((Long) version.get()) : OptionalLong.empty();
  }

  private DeltaLog log() {
    return DeltaLog.forTable(spark, path);
  }

  private Snapshot snapshotAt(long version) {
    return log().getSnapshotAt(version, Option.empty(), Option.empty(), false);
  }

  private Snapshot snapshot() {
    return log().update(false, Option.empty(), Option.empty());
  }
}
