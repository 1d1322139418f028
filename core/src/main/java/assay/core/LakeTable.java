package assay.core;

import assay.core.contract.TypeChange;
import io.delta.tables.DeltaTable;
import io.delta.tables.DeltaTableBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionNotFoundException;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.SetTransaction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One Delta table of the lake: the only door to Delta's log. Everything that is written goes
 * through {@link #append}, {@link #replaceWhere} or {@link #replaceAll}, each of which happens once
 * per {@link Transaction}, or through {@link #commit}, which lands only on the version it was made
 * for.
 */
public final class LakeTable {
  /** Keeps the tables readable by common BI readers. */
  private static final Map<String, String> PLAIN =
      Map.of("delta.enableDeletionVectors", "false", "delta.columnMapping.mode", "none");

  /** The column of {@link #readWithFiles} that names the file a row is in. */
  public static final String FILE = "_file";

  /**
   * The property of a table that may take wider types. Not for what BI tools read: few of them know
   * the table feature.
   */
  public static final String WIDENING = "delta.enableTypeWidening";

  private static final int SELDOM = 100;
  private static final int APART = 60;

  /** The properties of a table that is changed by {@link #commit}. */
  public static final Map<String, String> GUARDED = Map.of("delta.isolationLevel", "Serializable");

  private final SparkSession spark;
  private final String path;
  private DeltaLog log;

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

  /**
   * The properties of a table that is appended to every few seconds. By default Delta works out all
   * of a table's state, and writes it down, with every tenth commit; here that is seldom, and not
   * with the same commit for all tables of a query, which would wait for all of them at once.
   *
   * @param more properties beside these
   */
  public Map<String, String> streamed(Map<String, String> more) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    int commits = SELDOM + Math.floorMod(name.hashCode(), APART);
    Map<String, String> properties = new TreeMap<>(more);
    properties.put("delta.checkpointInterval", Integer.toString(commits));
    return properties;
  }

  /**
   * This table, where there is one to read.
   *
   * @param mend what to do where there is none
   * @throws AssayException where there is none
   */
  public LakeTable required(String mend) {
    if (!exists()) {
      throw AssayException.failed("there is no " + path + " to read", mend);
    }
    return this;
  }

  /**
   * Creates the table, or adds those columns that it does not have yet, empty in the rows that are
   * there. Where the table allows it (see {@link #WIDENING}), a column takes a wider type.
   *
   * @throws AssayException where the table holds a column under a type that cannot be widened
   */
  public void createOrExtend(
      StructType schema, List<String> partitionBy, Map<String, String> more) {
    if (!exists()) {
      DeltaTableBuilder builder =
          DeltaTable.createIfNotExists(spark)
              .location(path)
              .addColumns(schema)
              .partitionedBy(partitionBy.toArray(String[]::new));
      PLAIN.forEach(builder::property);
      more.forEach(builder::property);
      builder.execute();
      return;
    }
    ColumnChanges changes = columnChanges(schema);
    if (!changes.added().isEmpty()) {
      spark.sql(
          "ALTER TABLE delta.`%s` ADD COLUMNS (%s)"
              .formatted(
                  path,
                  changes.added().stream()
                      .map(field -> "`%s` %s".formatted(field.name(), field.dataType().sql()))
                      .collect(Collectors.joining(", "))));
    }
    for (StructField field : changes.widened()) {
      spark.sql(
          "ALTER TABLE delta.`%s` ALTER COLUMN `%s` TYPE %s"
              .formatted(path, field.name(), field.dataType().sql()));
    }
  }

  /**
   * Columns of a schema that a table does not have yet, and those that it has under a narrower
   * type.
   */
  public record ColumnChanges(List<StructField> added, List<StructField> widened) {
    public ColumnChanges {
      added = List.copyOf(added);
      widened = List.copyOf(widened);
    }

    /** For people: {@code adds gate STRING}, {@code widens seats to BIGINT}. */
    public List<String> inWords() {
      return Stream.concat(
              added.stream().map(f -> "adds " + f.name() + " " + f.dataType().sql()),
              widened.stream().map(f -> "widens " + f.name() + " to " + f.dataType().sql()))
          .toList();
    }
  }

  /**
   * What {@link #createOrExtend} would do to the columns of the table that is there.
   *
   * @throws AssayException where the table holds a column under a type that cannot be widened
   */
  public ColumnChanges columnChanges(StructType schema) {
    StructType present = schemaAt(version());
    List<StructField> added = new ArrayList<>();
    List<StructField> widened = new ArrayList<>();
    for (StructField field : schema.fields()) {
      Option<Object> index = present.getFieldIndex(field.name());
      if (index.isEmpty()) {
        added.add(field);
        continue;
      }
      DataType old = present.fields()[(Integer) index.get()].dataType();
      TypeChange.Kind change = TypeChange.of(old, field.dataType());
      if (change == TypeChange.Kind.WIDENS && property(WIDENING).equals(Optional.of("true"))) {
        widened.add(field);
      } else if (change != TypeChange.Kind.SAME) {
        throw AssayException.failed(
            "%s holds %s as %s, the contract now makes it %s"
                .formatted(path, field.name(), old.simpleString(), field.dataType().simpleString()),
            "run 'assay replay' for the domain, which builds its tables again from bronze, or give"
                + " the column of the new type a new name");
      }
    }
    return new ColumnChanges(added, widened);
  }

  /** The same without table properties. */
  public void createOrExtend(StructType schema, List<String> partitionBy) {
    createOrExtend(schema, partitionBy, Map.of());
  }

  /** Those of {@code names} that the table has no column for; all of them where it is not there. */
  public List<String> columnsMissing(List<String> names) {
    List<String> present = exists() ? List.of(schemaAt(version()).fieldNames()) : List.<String>of();
    return names.stream().filter(name -> !present.contains(name)).toList();
  }

  /** The newest version, or -1 where there is no table. */
  public long version() {
    return snapshot().version();
  }

  /**
   * Whether a version can still be read as far as the log goes; its files may be gone all the same.
   */
  public boolean reaches(long version) {
    try {
      log().history().checkVersionExists(version, Option.empty(), true, false);
      return true;
    } catch (Exception e) {
      // Scala declares none of what it throws.
      if (e instanceof VersionNotFoundException) {
        return false;
      }
      throw e;
    }
  }

  public Optional<String> property(String key) {
    return propertyOf(snapshot(), key);
  }

  /** Gives a property of the table that is there a value; no commit is made where it has it. */
  public void setProperty(String key, String value) {
    if (!property(key).equals(Optional.of(value))) {
      commit(
          () ->
              spark.sql(
                  "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('%s' = '%s')"
                      .formatted(path, key, value)));
    }
  }

  /** The same as of another version. */
  public Optional<String> propertyAt(long version, String key) {
    return propertyOf(snapshotAt(version), key);
  }

  private static Optional<String> propertyOf(Snapshot snapshot, String key) {
    Option<String> value = snapshot.metadata().configuration().get(key);
    return value.isDefined() ? Optional.of(value.get()) : Optional.empty();
  }

  public StructType schemaAt(long version) {
    return snapshotAt(version).metadata().schema();
  }

  /** Whether a version has no files at all. */
  public boolean isEmptyAt(long version) {
    return version == 0
        ? commits().first().stream().noneMatch(AddFile.class::isInstance)
        : VersionState.fileCount(snapshotAt(version)) == 0;
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

  /** All numbers that stand in a version under ids that begin with {@code prefix}, by full id. */
  public Map<String, Long> numbersAt(long version, String prefix) {
    Map<String, Long> numbers = new TreeMap<>();
    if (version == 0) {
      for (Action action : commits().first()) {
        if (action instanceof SetTransaction number) {
          numbers.put(number.appId(), number.version());
        }
      }
    } else {
      numbers.putAll(VersionState.numbers(snapshotAt(version)));
    }
    numbers.keySet().removeIf(appId -> !appId.startsWith(prefix));
    return numbers;
  }

  /**
   * The numbers that each commit up to {@code to} wrote under ids that begin with {@code prefix},
   * by version; those before the first version that the log still tells of are left out.
   */
  public NavigableMap<Long, Map<String, Long>> numbersByVersion(long to, String prefix) {
    return commits().numbersByVersion(to, prefix);
  }

  /** The newest version, as of this call. */
  public Dataset<Row> read() {
    return reads().newest(snapshot());
  }

  /** An earlier one. */
  public Dataset<Row> readAt(long version) {
    return reads().at(snapshotAt(version));
  }

  /** The same with the name of the file that each row is in, as {@link #FILE}. */
  public Dataset<Row> readWithFiles(long version) {
    return TableReads.withFile(readAt(version));
  }

  /**
   * Some files of a version, with the name of the file that each row is in, as {@link #FILE}.
   *
   * @param names without folders
   */
  public Dataset<Row> readFiles(long version, List<String> names) {
    Snapshot snapshot = snapshotAt(version);
    return TableReads.withFile(reads().of(snapshot, TableReads.files(snapshot, names)));
  }

  /**
   * The rows that versions after {@code after} up to {@code to} added, read from the files that
   * their commits name; empty where {@code to} does not have all of these files any more, since
   * others hold their rows now, or the log does not tell.
   */
  public Optional<Dataset<Row>> readAdded(long after, long to) {
    return commits().filesAdded(after, to).map(files -> reads().of(snapshotAt(to), files));
  }

  /**
   * All rows of a version, without statistics in the way of a table with few files: for who reads
   * them all anyway.
   */
  public Dataset<Row> readWhole(long version) {
    return reads().whole(snapshotAt(version));
  }

  /**
   * Reads the table as a stream, commit by commit in their order. Without a starting version the
   * engine would begin with the newest snapshot, its files ordered by time of writing; that is what
   * is left once the log's beginning was cleaned away.
   */
  public Dataset<Row> readStream() {
    return reads().stream();
  }

  /**
   * Appends rows to the table that is there; a second call with the same transaction does nothing.
   * Other appends at the same time are no conflict. Columns that are left out are empty.
   */
  public void append(Dataset<Row> rows, Transaction transaction) {
    commit(() -> appendNow(rows, transaction));
  }

  private void appendNow(Dataset<Row> rows, Transaction transaction) {
    Snapshot current = snapshot();
    if (transactionOf(current, transaction.appId()).orElse(-1) >= transaction.version()) {
      return;
    }
    StructType columns = current.metadata().schema();
    for (StructField field : rows.schema().fields()) {
      boolean fits =
          columns.getFieldIndex(field.name()).isDefined()
              && Cast.canUpCast(field.dataType(), columns.apply(field.name()).dataType());
      if (!fits) {
        throw new IllegalArgumentException("%s takes no column %s".formatted(path, field.toDDL()));
      }
    }
    TableCommit commit = TableCommit.append(log(), current);
    commit.apply(
        TableChange.exchange(
            Optional.of(rows),
            Optional.empty(),
            Map.of(transaction.appId(), transaction.version())),
        current);
    commit.commit();
  }

  /** Replaces the rows that match {@code predicate} in one commit, once per transaction. */
  public void replaceWhere(Dataset<Row> rows, String predicate, Transaction transaction) {
    commit(() -> once(overwriteWhere(rows, predicate), transaction).save(path));
  }

  /**
   * Replaces the rows that match {@code predicate} in one commit, each time it is called: for rows
   * that are a function of what is there, and the same however often they are computed.
   */
  public void rewriteWhere(Dataset<Row> rows, String predicate) {
    commit(() -> overwriteWhere(rows, predicate).save(path));
  }

  /** Takes out the rows that match, each time it is called. */
  public void delete(Column condition) {
    commit(() -> DeltaTable.forPath(spark, path).delete(condition));
  }

  /** Replaces all rows, the schema and the partitioning in one commit, once per transaction. */
  public void replaceAll(Dataset<Row> rows, List<String> partitionBy, Transaction transaction) {
    commit(
        () ->
            once(rows.write().format("delta").mode(SaveMode.Overwrite), transaction)
                .partitionBy(partitionBy.toArray(String[]::new))
                .option("overwriteSchema", "true")
                .save(path));
  }

  /** What {@link #commit} does about commits that came after the version it is made against. */
  public enum Later {
    /** They were not known when the change was worked out: it must be worked out anew. */
    REFUSE,
    /** Nobody counts them, as no table that names versions of this one ever named theirs. */
    UNDO
  }

  /**
   * Changes the table in one commit that stands on what it held at {@code base}. Commits that only
   * rearrange files do not count as later ones.
   *
   * @param base the version that the change was worked out against
   * @return the version that the commit made
   * @throws AssayException with {@code TRY_AGAIN} where another commit came in between
   */
  public long commit(long base, TableChange change, Later later) {
    long[] version = {-1};
    commit(() -> version[0] = commitNow(base, change, later));
    return version[0];
  }

  private long commitNow(long base, TableChange change, Later later) {
    Snapshot current = snapshot();
    boolean changed = commits().changedRows(base, current.version());
    boolean refused = changed || (base != current.version() && renumbered(base, current, change));
    if (refused && later == Later.REFUSE) {
      throw new ConcurrentModificationException(
          "version %d is not %d any more".formatted(current.version(), base));
    }
    TableCommit commit = TableCommit.on(log(), current);
    boolean undo = changed && change.schema().isEmpty();
    Snapshot basis = undo ? snapshotAt(base) : current;
    if (undo) {
      commit.restore(basis);
    }
    commit.apply(change, basis);
    return commit.commit();
  }

  /** Whether a commit without rows gave another number to what a change is to number. */
  private boolean renumbered(long base, Snapshot current, TableChange change) {
    Snapshot then = snapshotAt(base);
    return change.numbers().keySet().stream()
        .anyMatch(appId -> !transactionOf(then, appId).equals(transactionOf(current, appId)));
  }

  /**
   * Replaces rows of a table that is made of others, in one commit.
   *
   * @param base the version that the rows were worked out against; -1 where there was no table
   * @throws AssayException with {@code TRY_AGAIN} where another commit came in between
   */
  public Replaced replace(long base, TableReplacement change) {
    Replaced[] replaced = {null};
    commit(() -> replaced[0] = replaceNow(base, change));
    return replaced[0];
  }

  /**
   * What {@link #replace} made.
   *
   * @param rows of the table; empty where its files do not tell
   */
  public record Replaced(long version, OptionalLong rows) {}

  private Replaced replaceNow(long base, TableReplacement change) {
    Snapshot current = snapshot();
    if (current.version() != base && commits().mayDiffer(base, current.version())) {
      throw new ConcurrentModificationException(
          "version %d is not %d any more".formatted(current.version(), base));
    }
    TableCommit commit = TableCommit.on(log(), current);
    OptionalLong rows = commit.replace(change);
    return new Replaced(commit.commit(), rows);
  }

  /** The newest version, where it holds the rows of {@code version}; that one otherwise. */
  public long newestEqual(long version) {
    long newest = version();
    return commits().changedRows(version, newest) ? version : newest;
  }

  /**
   * Whether rows or columns may have changed in the versions after {@code after} up to {@code to},
   * or the table went back behind {@code after}: commits that only rearrange files, or hold none,
   * change nothing.
   */
  public boolean mayDiffer(long after, long to) {
    return after > to || commits().mayDiffer(after, to);
  }

  /**
   * The newest version by what tells it from others; empty where there is no table. No job runs
   * where the log has a checksum of it.
   */
  public Optional<TableVersion> newest() {
    Snapshot snapshot = snapshot();
    return snapshot.version() < 0 ? Optional.empty() : Optional.of(versionOf(snapshot));
  }

  /** The same of another version. */
  public TableVersion versionAt(long version) {
    return versionOf(snapshotAt(version));
  }

  private static TableVersion versionOf(Snapshot snapshot) {
    String columns =
        Stream.of(snapshot.metadata().schema().fields())
            .map(field -> field.name() + " " + field.dataType().catalogString())
            .collect(Collectors.joining(",", "", " by "));
    return new TableVersion(
        snapshot.metadata().id(),
        snapshot.version(),
        columns
            + String.join(
                ",", CollectionConverters.asJava(snapshot.metadata().partitionColumns())));
  }

  /** The columns that a version is partitioned by, in their order. */
  public List<String> partitionColumnsAt(long version) {
    return List.copyOf(
        CollectionConverters.asJava(snapshotAt(version).metadata().partitionColumns()));
  }

  /** When a version was committed, by the clock of who did. */
  public Instant committedAt(long version) {
    return Instant.ofEpochMilli(snapshotAt(version).timestamp());
  }

  /** How many files a version has. */
  public long filesAt(long version) {
    return VersionState.fileCount(snapshotAt(version));
  }

  /**
   * What the versions after {@code after} up to {@code to} did to the table's rows, read from its
   * log alone.
   */
  public RowChanges changes(long after, long to) {
    return commits().changes(after, to);
  }

  /**
   * The values of {@code partitionColumn} whose rows changed in the versions after {@code after} up
   * to {@code to}, both sides of every change counted; commits that only rearrange files are left
   * out.
   *
   * @return empty where the log no longer reaches back that far
   */
  public Optional<Set<String>> partitionsChanged(String partitionColumn, long after, long to) {
    return commits().partitionsChanged(partitionColumn, after, to);
  }

  /** A quoted list for {@code IN (…)} over dates. */
  public static String dates(Set<String> days) {
    return days.stream().map(d -> "DATE'" + d + "'").collect(Collectors.joining(", ", "(", ")"));
  }

  /** Delta tells of another run by an exception of its own, in whatever way the two met. */
  private void commit(Runnable write) {
    try {
      write.run();
    } catch (ConcurrentModificationException e) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "another run wrote " + path + " at the same time",
          "nothing is half done: wait until the other run has ended, then run the same command again",
          e);
    }
  }

  private static DataFrameWriter<Row> overwriteWhere(Dataset<Row> rows, String predicate) {
    return rows.write().format("delta").mode(SaveMode.Overwrite).option("replaceWhere", predicate);
  }

  private static DataFrameWriter<Row> once(DataFrameWriter<Row> writer, Transaction transaction) {
    return writer
        .option("txnAppId", transaction.appId())
        .option("txnVersion", transaction.version());
  }

  private static OptionalLong transactionOf(Snapshot snapshot, String appId) {
    Long number = VersionState.numbers(snapshot).get(appId);
    return number == null ? OptionalLong.empty() : OptionalLong.of(number);
  }

  private TableReads reads() {
    return new TableReads(spark, path, log());
  }

  private TableCommits commits() {
    return new TableCommits(log());
  }

  /** Looked up once: Delta copies all of Hadoop's settings to find it. */
  private DeltaLog log() {
    if (log == null) {
      log = DeltaLog.forTable(spark, path);
    }
    return log;
  }

  private Snapshot snapshotAt(long version) {
    return log().getSnapshotAt(version, Option.empty(), Option.empty(), false);
  }

  private Snapshot snapshot() {
    return log().update(false, Option.empty(), Option.empty());
  }
}
