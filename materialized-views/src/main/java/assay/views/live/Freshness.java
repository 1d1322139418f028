package assay.views.live;

import assay.core.Lake;
import assay.core.runs.NewestRows;
import io.delta.kernel.data.Row;
import io.delta.kernel.types.StructType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.apache.hadoop.conf.Configuration;

/**
 * How fresh a live view was in one minute or a little more, as {@link FreshnessLog} wrote it down.
 *
 * @param to the end of that time
 * @param rows that became visible in it
 * @param p50Millis half of them took no longer from Kafka's timestamp to the commit that shows
 *     them; empty where there were none
 * @param p99Millis the same of 99 in a hundred
 * @param stateBytes memory that the live query held between micro-batches
 * @param error why the view's circuit was open; empty where it was not
 */
public record Freshness(
    String domain,
    String view,
    Instant to,
    long rows,
    OptionalLong p50Millis,
    OptionalLong p99Millis,
    long stateBytes,
    Optional<String> error) {

  /** The newest of each view, by domain and name; none where no live query was measured. */
  public static Collection<Freshness> newest(Lake lake, Configuration configuration) {
    List<Freshness> all = new NewestRows(lake.freshness(), configuration).read(Freshness::of);
    TreeMap<String, Freshness> newest = new TreeMap<>();
    for (Freshness one : all) {
      newest.merge(
          one.domain + " " + one.view, one, BinaryOperator.maxBy((a, b) -> a.to.compareTo(b.to)));
    }
    return newest.values();
  }

  private static Freshness of(Row row) {
    StructType schema = row.getSchema();
    int error = schema.indexOf("error");
    return new Freshness(
        row.getString(schema.indexOf("domain")),
        row.getString(schema.indexOf("view")),
        Instant.EPOCH.plus(row.getLong(schema.indexOf("to")), ChronoUnit.MICROS),
        row.getLong(schema.indexOf("rows")),
        number(row, schema.indexOf("p50_ms")),
        number(row, schema.indexOf("p99_ms")),
        row.getLong(schema.indexOf("state_bytes")),
        row.isNullAt(error) ? Optional.empty() : Optional.of(row.getString(error)));
  }

  private static OptionalLong number(Row row, int column) {
    return row.isNullAt(column) ? OptionalLong.empty() : OptionalLong.of(row.getLong(column));
  }
}
