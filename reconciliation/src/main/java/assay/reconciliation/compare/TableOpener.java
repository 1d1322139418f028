package assay.reconciliation.compare;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.views.live.LiveView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Finds what a name stands for: a table of the lake, a Delta table, or files of another system. */
final class TableOpener {
  private static final Pattern PARQUET = Pattern.compile(".+\\.(parquet|parq)");
  private static final Pattern CSV = Pattern.compile(".+\\.csv(\\.(gz|bz2|zst|lz4|deflate))?");

  /** What else lies in a folder is not read. */
  private static final String NAMES = "pathGlobFilter";

  private static final String PARQUET_NAMES = "*.{parquet,parq}";
  private static final String CSV_NAMES = "*.{csv,csv.gz,csv.bz2,csv.zst,csv.lz4,csv.deflate}";

  /** As RFC 4180 has it; a line that does not fit the header is an error. */
  private static final Map<String, String> CSV_OPTIONS =
      Map.of(
          "header", "true",
          "quote", "\"",
          "escape", "\"",
          // Nothing is NULL and "" is not: what stands for nothing must be another text than that.
          "nullValue", "\u0001nothing\u0001",
          "multiLine", "true",
          "mode", "FAILFAST",
          "enforceSchema", "false",
          "columnPruning", "false");

  private final SparkSession spark;
  private final Optional<Lake> lake;
  private final List<Contract> contracts;

  TableOpener(SparkSession spark, Optional<Lake> lake, List<Contract> contracts) {
    this.spark = spark;
    this.lake = lake;
    this.contracts = List.copyOf(contracts);
  }

  /**
   * Opens a table.
   *
   * @throws AssayException with {@code INCONCLUSIVE} where it is not there, {@code USAGE} where it
   *     is nothing that can be compared
   */
  ComparedTable open(String written) {
    TableReference reference = TableReference.of(written);
    if (reference.isOfLake()) {
      return ofLake(reference);
    }
    // A folder may have an @ in its name.
    return reference.isPinned() && exists(written) ? ofPath(reference.asName()) : ofPath(reference);
  }

  private ComparedTable ofLake(TableReference reference) {
    Layer layer = reference.layer().orElseThrow();
    String name = reference.nameInLayer();
    Lake ofIt =
        lake.orElseThrow(
            () -> new IllegalStateException("a table of the lake, and no lake: " + reference));
    if (layer == Layer.LIVE) {
      for (Contract contract : contracts) {
        Optional<MetricSet> metrics =
            contract.liveMetrics().stream().filter(m -> m.name().equals(name)).findFirst();
        if (metrics.isPresent()) {
          return liveView(reference, new LiveView(spark, ofIt, contract, metrics.get()));
        }
        if (contract.liveTables().contains(name)) {
          throw AssayException.usage(
              reference.name() + " is a live view of another kind than a metric set",
              "of live views only metric sets are compared; write the others to a table first");
        }
      }
    }
    String path = ofIt.table(layer, name);
    return delta(reference, path);
  }

  private ComparedTable liveView(TableReference reference, LiveView view) {
    if (view.table().exists() && view.otherDefinition().isPresent()) {
      throw new AssayException(
          ErrorCode.INCONCLUSIVE,
          reference.name() + " was accumulated under another definition",
          LiveView.BUILD_AGAIN);
    }
    ComparedTable partials = delta(reference, view.table().path());
    return new ComparedTable(
        partials.name(),
        "live view, " + partials.what(),
        view.fold(partials.rows()),
        partials.texts());
  }

