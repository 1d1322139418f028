package assay.core;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.crc32;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.get_json_object;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.DeletionVectorDescriptor;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What Delta's log tells of a table's files. No file of data is opened, so that a plan costs the
 * same for a small table and a large one.
 */
public final class TableFiles {
  private static final String STATS = "stats";

  private final SparkSession spark;
  private final String path;

  public TableFiles(SparkSession spark, String path) {
    this.spark = spark;
    this.path = path;
  }

  /** All of a version; {@link TableSize#NONE} for version -1. */
  public TableSize size(long version) {
    if (version < 0) {
      return TableSize.NONE;
    }
    Optional<List<AddFile>> files = VersionState.knownFiles(snapshot(version));
    return files.isPresent() ? size(files.get()) : sizeWhere(version, lit(true));
  }

  private static TableSize size(List<AddFile> files) {
    long rows = 0;
    long bytes = 0;
    for (AddFile file : files) {
      rows += file.numLogicalRecords().isDefined() ? (Long) file.numLogicalRecords().get() : 0;
      bytes += file.size();
    }
    return new TableSize(files.size(), rows, bytes);
  }

  /** The partitions of a version that have one of these values, written as Delta does. */
  public TableSize size(long version, String partitionColumn, Set<String> values) {
    return sizeWhere(version, partition(partitionColumn).isin(values.toArray()));
  }

  /**
   * The files of a version for which a condition is true or not known.
   *
   * @param condition over {@link #greatest}
   */
  public TableSize sizeWhere(long version, Column condition) {
    if (version < 0) {
      return TableSize.NONE;
    }
    Column rows =
        get_json_object(col(STATS), "$.numRecords")
            .cast("bigint")
            .minus(coalesce(col("deletionVector.cardinality"), lit(0L)));
    Row row =
        files(version)
            .where(coalesce(condition, lit(true)))
            .agg(count(lit(1)), sum(rows), sum(col("size")))
            .head();
    return new TableSize(row.getLong(0), orZero(row, 1), orZero(row, 2));
  }

  /** The greatest value of a column in a file, as its statistics have it. */
  public static Column greatest(String column, String type) {
    return get_json_object(col(STATS), "$.maxValues." + column).cast(type);
  }

  /** The values of a partition column in a version, as Delta writes them; NULL is left out. */
  public Set<String> partitions(long version, String partitionColumn) {
    Set<String> values = new TreeSet<>();
    Optional<List<AddFile>> known =
        version < 0 ? Optional.of(List.of()) : VersionState.knownFiles(snapshot(version));
    if (known.isPresent()) {
      for (AddFile file : known.get()) {
        Optional.ofNullable(
                CollectionConverters.asJava(file.partitionValues()).get(partitionColumn))
            .ifPresent(values::add);
      }
    } else {
      Column value = partition(partitionColumn);
      files(version)
          .select(value)
          .where(value.isNotNull())
          .distinct()
          .collectAsList()
          .forEach(row -> values.add(row.getString(0)));
    }
    return values;
  }

  /**
   * What tells the files of each partition of a version from any others: while a partition's text
   * is the same, its rows are. Files that were put together anew are others, too.
   *
   * @return by the partition column's value as Delta writes it; NULL is left out
   */
  public Map<String, String> fingerprints(long version, String partitionColumn) {
    Map<String, String> prints = new TreeMap<>();
    Optional<List<AddFile>> known =
        version < 0 ? Optional.of(List.of()) : VersionState.knownFiles(snapshot(version));
    if (known.isPresent()) {
      Map<String, long[]> sums = new TreeMap<>();
      for (AddFile file : known.get()) {
        String value = CollectionConverters.asJava(file.partitionValues()).get(partitionColumn);
        if (value != null) {
          long[] sum = sums.computeIfAbsent(value, v -> new long[3]);
          sum[0]++;
          sum[1] += file.size();
          sum[2] += checksum(file);
        }
      }
      sums.forEach((value, sum) -> prints.put(value, print(sum[0], sum[1], sum[2])));
    } else {
      Column value = partition(partitionColumn);
      files(version)
          .where(value.isNotNull())
          .groupBy(value.as("value"))
          .agg(
              count(lit(1)),
              sum(col("size")),
              sum(
                  crc32(
                      concat(
                              col("path"),
                              coalesce(col("deletionVector.pathOrInlineDv"), lit("")),
                              coalesce(col("deletionVector.cardinality").cast("string"), lit("")))
                          .cast("binary"))))
          .collectAsList()
          .forEach(
              row ->
                  prints.put(
                      row.getString(0), print(row.getLong(1), row.getLong(2), row.getLong(3))));
    }
    return prints;
  }

  private static String print(long files, long bytes, long paths) {
    return files + " " + bytes + " " + Long.toHexString(paths);
  }

  /** Of the name, and of what marks rows of the file as deleted. */
  private static long checksum(AddFile file) {
    CRC32 crc = new CRC32();
    crc.update(file.path().getBytes(StandardCharsets.UTF_8));
    DeletionVectorDescriptor deleted = file.deletionVector();
    if (deleted != null) {
      crc.update(deleted.pathOrInlineDv().getBytes(StandardCharsets.UTF_8));
      crc.update(Long.toString(deleted.cardinality()).getBytes(StandardCharsets.UTF_8));
    }
    return crc.getValue();
  }

  private Dataset<Row> files(long version) {
    return snapshot(version).allFiles().toDF();
  }

  private Snapshot snapshot(long version) {
    return DeltaLog.forTable(spark, path)
        .getSnapshotAt(version, Option.empty(), Option.empty(), false);
  }

  private static Column partition(String column) {
    return expr("partitionValues['" + column + "']");
  }

  private static long orZero(Row row, int column) {
    return row.isNullAt(column) ? 0 : row.getLong(column);
  }
}
