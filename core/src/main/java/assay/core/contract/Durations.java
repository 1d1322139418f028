package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations: {@code 10 seconds}, {@code 1 minute}, {@code 2 hours}, {@code 30 days}. */
public final class Durations {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9}) ?([A-Za-z]+)");
  private static final Duration MOST = Duration.ofDays(3_660);

  private static final Map<String, Duration> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("second", Duration.ofSeconds(1));
    UNITS.put("minute", Duration.ofMinutes(1));
    UNITS.put("hour", Duration.ofHours(1));
    UNITS.put("day", Duration.ofDays(1));
    UNITS.put("seconds", Duration.ofSeconds(1));
    UNITS.put("minutes", Duration.ofMinutes(1));
    UNITS.put("hours", Duration.ofHours(1));
    UNITS.put("days", Duration.ofDays(1));
  }

  private static final Map<String, String> SHORT =
      Map.of(
          "s", "seconds", "sec", "seconds", "m", "minutes", "min", "minutes", "h", "hours", "d",
          "days", "w", "days", "week", "days", "weeks", "days");

  private Durations() {}

  /**
   * Reads a duration of at least {@code least}, at most ten years.
   *
   * @return empty where it was reported
   */
  public static Optional<Duration> read(YamlNode node, Duration least) {
    return read(node.name(), node.text(), least, node::mistake);
  }

  /**
   * The same of a text that stands anywhere.
   *
   * @param mistake is told what is wrong and what to write
   */
  static Optional<Duration> read(
      String key, String written, Duration least, BiConsumer<String, String> mistake) {
    String text = written.strip();
    String name = "`" + key + "`";
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      mistake.accept(
          name + " is no duration: `" + text + "`", "Write for example `10 seconds` or `2 hours`.");
      return Optional.empty();
    }
    long number = Long.parseLong(form.group(1));
    String unit = form.group(2);
    if (!text.contains(" ") || !UNITS.containsKey(unit)) {
      mistake.accept(name + " is no duration: `" + text + "`", mend(number, unit));
      return Optional.empty();
    }
    Duration duration = UNITS.get(unit).multipliedBy(number);
    if (duration.compareTo(least) < 0) {
      mistake.accept(
          name + " is too short: `" + text + "`", "Write at least `" + spoken(least) + "`.");
      return Optional.empty();
    }
    if (duration.compareTo(MOST) > 0) {
      mistake.accept(name + " is too long: `" + text + "`", "Write at most `3660 days`.");
      return Optional.empty();
    }
    return Optional.of(duration);
  }

  /** A whole number of days, at least one. */
  static Optional<Integer> readDays(YamlNode node) {
    Optional<Duration> duration = read(node, Duration.ofSeconds(1));
    if (duration.isEmpty()) {
      return Optional.empty();
    }
    if (duration.get().toSeconds() % Duration.ofDays(1).toSeconds() != 0) {
      node.mistake(
          "`" + node.name() + "` must be whole days, not `" + node.text() + "`",
          "Write for example `14 days`.");
      return Optional.empty();
    }
    return Optional.of((int) duration.get().toDays());
  }

  private static String mend(long number, String unit) {
    if (unit.startsWith("milli") || unit.startsWith("micro") || unit.equals("ms")) {
      return "Write whole seconds, such as `1 second`.";
    }
    if (unit.startsWith("week") || unit.equals("w")) {
      return "Write `" + number * 7 + " days`.";
    }
    Optional<String> near =
        UNITS.containsKey(unit)
            ? Optional.of(unit)
            : Optional.ofNullable(SHORT.get(unit)).or(() -> Nearest.to(unit, UNITS.keySet()));
    return near.map(meant -> "Write `" + number + " " + meant + "`.")
        .orElse("Write seconds, minutes, hours or days, such as `2 hours`.");
  }

  static String spoken(Duration duration) {
    long seconds = duration.toSeconds();
    String unit = seconds % 60 == 0 && seconds > 0 ? "minute" : "second";
    long number = unit.equals("minute") ? seconds / 60 : seconds;
    return number + " " + unit + (number == 1 ? "" : "s");
  }
}
