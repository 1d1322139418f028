package assay.tests;

import assay.reconciliation.Cause;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Histories of a day each, one after the other in one lake, and what faults in them come to. The
 * flights of a day arrive in one micro-batch, and what befalls them in that of the next day, which
 * is behind the look-back for repeats. A fault has a flight or a cell of its own.
 */
final class FaultHistories {
  static final LocalDate FIRST = LocalDate.of(2001, 1, 1);
  private static final Instant FIRST_BATCH = Instant.parse("2026-01-01T00:00:00Z");

  /** The contract looks ten minutes back. */
  private static final long BETWEEN_SECONDS = 660;

  /** What only the batch path sets aside, as only its contract has the rule. */
  static final int FORBIDDEN_MILES = 13;

  private static final int MOST_FAULTS = 50;
  private static final String[] ORIGINS = {"SEA", "LAX", "JFK"};
  private static final String[] DESTINATIONS = {"BOS", "SFO"};

  /** Faults in what comes from Kafka, then those of tables, in the order they are made. */
  enum Fault {
    LATE,
    REPEAT,
    CORRECTION,
    ONE_SIDED_QUARANTINE,
    LOST_ROW,
    DOUBLED_LIVE,
    MISSING_LIVE,
    WRONG_LIVE,
    EXTRA_LIVE,
    MISSING_GOLD,
    EXTRA_GOLD
  }

  record CellKey(LocalDate day, String origin, String destination) {
    /** For SQL. */
    String tuple() {
      return "(DATE'%s', '%s', '%s')".formatted(day, origin, destination);
    }
  }

  /** A side of a cell. */
  static final class Side {
    long rows;
    long flights;
    long delay;
    boolean there;

    void add(int sign, long delayMinutes) {
      rows += sign;
      flights += sign;
      delay += sign * delayMinutes;
      there = rows > 0;
    }

    void clear() {
      rows = 0;
      flights = 0;
      delay = 0;
      there = false;
    }
  }

  /** What both sides hold of a cell, and the rows that only one of them counts. */
  static final class Expected {
    final Side control = new Side();
    final Side test = new Side();
    final Map<Cause, Side> terms = new EnumMap<>(Cause.class);
    long rows;
    boolean tampered;

    private void differ(Cause cause, int sign, long delay) {
      terms.computeIfAbsent(cause, c -> new Side()).add(sign, delay);
      rows++;
    }
  }

  private record Flight(String id, CellKey cell, String time, int delay, int miles) {
    String json() {
      return ("{\"flight_id\":\"%s\",\"scheduled_at\":\"%sT%s\",\"delay_minutes\":%d,"
              + "\"distance_miles\":%d,\"origin\":\"%s\",\"destination\":\"%s\"}")
          .formatted(id, cell.day(), time, delay, miles, cell.origin(), cell.destination());
    }
  }

  private final Random random;
  private final boolean liveIsBehind;
  private final SortedMap<Instant, List<String>> batches = new TreeMap<>();
  private final List<String> lastBatch = new ArrayList<>();
  private final Map<String, Expected> cells = new TreeMap<>();
  private final Map<String, CellKey> keys = new TreeMap<>();
  private final Map<Fault, List<String>> tampering = new EnumMap<>(Fault.class);
  private final Map<LocalDate, Integer> faults = new TreeMap<>();
  private final List<Runnable> whenRowsAreLost = new ArrayList<>();
  private final List<Runnable> whenTampered = new ArrayList<>();
  private long unaccountedInBatch;
  private long unaccountedInLive;
  private int nextId;

  /**
   * @param days how many histories
   * @param clean without any fault; some days of the others are so too
   */
  FaultHistories(long seed, int days, boolean clean) {
    this.random = new Random(seed);
    this.liveIsBehind = seed % 2 == 0;
    for (int day = 0; day < days; day++) {
      boolean spared = clean || day % 6 == 5;
      history(day, spared ? 0 : 1 + random.nextInt(MOST_FAULTS));
    }
    if (!clean) {
      behind(FIRST.plusDays(days - 1L));
    }
  }

  private void history(int number, int howMany) {
    LocalDate day = FIRST.plusDays(number);
    faults.put(day, howMany);
    List<Flight> flights = new ArrayList<>();
    // Puts the watermark of the next micro-batch to 21:00.
    flights.add(arrives(number, flight(day, "23:00:00Z")));
    int more = howMany + 2 + random.nextInt(10);
    for (int i = 0; i < more; i++) {
      flights.add(arrives(number, flight(day, "22:%02d:00Z".formatted(random.nextInt(60)))));
    }
    // Within the look-back both paths see a repeat.
    batch(number).add(flights.get(0).json());
    List<CellKey> free = new ArrayList<>(keys.values());
    free.removeIf(key -> !key.day().equals(day));
    List<Flight> left = new ArrayList<>(flights.subList(1, flights.size()));
    Fault[] kinds = Fault.values();
    for (int i = 0; i < howMany; i++) {
      befall(number, kinds[random.nextInt(kinds.length)], left, free);
    }
  }

