package assay.tests.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    Optional<String> text = Texts.decode(row.value().get());
    if (text.isEmpty()) {
      return unreadable(row, "value(utf8)");
    }
    return JsonTexts.read(text.get())
        .map(fields -> readFields(row, fields))
        .orElseGet(() -> unreadable(row, "value(json)"));
  }

  private static Event readFields(BronzeRow row, Map<String, String> fields) {
    ColumnTexts columns = new ColumnTexts(fields);
    Flight flight =
        new Flight(
            columns.required("flight_id", Optional::of),
            columns.required("scheduled_at", Texts::toTimestamp),
            columns.optional("delay_minutes", Texts::toInt),
            columns.optional("distance_miles", Texts::toInt),
            columns.required("origin", Optional::of),
            columns.required("destination", Optional::of));
    List<String> failed = new ArrayList<>(columns.failed());
    if (isNoCode(flight.origin()) || isNoCode(flight.destination())) {
      failed.add("airport_codes");
    }
    Integer delay = flight.delayMinutes();
    if (delay != null && (delay < -1440 || delay > 2880)) {
      failed.add(SANE_DELAY);
    }
    return new Event(row, flight, failed);
  }

  /** NULL passes; one side that is no code is enough, whatever the other is. */
  private static boolean isNoCode(String text) {
    return text != null && !CODE.matcher(text).find();
  }

  private static Event unreadable(BronzeRow row, String name) {
    return new Event(row, Flight.UNREAD, List.of(name));
  }
}
