package assay.core;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.substring_index;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.streaming.DataStreamReader;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/** How the rows of a table are read: by Delta, or by files that are known already. */
final class TableReads {
  /** A backlog is read in pieces of about this size on disk, some three million small events. */
  private static final String PIECE_BYTES = "64m";

  /** Bytes that are read without looking first which of them are wanted. */
  private static final long SMALL = 16L << 20;

  private final SparkSession spark;
  private final String path;
  private final DeltaLog log;

  TableReads(SparkSession spark, String path, DeltaLog log) {
    this.spark = spark;
    this.path = path;
    this.log = log;
  }

  /** Of the newest snapshot. */
  Dataset<Row> newest(Snapshot snapshot) {
    return small(snapshot).orElseGet(() -> spark.read().format("delta").load(path));
  }

  /** Of any. */
  Dataset<Row> at(Snapshot snapshot) {
    return small(snapshot)
        .orElseGet(
            () ->
                spark.read().format("delta").option("versionAsOf", snapshot.version()).load(path));
  }

  /**
   * A small table's rows, by the files that its checksum names; empty where it is not small. Delta
   * runs a job of its own over the log before each query, to find the files that may hold rows of
   * it: for a table that is read in the blink of an eye that takes longer than the query.
   */
  private Optional<Dataset<Row>> small(Snapshot snapshot) {
    return snapshot.version() < 0
        ? Optional.empty()
        : VersionState.knownFiles(snapshot)
            .filter(files -> files.stream().mapToLong(AddFile::size).sum() <= SMALL)
            .map(files -> of(snapshot, files));
  }

  /** All rows, by its files where they are known. */
  Dataset<Row> whole(Snapshot snapshot) {
    return VersionState.knownFiles(snapshot)
        .map(files -> of(snapshot, files))
        .orElseGet(() -> at(snapshot));
  }

  /**
   * The rows of some files of a version. Delta makes them in the session that is active, where
   * another's names do not reach.
   */
  Dataset<Row> of(Snapshot snapshot, List<AddFile> files) {
    var rows = (org.apache.spark.sql.classic.Dataset<Row>) rows(log, snapshot, files);
    return org.apache.spark.sql.classic.Dataset.ofRows(
        (org.apache.spark.sql.classic.SparkSession) spark, rows.queryExecution().analyzed());
  }

  /** See {@link LakeTable#readStream}. */
  Dataset<Row> stream() {
    DataStreamReader reader =
        spark.readStream().format("delta").option("maxBytesPerTrigger", PIECE_BYTES);
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

  /** Rows with the name of the file that each is in, as {@link LakeTable#FILE}. */
  static Dataset<Row> withFile(Dataset<Row> rows) {
    return rows.withColumn(LakeTable.FILE, col("_metadata.file_name"));
  }

  /** The rows of some files of a version, in the session that is active. */
  static Dataset<Row> rows(DeltaLog log, Snapshot snapshot, List<AddFile> files) {
    return log.createDataFrame(
        snapshot, CollectionConverters.asScala(files).toSeq(), false, Option.empty());
  }

  /**
   * Some files of a version.
   *
   * @param names without folders
   */
  static List<AddFile> files(Snapshot snapshot, List<String> names) {
    if (names.isEmpty()) {
      return List.of();
    }
    Optional<List<AddFile>> all = VersionState.knownFiles(snapshot);
    if (all.isPresent()) {
      Set<String> wanted = Set.copyOf(names);
      return all.get().stream().filter(file -> wanted.contains(nameOf(file))).toList();
    }
    return snapshot
        .allFiles()
        .filter(substring_index(col("path"), "/", -1).isin(names.toArray()))
        .collectAsList();
  }

  private static String nameOf(AddFile file) {
    return file.path().substring(file.path().lastIndexOf('/') + 1);
  }
}