  private void befall(int number, Fault fault, List<Flight> left, List<CellKey> free) {
    LocalDate day = FIRST.plusDays(number);
    switch (fault) {
      case LATE -> {
        Flight late = flight(day, "0%d:00:00Z".formatted(random.nextInt(10)));
        batch(number + 1).add(late.json());
        cell(late.cell()).control.add(1, late.delay());
        cell(late.cell()).differ(Cause.LATE, -1, late.delay());
      }
      case REPEAT -> {
        Flight again = left.remove(0);
        batch(number + 1).add(again.json());
        cell(again.cell()).test.add(1, again.delay());
        cell(again.cell()).differ(Cause.DUPLICATE, 1, again.delay());
      }
      case CORRECTION -> {
        Flight old = left.remove(0);
        Flight other = flight(day, "22:30:00Z");
        Flight corrected =
            new Flight(old.id(), other.cell(), other.time(), old.delay() + 1, old.miles());
        batch(number + 1).add(corrected.json());
        cell(old.cell()).control.add(-1, old.delay());
        cell(old.cell()).differ(Cause.SUPERSEDED, 1, old.delay());
        count(corrected);
      }
      case ONE_SIDED_QUARANTINE -> {
        Flight any = flight(day, "22:15:00Z");
        Flight bad = new Flight(any.id(), any.cell(), any.time(), any.delay(), FORBIDDEN_MILES);
        batch(number).add(bad.json());
        cell(bad.cell()).test.add(1, bad.delay());
        cell(bad.cell()).differ(Cause.QUARANTINED, 1, bad.delay());
      }
      case LOST_ROW -> {
        Flight lost = left.remove(0);
        tamper(fault, "'" + lost.id() + "'");
        unaccountedInBatch++;
        Expected cell = cell(lost.cell());
        whenRowsAreLost.add(
            () -> {
              cell.control.add(-1, lost.delay());
              cell.tampered = true;
            });
      }
      default -> befallCell(fault, day, free);
    }
  }

  private void befallCell(Fault fault, LocalDate day, List<CellKey> free) {
    if (fault == Fault.EXTRA_LIVE || fault == Fault.EXTRA_GOLD) {
      CellKey extra = new CellKey(day, "XXX", "X%02d".formatted(nextId++ % 100));
      if (keys.containsKey(extra.tuple())) {
        return;
      }
      Side side = fault == Fault.EXTRA_LIVE ? cell(extra).test : cell(extra).control;
      tamper(fault, extra.tuple());
      cell(extra).tampered = true;
      whenTampered.add(() -> add(side, 3, 7));
      return;
    }
    if (free.isEmpty()) {
      return;
    }
    CellKey key = free.remove(random.nextInt(free.size()));
    Expected cell = cell(key);
    tamper(fault, key.tuple());
    whenTampered.add(
        () -> {
          cell.tampered = true;
          switch (fault) {
            case DOUBLED_LIVE -> {
              unaccountedInLive -= cell.test.rows;
              cell.test.flights *= 2;
              cell.test.delay *= 2;
            }
            case MISSING_LIVE -> {
              unaccountedInLive += cell.test.rows;
              cell.test.clear();
            }
            case WRONG_LIVE -> add(cell.test, 3, 7);
            case MISSING_GOLD -> cell.control.clear();
            default -> throw new IllegalStateException(fault + " is of no cell");
          }
        });
  }

  private static void add(Side side, long flights, long delay) {
    side.flights += flights;
    side.delay += delay;
    side.there = true;
  }

  /** Rows of the last day that one path reads and the other does not yet. */
  private void behind(LocalDate day) {
    for (int i = 0; i < 3; i++) {
      Flight flight = flight(day, "22:45:00Z");
      lastBatch.add(flight.json());
      Expected cell = cell(flight.cell());
      Side ahead = liveIsBehind ? cell.control : cell.test;
      ahead.add(1, flight.delay());
      cell.differ(Cause.CUT, liveIsBehind ? -1 : 1, flight.delay());
    }
    faults.merge(day, 3, Integer::sum);
  }

  private Flight flight(LocalDate day, String time) {
    CellKey cell =
        new CellKey(
            day,
            ORIGINS[random.nextInt(ORIGINS.length)],
            DESTINATIONS[random.nextInt(DESTINATIONS.length)]);
    return new Flight("f" + nextId++, cell, time, random.nextInt(200) - 50, 100);
  }

  private Flight arrives(int number, Flight flight) {
    batch(number).add(flight.json());
    count(flight);
    return flight;
  }

  private void count(Flight flight) {
    cell(flight.cell()).control.add(1, flight.delay());
    cell(flight.cell()).test.add(1, flight.delay());
  }

  private Expected cell(CellKey key) {
    keys.put(key.tuple(), key);
    return cells.computeIfAbsent(key.tuple(), k -> new Expected());
  }

  private List<String> batch(int number) {
    return batches.computeIfAbsent(
        FIRST_BATCH.plusSeconds(number * BETWEEN_SECONDS), at -> new ArrayList<>());
  }

  private void tamper(Fault fault, String what) {
    tampering.computeIfAbsent(fault, f -> new ArrayList<>()).add(what);
  }

  SortedMap<Instant, List<String>> batches() {
    return batches;
  }

  /** What one side alone has read; empty in clean histories. */
  SortedMap<Instant, List<String>> lastBatch() {
    SortedMap<Instant, List<String>> last = new TreeMap<>();
    if (!lastBatch.isEmpty()) {
      last.put(batches.lastKey().plusSeconds(BETWEEN_SECONDS), lastBatch);
    }
    return last;
  }

  boolean liveIsBehind() {
    return liveIsBehind;
  }

  /** How many faults each day was dealt. */
  Map<LocalDate, Integer> faults() {
    return faults;
  }

  /** Flights or cells that a fault of tables is made on, as SQL. */
  List<String> tampering(Fault fault) {
    return tampering.getOrDefault(fault, List.of());
  }

  /** Once the tables were tampered with: rows of silver first, then cells. */
  void tampered() {
    whenRowsAreLost.forEach(Runnable::run);
    whenTampered.forEach(Runnable::run);
  }

  Map<String, Expected> cells() {
    return cells;
  }

  CellKey key(String tuple) {
    return keys.get(tuple);
  }

  long unaccountedInBatch() {
    return unaccountedInBatch;
  }

  long unaccountedInLive() {
    return unaccountedInLive;
  }
}
