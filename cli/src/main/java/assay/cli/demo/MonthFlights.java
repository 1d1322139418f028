package assay.cli.demo;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Flights as they came to be known, each at its scheduled time and its delay. */
final class MonthFlights {
  /** By when they became known, by their own time. */
  private final NavigableMap<Instant, List<DemoRecord>> arrivals;

  private final NavigableSet<LocalDate> days;

  private MonthFlights(
      NavigableMap<Instant, List<DemoRecord>> arrivals, NavigableSet<LocalDate> days) {
    this.arrivals = arrivals;
    this.days = days;
  }

  /**
   * Reads a file of flights in the order in which they happened, one JSON object a line, gzipped.
   *
   * @throws AssayException when it cannot be read, holds no flight or is in another order
   */
  static MonthFlights read(Path file) {
    NavigableMap<Instant, List<DemoRecord>> arrivals = new TreeMap<>();
    NavigableSet<LocalDate> days = new TreeSet<>();
    int number = 1;
    try (BufferedReader reader = Flight.lines(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Flight flight = new Flight(line);
        Instant at = flight.scheduledAt().plus(flight.delay());
        if (!arrivals.isEmpty() && at.isBefore(arrivals.lastKey())) {
          throw unusable(
              file,
              "line %d comes before the one above it".formatted(number),
              new IllegalArgumentException(line));
        }
        days.add(LocalDate.ofInstant(flight.scheduledAt(), ZoneOffset.UTC));
        arrivals.computeIfAbsent(at, t -> new ArrayList<>()).add(flight.asItIs());
        number++;
      }
    } catch (IOException | RuntimeException e) {
      throw e instanceof AssayException told
          ? told
          : unusable(file, "line %d: %s".formatted(number, e.getMessage()), e);
    }
    if (arrivals.isEmpty()) {
      throw unusable(file, "it is empty", new UncheckedIOException(new IOException("no line")));
    }
    return new MonthFlights(arrivals, days);
  }

  private static AssayException unusable(Path file, String why, Exception cause) {
    return new AssayException(
        ErrorCode.USAGE,
        "cannot take the flights of " + file + ": " + why,
        "give a file in the form of examples/flights/january.jsonl.gz",
        cause);
  }

  /** The first day that flights were to leave on. */
  LocalDate first() {
    return days.first();
  }

  /** The last one. */
  LocalDate last() {
    return days.last();
  }

  /** What became known from one moment, inclusive, to another, exclusive. */
  List<DemoRecord> between(Instant from, Instant to) {
    return arrivals.subMap(from, to).values().stream().flatMap(List::stream).toList();
  }
}
