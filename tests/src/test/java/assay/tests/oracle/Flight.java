package assay.tests.oracle;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The columns of a flight, in the contract's order; null where nothing (readable) is there. */
public record Flight(
    String flightId,
    Instant scheduledAt,
    Integer delayMinutes,
    Integer distanceMiles,
    String origin,
    String destination) {

  static final Flight UNREAD = new Flight(null, null, null, null, null, null);

  /** The day of the event time, null without one. */
  public LocalDate eventDate() {
    return scheduledAt == null ? null : LocalDate.ofInstant(scheduledAt, ZoneOffset.UTC);
  }

  Cell cell() {
    return new Cell(eventDate(), origin, destination);
  }
}
