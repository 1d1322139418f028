package assay.cli.demo;

import assay.cli.demo.DemoRecord.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** One line of the flights file, and what faults can be made of it. */
record Flight(String text) {

  /** The lines of a file of flights, one JSON object each, gzipped. */
  static BufferedReader lines(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8));
  }

  /** When it was to leave. */
  Instant scheduledAt() {
    return Instant.parse(quoted("scheduled_at"));
  }

  /** How much later it left; negative where it was early. */
  Duration delay() {
    return Duration.ofMinutes(Long.parseLong(value("delay_minutes")));
  }

  DemoRecord asItIs() {
    return as(Kind.FLIGHT);
  }

  /** The fault of this kind; {@code number} tells those of one kind apart. */
  DemoRecord fault(Kind kind, int number) {
    return switch (kind) {
      case FLIGHT, REPEAT -> as(kind);
      case CORRECTION -> {
        int delay = Integer.parseInt(value("delay_minutes"));
        yield with("delay_minutes", Integer.toString(delay + 7)).as(kind);
      }
      case MALFORMED -> {
        String half = text.substring(0, text.length() / 2);
        yield new DemoRecord(kind, key(), Optional.of(half));
      }
      case FAILED_RULE -> fromNoAirport(number).as(kind);
      // Seven days are 10,080 minutes; the rule allows for two.
      case FAILED_BOTH_RULES -> fromNoAirport(number).with("delay_minutes", "10080").as(kind);
      case WRONG_TYPE -> with("delay_minutes", "\"soon\"").as(kind);
      case MISSING_REQUIRED ->
          new Flight(text.replaceFirst(",\"destination\":\"[^\"]*\"", "")).as(kind);
      case NULL_VALUE -> new DemoRecord(kind, key(), Optional.empty());
    };
  }

  /** As from a keyboard: in lower case, or with a digit that looks like the letter. */
  private Flight fromNoAirport(int number) {
    String origin = quoted("origin");
    String wrong = number % 2 == 0 ? origin.toLowerCase(Locale.ROOT) : "S3" + origin.charAt(0);
    return with("flight_id", '"' + key().replace("-" + origin + "-", "-" + wrong + "-") + '"')
        .with("origin", '"' + wrong + '"');
  }

  private DemoRecord as(Kind kind) {
    return new DemoRecord(kind, key(), Optional.of(text));
  }

  private String key() {
    return quoted("flight_id");
  }

  private String quoted(String field) {
    String value = value(field);
    return value.substring(1, value.length() - 1);
  }

  private String value(String field) {
    Matcher matcher = matcher(field);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + field + " in " + text);
    }
    return matcher.group(1);
  }

  private Flight with(String field, String value) {
    return new Flight(
        matcher(field).replaceFirst(Matcher.quoteReplacement("\"" + field + "\":" + value)));
  }

  /**
   * A line is flat and holds no escapes, so that this is enough, and what is not asked for stays.
   */
  private Matcher matcher(String field) {
    return Pattern.compile("\"" + field + "\":(\"[^\"]*\"|-?[0-9]+)").matcher(text);
  }
}
