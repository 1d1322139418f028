package assay.tests.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Real flights at the time at which each became known, that is when it took off: its scheduled time
 * and its delay. Between them stand, at equal distances, reports of a flight that come again, that
 * correct it, hours or days later, that take a correction back, and that cannot be read.
 */
final class FlightArrivals {
  private static final int REPEAT = 97;
  private static final int CORRECTION = 211;
  private static final int TAKEN_BACK = 307;
  private static final int OLD_CORRECTION = 499;
  private static final int BROKEN = 1_009;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Arrival> arrivals = new ArrayList<>();
  private int flights;

  /**
   * A record to send.
   *
   * @param flight the Kafka key, so that all records of a flight stand in one partition
   */
  record Arrival(Instant at, String flight, String value) {}

  private FlightArrivals() {}

  /**
   * Reads flights and puts all records in the order in which they come.
   *
   * @param path a file of JSON lines, gzipped, or a folder of such files
   * @param most of the time from the first record on
   */
  static List<Arrival> read(Path path, Duration most) throws IOException {
    FlightArrivals read = new FlightArrivals();
    for (Path file : files(path)) {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(
                  new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          read.add(line);
        }
      }
    }
    // A stable sort: records of one moment stay as they stand in the files.
    read.arrivals.sort(Comparator.comparing(Arrival::at));
    if (read.arrivals.isEmpty()) {
      throw new IllegalArgumentException("no flight in " + path);
    }
    Instant end = read.arrivals.get(0).at().plus(most);
    return read.arrivals.stream().filter(arrival -> arrival.at().isBefore(end)).toList();
  }

  private static List<Path> files(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".jsonl.gz")).sorted().toList();
    }
  }

  private void add(String line) {
    ObjectNode flight = parse(line);
    int delay = flight.get("delay_minutes").intValue();
    Instant at =
        Instant.parse(flight.get("scheduled_at").textValue()).plus(Duration.ofMinutes(delay));
    String id = flight.get("flight_id").textValue();
    arrivals.add(new Arrival(at, id, line));
    int number = ++flights;
    if (number % REPEAT == 0) {
      arrivals.add(new Arrival(at.plus(Duration.ofMinutes(40)), id, line));
    }
    String corrected = flight.put("delay_minutes", delay + 7).toString();
    if (number % CORRECTION == 0) {
      arrivals.add(new Arrival(at.plus(Duration.ofMinutes(30)), id, corrected));
    }
    if (number % TAKEN_BACK == 0) {
      arrivals.add(new Arrival(at.plus(Duration.ofMinutes(10)), id, corrected));
      arrivals.add(new Arrival(at.plus(Duration.ofMinutes(20)), id, line));
    }
    if (number % OLD_CORRECTION == 0) {
      arrivals.add(new Arrival(at.plus(Duration.ofHours(30)), id, corrected));
    }
    if (number % BROKEN == 0) {
      arrivals.add(new Arrival(at, id, line.substring(0, line.length() / 2)));
    }
  }

  private static ObjectNode parse(String line) {
    try {
      return (ObjectNode) JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException("not a flight: " + line, e);
    }
  }
}
