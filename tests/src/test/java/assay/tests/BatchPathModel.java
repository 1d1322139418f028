package assay.tests;

import assay.tests.oracle.BatchPath;
import assay.tests.oracle.BronzeRow;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Payment;
import assay.tests.oracle.PaymentTotals;
import assay.tests.oracle.PaymentsContract;
import assay.tests.oracle.Position;
import assay.tests.oracle.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a lake has been through, and by the oracle what its tables must hold: a function of bronze,
 * of how far silver has read it, and of the contract under which each row was read last.
 */
final class BatchPathModel {
  private static final int EXPLAINED_KEYS = 3;

  private final List<List<BronzeRow>> batches = new ArrayList<>();

  /** By position of the rows that silver has read, the contract under which it did so last. */
  private Map<Position, PaymentsContract> readUnder = Map.of();

  private PaymentsContract contract;

  BatchPathModel(PaymentsContract contract) {
    this.contract = contract;
  }

  PaymentsContract contract() {
    return contract;
  }

  void become(PaymentsContract changed) {
    contract = changed;
  }

  void ingest(List<BronzeRow> batch) {
    batches.add(batch);
  }

  int batches() {
    return batches.size();
  }

  long rows() {
    return batches.stream().mapToLong(List::size).sum();
  }

  /** All of bronze is read. */
  State run() {
    return afterReading(batches.size());
  }

  /** What may be after a run that did not come to its end: so many micro-batches are read. */
  List<State> partOfARun() {
    List<State> states = new ArrayList<>();
    for (int read = 0; read <= batches.size(); read++) {
      states.add(afterReading(read));
    }
    return states;
  }

  State unchanged() {
    return new State(readUnder);
  }

  /** The rows of an ingest time, from inclusive and to exclusive, that were read are read anew. */
  State reprocess(Instant from, Instant to) {
    return anew(
        reading -> {
          Instant at = reading.row().ingestedAt();
          return !at.isBefore(from) && at.isBefore(to);
        });
  }

  /** The rows in quarantine are read anew, or those that failed a rule. */
  State retry(Optional<String> rule) {
    return anew(r -> r.fails() && rule.map(name -> r.failed().contains(name)).orElse(true));
  }

  /** All rows that were read are read anew. */
  State replay() {
    return anew(reading -> true);
  }

  /** Goes on from a state. */
  void become(State state) {
    readUnder = state.readUnder;
  }

  private State afterReading(int read) {
    Map<Position, PaymentsContract> after = new HashMap<>(readUnder);
    batches.stream()
        .limit(read)
        .flatMap(List::stream)
        .forEach(row -> after.putIfAbsent(row.position(), contract));
    return new State(after);
  }

  private State anew(Predicate<Reading<Payment>> wanted) {
    Map<Position, PaymentsContract> after = new HashMap<>(readUnder);
    unchanged().readings().stream()
        .filter(wanted)
        .forEach(reading -> after.put(reading.row().position(), contract));
    return new State(after);
  }

  /** One that the tables may be in. */
  final class State {
    private final Map<Position, PaymentsContract> readUnder;

    private State(Map<Position, PaymentsContract> readUnder) {
      this.readUnder = readUnder;
    }

    /** In the order of bronze. */
    private List<Reading<Payment>> readings() {
      return batches.stream()
          .flatMap(List::stream)
          .filter(row -> readUnder.containsKey(row.position()))
          .sorted(BronzeRow.ORDER)
          .map(row -> readUnder.get(row.position()).read(row))
          .toList();
    }

    private Map<Position, Disposition> dispositions(List<Reading<Payment>> readings) {
      return BatchPath.judge(readings, contract.orderBy());
    }

    BatchTables tables() {
      List<Reading<Payment>> readings = readings();
      Map<Position, Disposition> dispositions = dispositions(readings);
      List<List<Object>> silver = new ArrayList<>();
      List<List<Object>> exceptions = new ArrayList<>();
      List<List<Object>> quarantine = new ArrayList<>();
      for (Reading<Payment> reading : readings) {
        Disposition disposition = dispositions.get(reading.row().position());
        switch (disposition) {
          case LOADED -> silver.add(columns(reading));
          case QUARANTINED -> quarantine.add(quarantined(reading));
          default -> {
            List<Object> row = new ArrayList<>(columns(reading));
            row.add(disposition.label());
            exceptions.add(row);
          }
        }
      }
      return new BatchTables(silver, exceptions, quarantine);
    }

    List<List<Object>> gold() {
      List<Reading<Payment>> readings = readings();
      Map<Position, Disposition> dispositions = dispositions(readings);
      Collection<Payment> stand =
          readings.stream()
              .filter(r -> dispositions.get(r.row().position()) == Disposition.LOADED)
              .map(Reading::columns)
              .filter(contract::counts)
              .toList();
      List<List<Object>> cells = new ArrayList<>();
      PaymentTotals.ofCells(stand)
          .forEach(
              (cell, totals) ->
                  cells.add(
                      Rows.row(
                          cell.eventDate(),
                          cell.kind(),
                          totals.payments(),
                          totals.amount(),
                          totals.most(),
                          totals.mean())));
      return cells;
    }

    /** For people: all that came for the first of the keys that rows of tables differ in. */
    String historiesOf(Collection<List<Object>> rows) {
      Set<Position> positions =
          rows.stream()
              .map(row -> new Position((Integer) row.get(0), (Long) row.get(1)))
              .collect(Collectors.toSet());
      List<Reading<Payment>> readings = readings();
      Map<Position, Disposition> dispositions = dispositions(readings);
      Set<Object> keys = new TreeSet<>();
      for (Reading<Payment> reading : readings) {
        if (positions.contains(reading.row().position()) && reading.key() != null) {
          keys.add(reading.key());
        }
      }
      Set<Object> shown =
          keys.stream().limit(EXPLAINED_KEYS).collect(Collectors.toCollection(TreeSet::new));
      return readings.stream()
          .filter(
              reading ->
                  reading.key() == null
                      ? positions.contains(reading.row().position())
                          || dispositions.get(reading.row().position()) == Disposition.DELETED
                      : shown.contains(reading.key()))
          .map(
              reading ->
                  "\n  %s %s under %s: %s %s %s -> %s"
                      .formatted(
                          reading.row().position(),
                          reading.row().ingestedAt(),
                          readUnder.get(reading.row().position()),
                          reading.operation(),
                          reading.columns(),
                          reading.failed(),
                          dispositions.get(reading.row().position())))
          .collect(Collectors.joining());
    }

    private static List<Object> columns(Reading<Payment> reading) {
      BronzeRow row = reading.row();
      Payment payment = reading.columns();
      return Rows.row(
          row.partition(),
          row.offset(),
          row.ingestedAt(),
          payment.paymentId(),
          payment.paidAt(),
          payment.revision(),
          payment.amount(),
          payment.kind(),
          payment.note(),
          payment.eventDate());
    }

    private static List<Object> quarantined(Reading<Payment> reading) {
      BronzeRow row = reading.row();
      return Rows.row(
          row.partition(),
          row.offset(),
          row.ingestedAt(),
          row.key().orElse(null),
          row.value().orElse(null),
          reading.failed());
    }
  }
}
