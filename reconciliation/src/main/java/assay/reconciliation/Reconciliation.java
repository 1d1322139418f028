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
 */
public record Reconciliation(
    List<DayVerdict> days,
    List<Ledger> ledgers,
    List<CellDifference> largest,
    List<ContributingRow> rows,
    int settled) {
  public Reconciliation {
    days = List.copyOf(days);
    ledgers = List.copyOf(ledgers);
    largest = List.copyOf(largest);
    rows = List.copyOf(rows);
  }

  /** One in which every day was compared. */
  public Reconciliation(
      List<DayVerdict> days,
      List<Ledger> ledgers,
      List<CellDifference> largest,
      List<ContributingRow> rows) {
    this(days, ledgers, largest, rows, 0);
  }

  /** The outcomes of several domains as one. */
  public static Reconciliation all(List<Reconciliation> results) {
    return new Reconciliation(
        results.stream().flatMap(r -> r.days().stream()).toList(),
        results.stream().flatMap(r -> r.ledgers().stream()).toList(),
        results.stream().flatMap(r -> r.largest().stream()).toList(),
        results.stream().flatMap(r -> r.rows().stream()).toList(),
        results.stream().mapToInt(Reconciliation::settled).sum());
  }

  /** Together with days that were compared before. */
  Reconciliation with(Collection<DayVerdict> before) {
    List<DayVerdict> all = new ArrayList<>(days);
    all.addAll(before);
    all.sort(Comparator.comparing(DayVerdict::day));
    return new Reconciliation(all, ledgers, largest, rows, before.size());
  }

  /**
   * Why the command must not end with 0; empty where every day that is over is fit and each ledger
   * adds up. A run without any such day has proven nothing.
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
        days.stream().anyMatch(d -> d.verdict().green())
            && days.stream().noneMatch(d -> d.verdict() instanceof Verdict.Inconclusive);
    return proven ? Optional.empty() : Optional.of(ErrorCode.INCONCLUSIVE);
  }
}
