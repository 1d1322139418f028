package assay.core.runs;

import assay.core.Lake;
import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.Table;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.MapValue;
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
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** Reads {@code ops/runs} without Spark, whose start would take longer than the answer may. */
public final class RunHistory {
  /** A run is a file until the table is compacted; so many are read in well under a second. */
  private static final int MOST_FILES = 300;

  private final String path;
  private final Engine engine;

  /**
   * The history of a lake.
   *
   * @param configuration with what the lake's file system needs, such as credentials
   */
  public RunHistory(Lake lake, Configuration configuration) {
    this.path = lake.runs();
    this.engine = DefaultEngine.create(configuration);
  }

  /** The newest runs, the newest first; none where no stage has run. */
  public List<RunRecord> newest() {
    try {
      Snapshot snapshot = Table.forPath(engine, path).getLatestSnapshot(engine);
      Scan scan = snapshot.getScanBuilder().build();
      List<RunRecord> runs = new ArrayList<>();
      for (Row file : newestFiles(scan)) {
        read(scan, file, runs);
      }
      runs.sort(Comparator.comparing(RunRecord::startedAt).reversed());
      return runs;
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
    files.sort(Comparator.comparing(RunHistory::modified).reversed());
    return files.subList(0, Math.min(MOST_FILES, files.size()));
  }

  private static long modified(Row file) {
    return InternalScanFileUtils.getAddFileStatus(file).getModificationTime();
  }

  private void read(Scan scan, Row file, List<RunRecord> into) throws IOException {
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
          rows.forEachRemaining(row -> into.add(record(row)));
        }
      }
    }
  }

  private static RunRecord record(Row row) {
    StructType schema = row.getSchema();
    return new RunRecord(
        row.getString(schema.indexOf("run_id")),
        row.getString(schema.indexOf("stage")),
        row.getString(schema.indexOf("domain")),
        text(row, schema.indexOf("range")),
        Instant.EPOCH.plus(row.getLong(schema.indexOf("started_at")), ChronoUnit.MICROS),
        Duration.ofMillis(Math.round(row.getDouble(schema.indexOf("seconds")) * 1000)),
        row.getString(schema.indexOf("outcome")),
        counts(row.getMap(schema.indexOf("rows"))),
        counts(row.getMap(schema.indexOf("versions"))),
        row.getLong(schema.indexOf("bytes_read")),
        row.getLong(schema.indexOf("bytes_written")),
        text(row, schema.indexOf("error")));
  }

  private static Optional<String> text(Row row, int column) {
    return row.isNullAt(column) ? Optional.empty() : Optional.of(row.getString(column));
  }

  private static Map<String, Long> counts(MapValue map) {
    Map<String, Long> counts = new TreeMap<>();
    for (int i = 0; i < map.getSize(); i++) {
      counts.put(map.getKeys().getString(i), map.getValues().getLong(i));
    }
    return counts;
  }
}
