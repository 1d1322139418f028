package assay.core;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.FileAction;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.delta.actions.SetTransaction;
import org.apache.spark.sql.types.StructField;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One commit of a {@link TableChange} by Delta's own transaction, instead of MERGE: what is to go
 * is known with its files, so nothing has to be searched, and the commit can name several numbers.
 */
final class TableCommit {
  /** As many rows as every task may hold. */
  private static final long FEW = 2_000_000;

  private final DeltaLog log;
  private final Snapshot current;
  private final OptimisticTransaction transaction;
  private final List<Action> actions = new ArrayList<>();

  private TableCommit(DeltaLog log, Snapshot current) {
    this.log = log;
    this.current = current;
    this.transaction = log.startTransaction(Option.empty(), Option.apply(current));
  }

  /**
   * A commit that stands on what the table holds.
   *
   * @param current the newest snapshot; the commit fails where another one lands first
   */
  static TableCommit on(DeltaLog log, Snapshot current) {
    TableCommit commit = new TableCommit(log, current);
    // Whatever lands in between concerns this commit. The tables are at the isolation level
    // Serializable, so that plain appends count too.
    commit.transaction.readWholeTable();
    return commit;
  }

  /** A commit of rows that come, whatever else does. */
  static TableCommit append(DeltaLog log, Snapshot current) {
    return new TableCommit(log, current);
  }

  /** Makes the table hold what it held at {@code base}, whatever later commits did. */
  void restore(Snapshot base) {
    Map<String, AddFile> missing = new HashMap<>();
    for (AddFile file : VersionState.files(base)) {
      missing.put(file.path(), file);
    }
    for (AddFile file : VersionState.files(current)) {
      if (missing.remove(file.path()) == null) {
        actions.add(file.remove());
      }
    }
    missing.values().forEach(file -> actions.add(asNew(file)));
  }

  /**
   * Adds a change to the commit.
   *
   * @param basis the snapshot whose rows {@code gone} is about
   */
  void apply(TableChange change, Snapshot basis) {
    number(change.numbers());
    if (change.schema().isPresent()) {
      for (AddFile file : VersionState.files(basis)) {
        remove(file);
      }
      describe(
          change.schema().get().json(), current.metadata().partitionColumns(), change.properties());
    }
    Dataset<Row> rows = null;
    if (change.gone().isPresent()) {
      rows = takeOut(change.gone().get(), basis);
    }
    if (change.come().isPresent()) {
      Dataset<Row> come = change.come().get().select(tableColumns(change.come().get()));
      rows = rows == null ? come : rows.unionByName(come);
    }
    if (rows != null) {
      actions.addAll(CollectionConverters.asJava(transaction.writeFiles(rows)));
    }
  }

  private void number(Map<String, Long> numbers) {
    numbers.forEach(
        (appId, number) -> {
          // As if it had been asked for, which would read the whole log where a version has
          // no checksum: another commit of the same id is a conflict.
          transaction.readTxn().addOne(appId);
          actions.add(new SetTransaction(appId, number, Option.apply(System.currentTimeMillis())));
        });
  }

  /**
   * Adds a replacement to the commit.
   *
   * @return how many rows the table has then; empty where its files do not tell
   */
  OptionalLong replace(TableReplacement change) {
    number(change.numbers());
    Metadata old = current.metadata();
    String schema = old.schemaString();
    Seq<String> partitionBy = old.partitionColumns();
    boolean removesNothing = change.scope() instanceof TableReplacement.Nothing;
    Optional<List<AddFile>> known =
        removesNothing
            ? VersionState.knownFiles(current)
            : Optional.of(VersionState.files(current));
    List<AddFile> left = new ArrayList<>(known.orElse(List.of()));
    if (change.scope() instanceof TableReplacement.All all) {
      left.forEach(this::remove);
      left.clear();
      schema = TableReplacement.schemaOf(change.rows()).json();
      partitionBy = CollectionConverters.asScala(all.partitionBy()).toSeq();
    } else if (change.scope() instanceof TableReplacement.Partitions some) {
      left.removeIf(
          file -> {
            boolean goes = some.values().contains(firstPartition(old, file));
            if (goes) {
              remove(file);
            }
            return goes;
          });
    }
    describe(schema, partitionBy, change.properties());
    Dataset<Row> rows = change.rows();
    for (FileAction file :
        CollectionConverters.asJava(transaction.writeFiles(rows.select(tableColumns(rows))))) {
      actions.add(file);
      if (file instanceof AddFile come) {
        left.add(come);
      }
    }
    return known.isPresent() ? rowsOf(left) : OptionalLong.empty();
  }

