package assay.cli.demo;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/** Flights as they came to be known, each at its scheduled time and its delay. */
final class MonthFlights {
  private final List<Arrival> arrivals;
  private final NavigableSet<LocalDate> days;

  /**
   * A flight that becomes known.
   *
   * @param at when, by the flights' own time
   */
  record Arrival(Instant at, DemoRecord record) {}

  private MonthFlights(List<Arrival> arrivals, NavigableSet<LocalDate> days) {
    this.arrivals = arrivals;
    this.days = days;
  }

  /**
   * Reads a file of flights in the order in which they happened, one JSON object a line, gzipped.
   *
   * @throws AssayException when it cannot be read, holds no flight or is in another order
   */
  static MonthFlights read(Path file) {
    List<Arrival> arrivals = new ArrayList<>();
    NavigableSet<LocalDate> days = new TreeSet<>();
    Instant last = Instant.MIN;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Flight flight = new Flight(line);
        Instant at = flight.scheduledAt().plus(flight.delay());
        if (at.isBefore(last)) {
          throw unusable(
              file,
              "line %d comes before the one above it".formatted(arrivals.size() + 1),
              new IllegalArgumentException(line));
        }
        last = at;
        LocalDate day = LocalDate.ofInstant(flight.scheduledAt(), ZoneOffset.UTC);
        days.add(day);
        arrivals.add(new Arrival(at, flight.asItIs()));
      }
    } catch (IOException | RuntimeException e) {
      throw e instanceof AssayException told
          ? told
          : unusable(file, "line %d: %s".formatted(arrivals.size() + 1, e.getMessage()), e);
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
    return arrivals.subList(before(from), before(to)).stream().map(Arrival::record).toList();
  }

  /** How many became known before a moment. */
  private int before(Instant moment) {
    int low = 0;
    int high = arrivals.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (arrivals.get(middle).at().isBefore(moment)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
