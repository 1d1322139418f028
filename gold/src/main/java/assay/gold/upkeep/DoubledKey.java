package assay.gold.upkeep;

import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A key that stands in silver more than once.
 *
 * @param key values by column, in the contract's order, as text
 * @param places its rows, by day
 */
public record DoubledKey(Map<String, String> key, List<Place> places) {

  /**
   * A row of silver.
   *
   * @param day the row's {@code event_date}
   * @param partition of Kafka
   * @param offset in it
   */
  public record Place(LocalDate day, int partition, long offset) {}

  public DoubledKey {
    key = Collections.unmodifiableMap(new LinkedHashMap<>(key));
    places = List.copyOf(places);
  }
}
