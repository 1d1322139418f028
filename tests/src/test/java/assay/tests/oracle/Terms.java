package assay.tests.oracle;

import java.util.EnumMap;
import java.util.Map;

/**
 * Of one cell: the rows in one number only, and by cause what they make of {@code live - batch}.
 */
public final class Terms {
  private final Map<Cause, Long> flights = new EnumMap<>(Cause.class);
  private final Map<Cause, Long> delayMinutes = new EnumMap<>(Cause.class);
  private long rows;

  void add(Cause cause, int sign, Flight flight) {
    rows++;
    flights.merge(cause, (long) sign, Long::sum);
    if (flight.delayMinutes() != null) {
      delayMinutes.merge(cause, (long) sign * flight.delayMinutes(), Long::sum);
    }
  }

  public long rows() {
    return rows;
  }

  public Map<Cause, Long> flights() {
    return flights;
  }

  public Map<Cause, Long> delayMinutes() {
    return delayMinutes;
  }
}
