package assay.core.runs;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One run of a stage over a domain, as it stands in {@code ops/runs}.
 *
 * @param id tells runs apart
 * @param range the days or hours that were asked for, in a person's words; empty where none were
 * @param outcome {@code done}, or the name of the error's code
 * @param rows by what became of them, such as {@code loaded}
 * @param versions of tables, by what they were to the run, such as {@code silver}
 * @param bytesRead by the tasks of the run
 * @param bytesWritten by the tasks of the run
 * @param error the message of what ended the run; empty where it ended well
 */
public record RunRecord(
    String id,
    String stage,
    String domain,
    Optional<String> range,
    Instant startedAt,
    Duration took,
    String outcome,
    Map<String, Long> rows,
    Map<String, Long> versions,
    long bytesRead,
    long bytesWritten,
    Optional<String> error) {
  /** The outcome of a run that ended well. */
  public static final String DONE = "done";

  public RunRecord {
    rows = Collections.unmodifiableMap(new TreeMap<>(rows));
    versions = Collections.unmodifiableMap(new TreeMap<>(versions));
  }
}
