package assay.tests.oracle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** "Reading a row" of the page, for the contract of the flights. */
public final class FlightReader {
  static final String SANE_DELAY = "sane_delay";

  /** What the contract's own check says, where {@code $} also stands before a last line end. */
  private static final Pattern CODE = Pattern.compile("^[A-Z]{3}$");

  private FlightReader() {}

  public static Event read(BronzeRow row) {
    if (row.value().isEmpty()) {
      return unreadable(row, "value(null)");
    }
    Optional<String> text = decode(row.value().get());
    if (text.isEmpty()) {
      return unreadable(row, "value(utf8)");
    }
    return JsonTexts.read(text.get())
        .map(fields -> readFields(row, fields))
        .orElseGet(() -> unreadable(row, "value(json)"));
  }

  private static Event readFields(BronzeRow row, Map<String, String> fields) {
    List<String> failed = new ArrayList<>();
    Flight flight =
        new Flight(
            column("flight_id", true, Optional::of, fields, failed),
            column("scheduled_at", true, Texts::toTimestamp, fields, failed),
            column("delay_minutes", false, Texts::toInt, fields, failed),
            column("distance_miles", false, Texts::toInt, fields, failed),
            column("origin", true, Optional::of, fields, failed),
            column("destination", true, Optional::of, fields, failed));
    if (isNoCode(flight.origin()) || isNoCode(flight.destination())) {
      failed.add("airport_codes");
    }
    Integer delay = flight.delayMinutes();
    if (delay != null && (delay < -1440 || delay > 2880)) {
      failed.add(SANE_DELAY);
    }
    return new Event(row, flight, failed);
  }

  private static <T> T column(
      String name,
      boolean required,
      Function<String, Optional<T>> type,
      Map<String, String> fields,
      List<String> failed) {
    String text = fields.get(name);
    if (text == null) {
      if (required) {
        failed.add("required(" + name + ")");
      }
      return null;
    }
    Optional<T> value = type.apply(text);
    if (value.isEmpty()) {
      failed.add("type(" + name + ")");
    }
    return value.orElse(null);
  }

  /** NULL passes; one side that is no code is enough, whatever the other is. */
  private static boolean isNoCode(String text) {
    return text != null && !CODE.matcher(text).find();
  }

  private static Event unreadable(BronzeRow row, String name) {
    return new Event(row, Flight.UNREAD, List.of(name));
  }

  private static Optional<String> decode(ByteBuffer bytes) {
    try {
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