  private static OptionalLong rowsOf(List<AddFile> files) {
    long rows = 0;
    for (AddFile file : files) {
      if (file.numLogicalRecords().isEmpty()) {
        return OptionalLong.empty();
      }
      rows += (Long) file.numLogicalRecords().get();
    }
    return OptionalLong.of(rows);
  }

  /**
   * Gives the table another schema and other partitions.
   *
   * @param more properties, beside those that it has
   */
  private void describe(String schema, Seq<String> partitionBy, Map<String, String> more) {
    Metadata old = current.metadata();
    Map<String, String> properties =
        new HashMap<>(CollectionConverters.asJava(old.configuration()));
    properties.putAll(more);
    transaction.updateMetadata(
        new Metadata(
            old.id(),
            old.name(),
            old.description(),
            old.format(),
            schema,
            partitionBy,
            scala.collection.immutable.Map.from(CollectionConverters.asScala(properties)),
            old.createdTime()),
        false);
  }

  /** The value of the first partition column; empty for NULL and where there is none. */
  static Optional<String> firstPartition(Metadata metadata, FileAction file) {
    return metadata.partitionColumns().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(
            CollectionConverters.asJava(file.partitionValues())
                .get(metadata.partitionColumns().head()));
  }

  /**
   * @return the version that the commit made
   * @throws ConcurrentModificationException where another commit landed first
   */
  long commit() {
    Seq<Action> all = CollectionConverters.asScala(actions).toSeq();
    return transaction.commit(all, operation());
  }

  /**
   * What the table's history calls it. A manual update would be one of the few for which Delta does
   * not derive the new version's checksum from the old one's, but reads the whole log, each time.
   */
  private DeltaOperations.Operation operation() {
    boolean removes = actions.stream().anyMatch(RemoveFile.class::isInstance);
    return new DeltaOperations.Write(
        removes ? SaveMode.Overwrite : SaveMode.Append,
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty(),
        Option.empty());
  }

  /** Removes the files that hold the rows; what else is in them is returned, to be written anew. */
  private Dataset<Row> takeOut(TableChange.Gone gone, Snapshot basis) {
    List<Row> held = gone.rows().groupBy(col(LakeTable.FILE)).count().collectAsList();
    List<String> names = held.stream().map(row -> row.getString(0)).toList();
    long count = held.stream().mapToLong(row -> row.getLong(1)).sum();
    List<AddFile> files = TableReads.files(basis, names);
    if (files.size() != names.size()) {
      throw new ConcurrentModificationException(
          "%d of the files to take rows out of are gone".formatted(names.size() - files.size()));
    }
    files.forEach(this::remove);
    Dataset<Row> all = TableReads.rows(log, basis, files);
    Column same =
        gone.identity().stream()
            .map(name -> all.col(name).equalTo(col("_gone." + name)))
            .reduce(Column::and)
            .orElseThrow();
    Column[] identity = gone.identity().stream().map(n -> col(n)).toArray(Column[]::new);
    Dataset<Row> leave = gone.rows().select(identity);
    return all.join((count <= FEW ? broadcast(leave) : leave).as("_gone"), same, "left_anti")
        .select(tableColumns(all));
  }

  private void remove(AddFile file) {
    // One that this very commit was to bring back is left out instead.
    boolean broughtBack =
        actions.removeIf(action -> action instanceof AddFile add && add.path().equals(file.path()));
    if (!broughtBack) {
      actions.add(file.remove());
    }
  }

  /** A snapshot's files say that they change no data; one that is brought back does. */
  private static AddFile asNew(AddFile file) {
    return file.copy(
        file.path(),
        file.partitionValues(),
        file.size(),
        file.modificationTime(),
        true,
        file.stats(),
        file.tags(),
        file.deletionVector(),
        file.baseRowId(),
        file.defaultRowCommitVersion(),
        file.clusteringProvider(),
        Option.empty(),
        Option.empty());
  }

  private Column[] tableColumns(Dataset<Row> rows) {
    List<String> present = List.of(rows.columns());
    List<Column> columns = new ArrayList<>();
    for (StructField field : transaction.metadata().schema().fields()) {
      columns.add(
          (present.contains(field.name()) ? rows.col(field.name()) : lit(null))
              .cast(field.dataType())
              .as(field.name()));
    }
    return columns.toArray(Column[]::new);
  }
}