  private ComparedTable ofPath(TableReference reference) {
    Path path = new Path(reference.name());
    try {
      FileSystem files = path.getFileSystem(spark.sessionState().newHadoopConf());
      if (!files.exists(path)) {
        throw missing(reference);
      }
      Path qualified = files.makeQualified(path);
      if (files.exists(new Path(qualified, "_delta_log"))) {
        return delta(reference, qualified.toString());
      }
      if (reference.isPinned()) {
        throw AssayException.usage(
            reference.name() + " is no Delta table and has no versions",
            "leave out what stands behind the @");
      }
      return files(reference, files, qualified);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + path, e);
    }
  }

  private boolean exists(String written) {
    Path path = new Path(written);
    try {
      return path.getFileSystem(spark.sessionState().newHadoopConf()).exists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + path, e);
    }
  }

  private ComparedTable delta(TableReference reference, String path) {
    LakeTable table = new LakeTable(spark, path);
    if (!table.exists()) {
      throw missing(reference);
    }
    if (reference.time().isPresent()) {
      return new ComparedTable(
          reference.written(),
          "Delta, as of " + reference.time().get(),
          asOf(reference, path),
          false);
    }
    long version = reference.version().orElseGet(table::version);
    if (version > table.version() || !table.reaches(version)) {
      throw AssayException.usage(
          "%s has no version %d any more or yet; the newest is %d"
              .formatted(reference.name(), version, table.version()),
          "name one that its log still reaches, or none for the newest");
    }
    return new ComparedTable(
        reference.written(), "Delta, version " + version, table.readAt(version), false);
  }

  private Dataset<Row> asOf(TableReference reference, String path) {
    String time = reference.time().orElseThrow().toString();
    try {
      return spark.read().format("delta").option("timestampAsOf", time).load(path);
    } catch (Exception e) {
      // A checked exception that Scala code throws without saying so.
      if (!(e instanceof AnalysisException)) {
        throw e;
      }
      throw AssayException.usage(
          reference.name()
              + " cannot be read as of "
              + time
              + ": "
              + e.getMessage().lines().findFirst().orElse(""),
          "name a time between its first and its newest commit, or none for the newest");
    }
  }

  private ComparedTable files(TableReference reference, FileSystem fileSystem, Path path)
      throws IOException {
    Map<String, Long> found = countFiles(fileSystem, path);
    if (found.size() != 1) {
      throw AssayException.usage(
          reference.name()
              + (found.isEmpty()
                  ? " is no Delta table and holds no file that ends in .parquet or .csv"
                  : " holds files of Parquet and of CSV"),
          "name a Delta table, or a file or folder of Parquet or of CSV");
    }
    String kind = found.keySet().iterator().next();
    long count = found.get(kind);
    boolean texts = kind.equals("CSV");
    Dataset<Row> rows =
        texts
            ? spark.read().options(CSV_OPTIONS).option(NAMES, CSV_NAMES).csv(path.toString())
            : spark
                .read()
                .option("mergeSchema", "true")
                .option(NAMES, PARQUET_NAMES)
                .parquet(path.toString());
    int read = rows.inputFiles().length;
    if (read != count) {
      throw AssayException.usage(
          "%s holds %d files, of which %d lie in folders that are no partitions"
              .formatted(reference.name(), count, count - read),
          "name the folder that the files lie in; partitions are folders such as day=2001-01-31");
    }
    return new ComparedTable(
        reference.written(), kind + ", " + count + (count == 1 ? " file" : " files"), rows, texts);
  }

  /** Files by kind, those left out whose names or folders begin with a dot or an underscore. */
  private static Map<String, Long> countFiles(FileSystem fileSystem, Path path) throws IOException {
    Map<String, Long> found = new TreeMap<>();
    RemoteIterator<LocatedFileStatus> files = fileSystem.listFiles(path, true);
    while (files.hasNext()) {
      FileStatus file = files.next();
      if (!isHidden(path, file.getPath())) {
        String name = file.getPath().getName();
        if (PARQUET.matcher(name).matches()) {
          found.merge("Parquet", 1L, Long::sum);
        } else if (CSV.matcher(name).matches()) {
          found.merge("CSV", 1L, Long::sum);
        }
      }
    }
    return found;
  }

  private static boolean isHidden(Path root, Path file) {
    for (Path part = file; part != null && !part.equals(root); part = part.getParent()) {
      String name = part.getName();
      // A partition of a column that begins with an underscore is none.
      if (name.startsWith(".") || (name.startsWith("_") && !name.contains("="))) {
        return true;
      }
    }
    return false;
  }

  private static AssayException missing(TableReference reference) {
    return new AssayException(
        ErrorCode.INCONCLUSIVE,
        "there is no " + reference.name() + " to compare",
        "check the name, or wait until it has been written");
  }
}
