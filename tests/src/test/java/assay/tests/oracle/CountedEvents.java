package assay.tests.oracle;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What views of other kinds than sums show of the rows that a path takes into its numbers. */
public final class CountedEvents {
  private static final Comparator<Event> BY_TIME =
      Comparator.comparing((Event event) -> event.flight().scheduledAt())
          .thenComparing(event -> event.row().partition())
          .thenComparing(event -> event.row().offset());

  private final List<Event> counted;

  private CountedEvents(List<Event> counted) {
    this.counted = counted;
  }

  public static CountedEvents ofLive(Oracle oracle) {
    return new CountedEvents(oracle.live(d -> d == Disposition.COUNTED));
  }

  public static CountedEvents ofBatch(Oracle oracle) {
    return new CountedEvents(oracle.batch(d -> d == Disposition.LOADED));
  }

  /** Those of the flights that pass. */
  public CountedEvents filtered(Predicate<Flight> filter) {
    return new CountedEvents(
        counted.stream().filter(event -> filter.test(event.flight())).toList());
  }

  /** By flight, the last by {@code orderBy}, then partition, then offset. */
  public List<Event> latest(Comparator<Flight> orderBy) {
    Comparator<Event> order =
        Comparator.comparing(Event::flight, orderBy)
            .thenComparing(event -> event.row().partition())
            .thenComparing(event -> event.row().offset());
    return counted.stream()
        .collect(Collectors.groupingBy(event -> event.flight().flightId()))
        .values()
        .stream()
        .map(ofFlight -> ofFlight.stream().max(order).orElseThrow())
        .toList();
  }

  /**
   * A run of flights from one origin, each at most a gap after the one before.
   *
   * @param last the id of its last flight
   */
  public record Session(
      LocalDate day, String origin, Instant start, Instant end, long flights, String last) {

    static Session of(List<Event> run) {
      Event first = run.get(0);
      Event last = run.get(run.size() - 1);
      Instant start = first.flight().scheduledAt();
      return new Session(
          LocalDate.ofInstant(start, ZoneOffset.UTC),
          first.flight().origin(),
          start,
          last.flight().scheduledAt(),
          run.size(),
          last.flight().flightId());
    }
  }

  public List<Session> sessions(Duration gap) {
    List<Session> sessions = new ArrayList<>();
    Map<String, List<Event>> byOrigin =
        counted.stream().collect(Collectors.groupingBy(event -> event.flight().origin()));
    for (List<Event> ofOrigin : byOrigin.values()) {
      List<Event> run = new ArrayList<>();
      for (Event event : ofOrigin.stream().sorted(BY_TIME).toList()) {
        boolean apart =
            !run.isEmpty()
                && event
                    .flight()
                    .scheduledAt()
                    .isAfter(run.get(run.size() - 1).flight().scheduledAt().plus(gap));
        if (apart) {
          sessions.add(Session.of(run));
          run.clear();
        }
        run.add(event);
      }
      sessions.add(Session.of(run));
    }
    return sessions;
  }

  /**
   * Measures of a cell that cannot be added up.
   *
   * @param half the least delay that half of the delays are not above; null without any
   */
  public record Shape(
      String firstFlight, Integer lastDelay, long delays, long flights, Double half) {

    static Shape of(List<Event> cell) {
      List<Event> sorted = cell.stream().sorted(BY_TIME).toList();
      List<Integer> delays =
          cell.stream()
              .map(event -> event.flight().delayMinutes())
              .filter(Objects::nonNull)
              .sorted()
              .toList();
      return new Shape(
          sorted.get(0).flight().flightId(),
          sorted.get(sorted.size() - 1).flight().delayMinutes(),
          delays.stream().distinct().count(),
          cell.stream().map(event -> event.flight().flightId()).distinct().count(),
          delays.isEmpty() ? null : (double) delays.get((delays.size() + 1) / 2 - 1));
    }
  }

  public Map<Cell, Shape> shapes() {
    Map<Cell, Shape> shapes = new TreeMap<>(Comparator.comparing(Cell::toString));
    counted.stream()
        .collect(Collectors.groupingBy(event -> event.flight().cell()))
        .forEach((cell, events) -> shapes.put(cell, Shape.of(events)));
    return shapes;
  }

  /**
   * A part of a cell by event time.
   *
   * @param start inclusive
   */
  public record Window(Cell cell, Instant start) {}

  /** By windows of one length, the first of which begins with 1970 in UTC. */
  public Map<Window, Shape> windows(Duration length) {
    Map<Window, Shape> shapes = new TreeMap<>(Comparator.comparing(Window::toString));
    counted.stream()
        .collect(
            Collectors.groupingBy(
                event -> {
                  long second = event.flight().scheduledAt().getEpochSecond();
                  long start = second - Math.floorMod(second, length.toSeconds());
                  return new Window(event.flight().cell(), Instant.ofEpochSecond(start));
                }))
        .forEach((window, events) -> shapes.put(window, Shape.of(events)));
    return shapes;
  }

  /**
   * A cell among those of its day.
   *
   * @param rank from 1
   */
  public record Ranked(Cell cell, Shape shape, int rank) {}

  /** The cells of each day with most flights, equal ones by origin, then destination. */
  public List<Ranked> top(int rows) {
    Comparator<Map.Entry<Cell, Shape>> most =
        Comparator.comparing((Map.Entry<Cell, Shape> e) -> -e.getValue().flights())
            .thenComparing(e -> e.getKey().origin())
            .thenComparing(e -> e.getKey().destination());
    List<Ranked> top = new ArrayList<>();
    Map<LocalDate, Integer> ranks = new TreeMap<>();
    for (Map.Entry<Cell, Shape> cell : shapes().entrySet().stream().sorted(most).toList()) {
      int rank = ranks.merge(cell.getKey().eventDate(), 1, Integer::sum);
      if (rank <= rows) {
        top.add(new Ranked(cell.getKey(), cell.getValue(), rank));
      }
    }
    return top;
  }
}
