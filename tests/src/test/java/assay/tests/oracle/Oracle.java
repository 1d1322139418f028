package assay.tests.oracle;

import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What every table must hold, computed from bronze by docs/dispositions.md and nothing else: plain
 * Java, no Spark, no class of Assay.
 */
public final class Oracle {
  private final List<Event> events;
  private final Map<Position, Disposition> batch;
  private final Map<Position, Disposition> live;

  /** The filter of the metric set that is spoken of. */
  private final Predicate<Flight> filter;

  private Oracle(List<Event> events, Comparator<Flight> orderBy, boolean adjusts) {
    this.events = events;
    this.batch = BatchPath.judge(events.stream().map(Oracle::reading).toList(), orderBy);
    this.live = LivePath.judge(events, Optional.of(orderBy).filter(order -> adjusts));
    this.filter = flight -> true;
  }

  private Oracle(Oracle all, Predicate<Flight> filter) {
    this.events = all.events;
    this.batch = all.batch;
    this.live = all.live;
    this.filter = filter;
  }

  /** The same rows with the same dispositions, and the cells of those flights that pass. */
  public Oracle filtered(Predicate<Flight> filter) {
    return new Oracle(this, filter);
  }

  /** Judges bronze under a contract without {@code order_by}. */
  public static Oracle of(Collection<BronzeRow> bronze) {
    // Rows of one key have one id: a tie, that partition and offset decide.
    return of(bronze, Comparator.comparing(Flight::flightId));
  }

  public static Oracle of(Collection<BronzeRow> bronze, Comparator<Flight> orderBy) {
    return of(bronze, orderBy, false);
  }

  /**
   * Judges bronze.
   *
   * @param adjusts whether the contract takes rows back
   */
  public static Oracle of(
      Collection<BronzeRow> bronze, Comparator<Flight> orderBy, boolean adjusts) {
    List<Event> events = bronze.stream().sorted(BronzeRow.ORDER).map(FlightReader::read).toList();
    return new Oracle(events, orderBy, adjusts);
  }

  private static Reading<Flight> reading(Event event) {
    return new Reading<>(
        event.row(),
        event.failed(),
        event.fails(),
        Operation.UPSERT,
        event.flight().flightId(),
        event.flight(),
        true);
  }

  /** All rows, in the order of bronze. */
  public List<Event> events() {
    return events;
  }

  public Disposition batch(Event event) {
    return batch.get(event.row().position());
  }

  public Disposition live(Event event) {
    return live.get(event.row().position());
  }

  public List<Event> batch(Predicate<Disposition> wanted) {
    return events.stream().filter(event -> wanted.test(batch(event))).toList();
  }

  public List<Event> live(Predicate<Disposition> wanted) {
    return events.stream().filter(event -> wanted.test(live(event))).toList();
  }

  public Map<Cell, Measures> gold() {
    return Measures.ofCells(flights(batch(d -> d == Disposition.LOADED)));
  }

  public Map<Cell, Measures> liveCells() {
    return Measures.ofCells(flights(live(d -> d == Disposition.COUNTED)));
  }

  /** By cell, what the difference between live and batch is made of; cells without any left out. */
  public Map<Cell, Terms> terms() {
    Map<Cell, Terms> terms = new HashMap<>();
    for (Event event : events) {
      Optional<Cause> cause = Cause.of(live(event), batch(event));
      int sign = live(event) == Disposition.COUNTED ? 1 : -1;
      cause
          .filter(c -> filter.test(event.flight()))
          .ifPresent(
              c ->
                  terms
                      .computeIfAbsent(event.flight().cell(), cell -> new Terms())
                      .add(c, sign, event.flight()));
    }
    return terms;
  }

  public Map<Disposition, Long> countBatch() {
    return count(batch);
  }

  public Map<Disposition, Long> countLive() {
    return count(live);
  }

  private static Map<Disposition, Long> count(Map<Position, Disposition> dispositions) {
    Map<Disposition, Long> counts = new EnumMap<>(Disposition.class);
    dispositions.values().forEach(d -> counts.merge(d, 1L, Long::sum));
    return counts;
  }

  private List<Flight> flights(List<Event> events) {
    return events.stream().map(Event::flight).filter(filter).toList();
  }
}
