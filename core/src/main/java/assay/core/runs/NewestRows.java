package assay.core.runs;

import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.Table;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;

/**
 * Reads the newest rows of a table that grows by a few of them at a time, without Spark, whose
 * start would take longer than the answer may.
 */
public final class NewestRows {
  /** A run is a file until the table is compacted; so many are read in well under a second. */
  private static final int MOST_FILES = 300;

  private final String path;
  private final Engine engine;

  /**
   * A reader of one table.
   *
   * @param configuration with what the lake's file system needs, such as credentials
   */
  public NewestRows(String path, Configuration configuration) {
    this.path = path;
    this.engine = DefaultEngine.create(configuration);
  }

  /** The rows of the newest files, in no order; none where there is no table. */
  public <T> List<T> read(Function<Row, T> read) {
    try {
      Snapshot snapshot = Table.forPath(engine, path).getLatestSnapshot(engine);
      Scan scan = snapshot.getScanBuilder().build();
      List<T> all = new ArrayList<>();
      for (Row file : newestFiles(scan)) {
        read(scan, file, read, all);
      }
      return all;
    } catch (TableNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  private List<Row> newestFiles(Scan scan) throws IOException {
    List<Row> files = new ArrayList<>();
    try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
      while (batches.hasNext()) {
        try (CloseableIterator<Row> rows = batches.next().getRows()) {
          rows.forEachRemaining(files::add);
        }
      }
    }
    files.sort(Comparator.comparing(NewestRows::modified).reversed());
    return files.subList(0, Math.min(MOST_FILES, files.size()));
  }

  private static long modified(Row file) {
    return InternalScanFileUtils.getAddFileStatus(file).getModificationTime();
  }

  private <T> void read(Scan scan, Row file, Function<Row, T> read, List<T> into)
      throws IOException {
    Row state = scan.getScanState(engine);
    StructType columns = ScanStateRow.getPhysicalDataReadSchema(state);
    FileStatus status = InternalScanFileUtils.getAddFileStatus(file);
    CloseableIterator<FileReadResult> data =
        engine
            .getParquetHandler()
            .readParquetFiles(Utils.singletonCloseableIterator(status), columns, Optional.empty());
    try (CloseableIterator<FilteredColumnarBatch> batches =
        Scan.transformPhysicalData(engine, state, file, data.map(FileReadResult::getData))) {
      while (batches.hasNext()) {
        try (CloseableIterator<Row> rows = batches.next().getRows()) {
          rows.forEachRemaining(row -> into.add(read.apply(row)));
        }
      }
    }
  }
}
