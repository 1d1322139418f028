package assay.tests.oracle;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** "The batch path" of the page. */
final class BatchPath {
  private final Comparator<Event> place;
  private final Map<Position, Disposition> dispositions = new TreeMap<>();
  private final Map<String, Event> standing = new HashMap<>();

  private BatchPath(Comparator<Flight> orderBy) {
    this.place =
        Comparator.comparing(Event::flight, orderBy).thenComparing(event -> event.row().position());
  }

  /**
   * Judges rows.
   *
   * @param events in the order of bronze
   * @param orderBy the contract's {@code order_by}
   */
  static Map<Position, Disposition> judge(List<Event> events, Comparator<Flight> orderBy) {
    BatchPath path = new BatchPath(orderBy);
    events.forEach(path::judge);
    return path.dispositions;
  }

  private void judge(Event event) {
    if (event.fails()) {
      put(event, Disposition.QUARANTINED);
      return;
    }
    String key = event.flight().flightId();
    Event stands = standing.get(key);
    if (stands == null) {
      standing.put(key, event);
      put(event, Disposition.LOADED);
    } else if (stands.flight().equals(event.flight())) {
      put(event, Disposition.DUPLICATE);
    } else if (place.compare(event, stands) > 0) {
      standing.put(key, event);
      put(stands, Disposition.SUPERSEDED);
      put(event, Disposition.LOADED);
    } else {
      put(event, Disposition.SUPERSEDED);
    }
  }

  private void put(Event event, Disposition disposition) {
    dispositions.put(event.row().position(), disposition);
  }
}
