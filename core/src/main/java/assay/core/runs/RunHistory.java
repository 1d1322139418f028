package assay.core.runs;

import assay.core.Lake;
import io.delta.kernel.data.MapValue;
import io.delta.kernel.data.Row;
import io.delta.kernel.types.StructType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** Reads {@code ops/runs} without Spark. */
public final class RunHistory {
  private final NewestRows rows;

  /**
   * The history of a lake.
   *
   * @param configuration with what the lake's file system needs, such as credentials
   */
  public RunHistory(Lake lake, Configuration configuration) {
    this.rows = new NewestRows(lake.runs(), configuration);
  }

  /** The newest runs, the newest first; none where no stage has run. */
  public List<RunRecord> newest() {
    return rows.read(RunHistory::record).stream()
        .sorted(Comparator.comparing(RunRecord::startedAt).reversed())
        .toList();
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
