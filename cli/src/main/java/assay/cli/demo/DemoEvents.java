package assay.cli.demo;

import assay.cli.demo.DemoRecord.Kind;
import assay.core.AssayException;
import assay.core.ErrorCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The records that the demo produces, in order: real flights as they happened, with a counted
 * handful of made faults between them. The same file gives the same records.
 */
public final class DemoEvents {
  private final List<DemoRecord> records;
  private final Faults faults;

  /**
   * Faults of one kind at equal distances. Positions count flights from 0; a fault stands right
   * behind the flight at its position.
   *
   * @param behind how many flights before that position the flight stands that the fault is made of
   */
  private record Series(Kind kind, int first, int step, int count, int behind) {}

  /** No flight has two faults. Half a day of flights is about 8,000, minutes are dozens. */
  private static final List<Series> PLAN =
      List.of(
          new Series(Kind.REPEAT, 1_000, 1_900, 15, 40),
          new Series(Kind.REPEAT, 29_500, 1_900, 10, 12_000),
          new Series(Kind.CORRECTION, 1_400, 2_300, 10, 200),
          new Series(Kind.CORRECTION, 24_400, 2_300, 10, 8_000),
          new Series(Kind.MALFORMED, 903, 4_700, 10, 0),
          new Series(Kind.FAILED_RULE, 1_705, 4_600, 10, 0),
          new Series(Kind.FAILED_BOTH_RULES, 12_345, 20_988, 2, 0),
          new Series(Kind.WRONG_TYPE, 5_007, 17_500, 3, 0),
          new Series(Kind.MISSING_REQUIRED, 8_011, 22_000, 2, 0),
          new Series(Kind.NULL_VALUE, 2_509, 9_000, 5, 0));

  private DemoEvents(List<DemoRecord> records) {
    this.records = List.copyOf(records);
    this.faults = Faults.countedIn(records);
  }

  /**
   * Reads a file of flights, one JSON object a line, gzipped.
   *
   * @throws AssayException when it cannot be read, or is too short to hold all faults
   */
  public static DemoEvents read(Path file) {
    List<Flight> flights = flights(file);
    Map<Integer, List<DemoRecord>> faults = faultsByPosition(file, flights);
    List<DemoRecord> records = new ArrayList<>();
    for (int position = 0; position < flights.size(); position++) {
      records.add(flights.get(position).asItIs());
      records.addAll(faults.getOrDefault(position, List.of()));
    }
    return new DemoEvents(records);
  }

  /** All records, in the order in which to produce them. */
  public List<DemoRecord> records() {
    return records;
  }

  /** How many of the records are real flights. */
  public int flights() {
    return records.size() - faults.total();
  }

  /** How many of the records are made, by kind. */
  public Faults faults() {
    return faults;
  }

  private static Map<Integer, List<DemoRecord>> faultsByPosition(Path file, List<Flight> flights) {
    Map<Integer, List<DemoRecord>> faults = new HashMap<>();
    for (Series series : PLAN) {
      for (int number = 0; number < series.count(); number++) {
        int position = series.first() + number * series.step();
        if (position >= flights.size()) {
          throw AssayException.failed(
              file + " holds " + flights.size() + " flights, the demo's faults need more",
              "use the file that comes with Assay");
        }
        Flight flight = flights.get(position - series.behind());
        faults
            .computeIfAbsent(position, p -> new ArrayList<>())
            .add(flight.fault(series.kind(), number));
      }
    }
    return faults;
  }

  private static List<Flight> flights(Path file) {
    try (BufferedReader reader = Flight.lines(file)) {
      return reader.lines().map(Flight::new).toList();
    } catch (IOException | UncheckedIOException e) {
      throw new AssayException(
          ErrorCode.FAILED,
          "cannot read the demo's flights from " + file + ": " + e.getMessage(),
          "use the file that comes with Assay, examples/flights/flights.jsonl.gz",
          e);
    }
  }
}
