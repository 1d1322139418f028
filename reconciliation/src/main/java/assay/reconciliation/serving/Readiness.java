package assay.reconciliation.serving;

import assay.core.contract.Promotion;
import assay.reconciliation.DayEvidence;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * Whether a metric set may take its next step, and all that is missing where it may not.
 *
 * @param next the position it would have; empty where there is no step
 * @param since the first day of the run of green days
 * @param evidenceIds of the days of the run that count for the step
 */
public record Readiness(
    Optional<Position> next,
    List<Missing> missing,
    Optional<LocalDate> since,
    List<String> evidenceIds) {

  /**
   * One thing that stands in the way.
   *
   * @param what {@code stage}, {@code contract}, {@code pinned}, {@code green_days}, {@code cells},
   *     {@code stream} or {@code approval}
   * @param why in a person's words
   */
  public record Missing(String what, String why) {}

  public Readiness {
    missing = List.copyOf(missing);
    evidenceIds = List.copyOf(evidenceIds);
  }

  public boolean fit() {
    return missing.isEmpty();
  }

  /**
   * What is known when a step is asked for.
   *
   * @param closed all closed days that either side holds, with the newest evidence of each
   * @param troubles of the stream, in a person's words
   * @param approved whether a person said yes
   */
  record Facts(
      NavigableMap<LocalDate, Optional<DayEvidence>> closed,
      String contractHash,
      List<String> troubles,
      boolean approved) {
    Facts {
      closed = Collections.unmodifiableNavigableMap(closed);
      troubles = List.copyOf(troubles);
    }
  }

  static Readiness of(
      Standing standing, Optional<Promotion> promotion, StageMachine machine, Facts facts) {
    List<Missing> missing = new ArrayList<>();
    Optional<Position> next = machine.next(standing.position());
    if (next.isEmpty()) {
      missing.add(new Missing("stage", standing.metrics() + " is primary already"));
    }
    if (promotion.isEmpty()) {
      missing.add(
          new Missing("contract", "the contract has no `promote:` for " + standing.metrics()));
    }
    standing
        .position()
        .pinned()
        .ifPresent(
            side ->
                missing.add(
                    new Missing(
                        "pinned",
                        "%s pinned it on %s: %s"
                            .formatted(standing.who(), side.label(), standing.why()))));
    if (next.isEmpty() || promotion.isEmpty()) {
      return new Readiness(next, missing, Optional.empty(), List.of());
    }
    Run run = Run.of(standing, promotion.get(), facts);
    missing.addAll(run.missing());
    facts.troubles().forEach(trouble -> missing.add(new Missing("stream", trouble)));
    if (promotion.get().approval() == Promotion.Approval.MANUAL && !facts.approved()) {
      missing.add(
          new Missing(
              "approval",
              "a person must say yes: assay promote " + standing.metrics() + " --approve"));
    }
    return new Readiness(next, missing, run.since(), run.evidenceIds());
  }

  /** The green days in a row that end with the newest closed day. */
  private record Run(List<Missing> missing, Optional<LocalDate> since, List<String> evidenceIds) {

    static Run of(Standing standing, Promotion promotion, Facts facts) {
      boolean first = standing.position().stage() == Stage.SHADOW;
      boolean anew = first && !standing.position().halfOpen();
      int needed =
          anew ? promotion.afterDays() : first ? promotion.halfOpenDays() : promotion.stepDays();
      Optional<LocalDate> behind = anew ? Optional.empty() : standing.through();
      List<DayEvidence> counted = new ArrayList<>();
      Optional<String> broken = Optional.empty();
      for (Map.Entry<LocalDate, Optional<DayEvidence>> day :
          facts.closed().descendingMap().entrySet()) {
        boolean counts = behind.isEmpty() || day.getKey().isAfter(behind.get());
        boolean rests =
            standing.since().isPresent() && !day.getKey().isBefore(standing.since().get());
        if ((!counts && !rests) || (anew && counted.size() == needed)) {
          break;
        }
        broken = whyNotGreen(day.getKey(), day.getValue(), facts.contractHash());
        if (broken.isPresent()) {
          break;
        }
        if (counts) {
          counted.add(day.getValue().orElseThrow());
        }
      }
      boolean restsOnOther = broken.isPresent() && standing.since().isPresent();
      List<Missing> missing = new ArrayList<>();
      if (counted.size() < needed || restsOnOther) {
        missing.add(
            new Missing(
                "green_days",
                "%d of %d green days in a row%s%s"
                    .formatted(
                        counted.size(),
                        needed,
                        behind.map(day -> " after " + day).orElse(""),
                        broken.map(why -> ": " + why).orElse(""))));
      }
      long cells = counted.stream().mapToLong(DayEvidence::cells).sum();
      if (cells < promotion.leastCells()) {
        missing.add(
            new Missing(
                "cells",
                "these days compared %d cells, `min_cells` is %d"
                    .formatted(cells, promotion.leastCells())));
      }
      Optional<LocalDate> begin =
          counted.isEmpty() ? Optional.empty() : Optional.of(counted.get(counted.size() - 1).day());
      return new Run(
          missing,
          standing.since().or(() -> begin),
          counted.stream().map(DayEvidence::evidenceId).toList());
    }

    private static Optional<String> whyNotGreen(
        LocalDate day, Optional<DayEvidence> evidence, String contractHash) {
      if (evidence.isEmpty()) {
        return Optional.of(day + " was not compared");
      }
      if (!evidence.get().contractHash().equals(contractHash)) {
        return Optional.of(day + " was compared under another contract");
      }
      return evidence.filter(e -> !e.fit()).map(DayEvidence::inWords);
    }
  }
}
