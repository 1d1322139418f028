package assay.cli;

import assay.core.AssayException;
import assay.silver.IngestRange;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --hour}, or {@code --from} and {@code --to}: when rows came to bronze, in UTC. */
final class TimeOptions {
  @Option(
      names = "--hour",
      paramLabel = "HOUR",
      description = "Read the rows that came in this hour anew, as 2026-01-31T05 (UTC).")
  private String hour;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Read the rows anew that came at this time or later, as 2026-01-31 or 2026-01-31T05:30.")
  private String from;

  @Option(names = "--to", paramLabel = "TIME", description = "… and before this time.")
  private String to;

  /**
   * The time that was asked for; empty where none was.
   *
   * @throws AssayException with {@code USAGE} where the options do not make a range
   */
  Optional<IngestRange> range() {
    if (hour != null) {
      if (from != null || to != null) {
        throw AssayException.usage(
            "--hour does not go with --from and --to", "give one hour, or the two times");
      }
      Instant start = time("--hour", hour);
      if (!start.equals(start.truncatedTo(ChronoUnit.HOURS))) {
        throw AssayException.usage(
            "--hour " + hour + " is not the beginning of an hour",
            "write it as 2026-01-31T05, or give --from and --to");
      }
      return Optional.of(IngestRange.hour(start));
    }
    if (from == null) {
      if (to != null) {
        throw AssayException.usage("--to stands alone", "give --from too");
      }
      return Optional.empty();
    }
    Instant start = time("--from", from);
    return Optional.of(
        to == null ? IngestRange.since(start) : new IngestRange(start, time("--to", to)));
  }

  /** A day, an hour, or a time with minutes, UTC where no offset is given. */
  static Instant time(String option, String text) {
    try {
      if (text.length() == "2026-01-31".length()) {
        return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      }
      if (text.length() == "2026-01-31T05".length()) {
        return LocalDateTime.parse(text + ":00").toInstant(ZoneOffset.UTC);
      }
      return text.matches(".*(Z|[+-][0-9]{2}:[0-9]{2})")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new AssayException(
          assay.core.ErrorCode.USAGE,
          option + " " + text + " is no time",
          "write it as 2026-01-31, 2026-01-31T05 or 2026-01-31T05:30:00Z; UTC where no offset is given",
          e);
    }
  }
}
