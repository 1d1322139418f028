package assay.core.contract;

import assay.core.sql.SqlFile;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;

/** When a view is refreshed: at an interval, or by a cron expression of five fields, in UTC. */
public sealed interface Schedule {

  /** As it was written. */
  String text();

  /** When it is due next, where it was refreshed at {@code last}; later than that. */
  Instant next(Instant last);

  /** An interval from one refresh to the next. */
  record Every(String text, Duration interval) implements Schedule {
    @Override
    public Instant next(Instant last) {
      return last.plus(interval);
    }
  }

  /** Minute, hour, day of the month, month, day of the week. */
  record Cron(String text) implements Schedule {
    /** Where no moment ever fits, such as 30 February: beyond all waiting. */
    private static final Duration NEVER = Duration.ofDays(36_500);

    @Override
    public Instant next(Instant last) {
      return ExecutionTime.forCron(PARSER.get().parse(text))
          .nextExecution(last.atZone(ZoneOffset.UTC))
          .map(next -> next.toInstant())
          .orElseGet(() -> last.plus(NEVER));
    }
  }

  /** A parser made once it is needed: most contracts have no cron expression. */
  ThreadLocal<CronParser> PARSER =
      ThreadLocal.withInitial(
          () -> new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX)));

  /** Five words, which no interval has. */
  Pattern FIVE_FIELDS = Pattern.compile("\\S+(\\s+\\S+){4}");

  /**
   * Reads the value of {@code every}.
   *
   * @return empty where it was reported
   */
  static Optional<Schedule> read(SqlFile file, SqlFile.Value value) {
    String text = value.text();
    if (!FIVE_FIELDS.matcher(text).matches()) {
      return Durations.read(
              "every",
              text,
              Duration.ofSeconds(1),
              (message, mend) -> file.mistake(value.at(), message, mend))
          .map(interval -> new Every(text, interval));
    }
    try {
      var unused = PARSER.get().parse(text);
      return Optional.of(new Cron(text));
    } catch (IllegalArgumentException e) {
      file.mistake(
          value.at(),
          "`every` is no cron expression: `" + text + "`",
          "Write minute, hour, day of the month, month and day of the week, such as `0 6 * * 1-5`.");
      return Optional.empty();
    }
  }
}
