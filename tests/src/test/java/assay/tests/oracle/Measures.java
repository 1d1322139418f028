package assay.tests.oracle;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The measures of a cell, those over no value null. */
public record Measures(long flights, Long delayMinutes, Integer worstDelay, Double avgDelay) {

  /** One of them by its name in the contract. */
  public Number value(String name) {
    return switch (name) {
      case "flights" -> flights;
      case "delay_minutes" -> delayMinutes;
      case "worst_delay" -> worstDelay;
      case "avg_delay" -> avgDelay;
      default -> throw new IllegalArgumentException("no measure " + name);
    };
  }

  static Map<Cell, Measures> ofCells(Collection<Flight> flights) {
    return flights.stream()
        .collect(
            Collectors.groupingBy(
                Flight::cell, Collectors.collectingAndThen(Collectors.toList(), Measures::of)));
  }

  private static Measures of(List<Flight> flights) {
    List<Integer> delays =
        flights.stream().map(Flight::delayMinutes).filter(Objects::nonNull).toList();
    if (delays.isEmpty()) {
      return new Measures(flights.size(), null, null, null);
    }
    long sum = delays.stream().mapToLong(Integer::longValue).sum();
    int worst = delays.stream().mapToInt(Integer::intValue).max().orElseThrow();
    return new Measures(flights.size(), sum, worst, (double) sum / delays.size());
  }
}
