package assay.cli;

import assay.core.AssayException;
import assay.core.DayRange;
import java.time.LocalDate;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --date}, or {@code --from} and {@code --to}. */
final class DayOptions {
  @Option(names = "--date", paramLabel = "DAY", description = "One day, as 2001-01-31.")
  private LocalDate date;

  @Option(names = "--from", paramLabel = "DAY", description = "The first of several days.")
  private LocalDate from;

  @Option(names = "--to", paramLabel = "DAY", description = "The last of them, inclusive.")
  private LocalDate to;

  /**
   * The days that were asked for; empty where none were.
   *
   * @throws AssayException with {@code USAGE} where the options do not make a range
   */
  Optional<DayRange> range() {
    if (date != null && (from != null || to != null)) {
      throw AssayException.usage(
          "--date does not go with --from and --to", "give one day, or the first and the last");
    }
    if ((from == null) != (to == null)) {
      throw AssayException.usage("--from and --to go together", "give both, or --date for one day");
    }
    if (date != null) {
      return Optional.of(new DayRange(date, date));
    }
    return from == null ? Optional.empty() : Optional.of(new DayRange(from, to));
  }
}
