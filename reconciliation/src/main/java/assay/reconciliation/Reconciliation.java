package assay.reconciliation;

import assay.core.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The outcome of a run.
 *
 * @param largest the differing measures that most rows make, most first
 * @param rows as many of the rows behind {@code largest} as were asked for
 * @param settled how many of the days stand as they were found before, and were not compared again
 * @param missing metric sets that could not be compared
 */
public record Reconciliation(
    List<DayVerdict> days,
    List<Ledger> ledgers,
    List<CellDifference> largest,
    List<ContributingRow> rows,
    int settled,
    List<Uncompared> missing) {
  public Reconciliation {
    days = List.copyOf(days);
    ledgers = List.copyOf(ledgers);
    largest = List.copyOf(largest);
    rows = List.copyOf(rows);
    missing = List.copyOf(missing);
  }

  /** One in which every day was compared. */
  public Reconciliation(
      List<DayVerdict> days,
      List<Ledger> ledgers,
      List<CellDifference> largest,
      List<ContributingRow> rows) {
    this(days, ledgers, largest, rows, 0, List.of());
  }

  /** The outcomes of several metric sets or domains as one. */
  public static Reconciliation all(List<Reconciliation> results) {
    return new Reconciliation(
        results.stream().flatMap(r -> r.days().stream()).toList(),
        results.stream().flatMap(r -> r.ledgers().stream()).toList(),
        results.stream().flatMap(r -> r.largest().stream()).toList(),
        results.stream().flatMap(r -> r.rows().stream()).toList(),
        results.stream().mapToInt(Reconciliation::settled).sum(),
        results.stream().flatMap(r -> r.missing().stream()).toList());
  }

  /** Together with days that were compared before. */
  Reconciliation with(Collection<DayVerdict> before) {
    List<DayVerdict> all = new ArrayList<>(days);
    all.addAll(before);
    all.sort(Comparator.comparing(DayVerdict::day));
    return new Reconciliation(all, ledgers, largest, rows, before.size(), missing);
  }

  /** Together with metric sets that could not be compared. */
  Reconciliation butNot(List<Uncompared> uncompared) {
    return new Reconciliation(days, ledgers, largest, rows, settled, uncompared);
  }

  /**
   * Why the command must not end with 0; empty where every day that is over is fit and each ledger
   * adds up. A run without any such day has proven nothing, and one that could not compare a metric
   * set not all.
   */
  public Optional<ErrorCode> failure() {
    boolean diverged =
        days.stream().anyMatch(d -> d.verdict() instanceof Verdict.Diverged)
            || days.stream().anyMatch(d -> d.verdict().green() && !d.fit())
            || ledgers.stream().anyMatch(l -> !l.addsUp());
    if (diverged) {
      return Optional.of(ErrorCode.DIVERGED);
    }
    boolean proven =
        missing.isEmpty()
            && days.stream().anyMatch(d -> d.verdict().green())
            && days.stream().noneMatch(d -> d.verdict() instanceof Verdict.Inconclusive);
    return proven ? Optional.empty() : Optional.of(ErrorCode.INCONCLUSIVE);
  }
}
