package assay.views.sinks;

import assay.core.Lake;
import assay.core.runs.NewestRows;
import io.delta.kernel.data.Row;
import io.delta.kernel.types.StructType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.apache.hadoop.conf.Configuration;

/**
 * How a sink stood when it last sent anything, or could not.
 *
 * @param of what it sends, as the contract names it
 * @param to such as {@code kafka TOPIC} or {@code webhook VARIABLE}
 * @param at when this was written down
 * @param asOf what had been committed by then is sent; empty where nothing was
 * @param messages that were taken since the row before
 * @param error why it could not send; empty where it could
 */
public record SinkState(
    String domain,
    String sink,
    String of,
    String to,
    Instant at,
    Optional<Instant> asOf,
    long messages,
    Optional<String> error) {

  /** The newest of each sink, by domain and name; none where nothing was ever sent. */
  public static Collection<SinkState> newest(Lake lake, Configuration configuration) {
    List<SinkState> all = new NewestRows(lake.sinks(), configuration).read(SinkState::of);
    TreeMap<String, SinkState> newest = new TreeMap<>();
    for (SinkState one : all) {
      newest.merge(
          one.domain + " " + one.sink, one, BinaryOperator.maxBy((a, b) -> a.at.compareTo(b.at)));
    }
    return newest.values();
  }

  private static SinkState of(Row row) {
    StructType schema = row.getSchema();
    int error = schema.indexOf("error");
    int asOf = schema.indexOf("as_of");
    return new SinkState(
        row.getString(schema.indexOf("domain")),
        row.getString(schema.indexOf("sink")),
        row.getString(schema.indexOf("of")),
        row.getString(schema.indexOf("to")),
        instant(row, schema.indexOf("at")),
        row.isNullAt(asOf) ? Optional.empty() : Optional.of(instant(row, asOf)),
        row.getLong(schema.indexOf("messages")),
        row.isNullAt(error) ? Optional.empty() : Optional.of(row.getString(error)));
  }

  private static Instant instant(Row row, int column) {
    return Instant.EPOCH.plus(row.getLong(column), ChronoUnit.MICROS);
  }
}
