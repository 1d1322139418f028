package assay.reconciliation;

import assay.core.contract.Contract;
import assay.core.contract.Ignore;
import assay.core.contract.MetricSet;
import assay.gold.DayState;
import assay.reconciliation.CellJoin.DayCount;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the comparison of each day comes to.
 *
 * @param ignored what does not count today
 * @param unaccounted what ledgers that do not add up make of any day
 * @param states whether a day is over
 */
record DayVerdicts(
    Contract contract,
    MetricSet metrics,
    Pins pins,
    List<Ignore> ignored,
    Optional<Verdict.Unaccounted> unaccounted,
    Function<LocalDate, DayState> states) {

  /** The days that were compared, in their order; the one that was asked for in any case. */
  List<DayVerdict> of(Ladder.Result result, Optional<LocalDate> asked) {
    List<DayVerdict> verdicts = new ArrayList<>();
    result.days().forEach((day, outcome) -> verdicts.add(of(day, outcome, asked.isPresent())));
    if (verdicts.isEmpty() && asked.isPresent()) {
      String why = "neither side holds a row of this day";
      Ladder.Outcome nothing = new Ladder.Outcome(Rung.COUNTS, why, DayCount.NONE, DayTally.NONE);
      verdicts.add(verdict(asked.get(), nothing, new Verdict.Inconclusive(why)));
    }
    verdicts.sort(Comparator.comparing(DayVerdict::day));
    return verdicts;
  }

  /** Days that cannot be compared, as the sides have other columns. */
  List<DayVerdict> ofSchema(String why, Collection<LocalDate> days) {
    Ladder.Outcome outcome = new Ladder.Outcome(Rung.SCHEMA, why, DayCount.NONE, DayTally.NONE);
    Verdict verdict = new Verdict.Inconclusive(why + ": run 'assay gold' and 'assay live' again");
    return days.stream().map(day -> verdict(day, outcome, verdict)).toList();
  }

  private DayVerdict of(LocalDate day, Ladder.Outcome outcome, boolean asked) {
    Verdict verdict = verdict(day, outcome);
    if (verdict instanceof Verdict.Open open && asked) {
      verdict = new Verdict.Inconclusive(open.why());
    }
    return verdict(day, outcome, verdict);
  }

  private Verdict verdict(LocalDate day, Ladder.Outcome outcome) {
    DayTally tally = outcome.tally();
    if (outcome.rung() == Rung.KEYS) {
      return new Verdict.Inconclusive(outcome.why() + ": have the side that has them made anew");
    }
    if (tally.diverged() > 0) {
      return new Verdict.Diverged();
    }
    if (unaccounted.isPresent()) {
      // Nobody can say which day they belong to.
      return unaccounted.get();
    }
    if (states.apply(day) instanceof DayState.Open open) {
      return new Verdict.Open(open.reason());
    }
    if (tally.explained() > 0) {
      return new Verdict.Explained();
    }
    return tally.tolerated() > 0 ? new Verdict.Tolerated() : new Verdict.Match();
  }

  private DayVerdict verdict(LocalDate day, Ladder.Outcome outcome, Verdict verdict) {
    DayTally tally = outcome.tally();
    // Nothing else decides, beside the versions and the contract, what the evidence says.
    String state =
        String.join(
            "|", verdict.label(), verdict.reason().orElse(""), outcome.why(), ignored.toString());
    return new DayVerdict(
        metrics.name(),
        day,
        verdict,
        outcome.count().cells(),
        tally.differing(),
        tally.unexplained(),
        pins.evidenceId(contract, metrics, day, state),
        outcome.rung(),
        outcome.why(),
        tally.beyond(),
        tally.ignored(),
        verdict.green() && isBorne(tally.beyond(), outcome.count().cells()));
  }

  private boolean isBorne(long beyond, long cells) {
    return metrics
        .alertAbove()
        .map(
            share ->
                BigDecimal.valueOf(beyond).compareTo(share.multiply(BigDecimal.valueOf(cells)))
                    <= 0)
        .orElse(true);
  }
}
