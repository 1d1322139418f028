package assay.tests.oracle;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** "The live path" of the page. */
final class LivePath {
  static final Duration ALLOWED_LATENESS = Duration.ofHours(2);
  static final Duration DEDUP_WITHIN = Duration.ofMinutes(10);

  private final Map<Position, Disposition> dispositions = new TreeMap<>();

  /** When each flight last came, rows that are quarantined or late left out. */
  private final Map<Flight, Instant> lastCame = new HashMap<>();

  /** The order of rows of a flight, where {@code on_update} is {@code adjust}. */
  private final Optional<Comparator<Event>> place;

  /** By flight the row that counts. */
  private final Map<String, Event> standing = new HashMap<>();

  private LivePath(Optional<Comparator<Event>> place) {
    this.place = place;
  }

  /**
   * Judges rows in the order of bronze.
   *
   * @param orderBy the contract's, where it adjusts
   */
  static Map<Position, Disposition> judge(
      List<Event> events, Optional<Comparator<Flight>> orderBy) {
    LivePath path =
        new LivePath(
            orderBy.map(
                order ->
                    Comparator.comparing(Event::flight, order)
                        .thenComparing(event -> event.row().position())));
    TreeMap<Instant, List<Event>> batches =
        events.stream()
            .collect(
                Collectors.groupingBy(
                    event -> event.row().ingestedAt(), TreeMap::new, Collectors.toList()));
    Optional<Instant> highest = Optional.empty();
    for (List<Event> batch : batches.values()) {
      Optional<Instant> watermark = highest.map(time -> time.minus(ALLOWED_LATENESS));
      for (Event event : batch) {
        path.dispositions.put(event.row().position(), path.judge(event, watermark));
      }
      for (Event event : batch) {
        if (!event.fails()) {
          Instant time = event.flight().scheduledAt();
          highest = Optional.of(highest.filter(h -> h.isAfter(time)).orElse(time));
        }
      }
    }
    return path.dispositions;
  }

  private Disposition judge(Event event, Optional<Instant> watermark) {
    if (event.fails()) {
      return Disposition.QUARANTINED;
    }
    if (watermark.isPresent() && event.flight().scheduledAt().isBefore(watermark.get())) {
      return Disposition.LATE;
    }
    Instant now = event.row().ingestedAt();
    Instant before = lastCame.put(event.flight(), now);
    if (before != null && !now.isAfter(before.plus(DEDUP_WITHIN))) {
      return Disposition.DUPLICATE;
    }
    return place.isPresent() ? adjust(event, place.get()) : Disposition.COUNTED;
  }

  private Disposition adjust(Event event, Comparator<Event> order) {
    Event stands = standing.get(event.flight().flightId());
    if (stands != null
        && !event.row().ingestedAt().isAfter(stands.row().ingestedAt().plus(DEDUP_WITHIN))) {
      if (order.compare(event, stands) < 0) {
        return Disposition.SUPERSEDED;
      }
      dispositions.put(stands.row().position(), Disposition.SUPERSEDED);
    }
    standing.put(event.flight().flightId(), event);
    return Disposition.COUNTED;
  }
}
