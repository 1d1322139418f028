package assay.cli.demo;

import assay.reconciliation.Verdict;
import assay.reconciliation.serving.Standing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * What a month came to.
 *
 * @param badDay the day of the bad release; empty where the month ended before
 * @param rounds one a day, in their order
 * @param changes of the stage, in their order
 * @param proofs the newest verdict of each day
 * @param lateness that the evidence suggests; empty where it suggests none
 * @param page the report
 * @param settings the file with which other commands work on this lake
 */
record MonthOutcome(
    Optional<LocalDate> badDay,
    List<Round> rounds,
    List<Standing> changes,
    List<Proof> proofs,
    Optional<Duration> lateness,
    Path page,
    Path settings) {
  MonthOutcome {
    rounds = List.copyOf(rounds);
    changes = List.copyOf(changes);
    proofs = List.copyOf(proofs);
  }

  /**
   * The end of a day.
   *
   * @param flights that became known
   * @param late of them, for the stream
   * @param yesterday the verdict of the day that was over; empty on the first
   * @param today that of the day itself, as far as both sides have read it; empty where no flight
   *     was to leave on it
   * @param stands where the metric set stands then
   * @param deployed what was done to the stream that day
   */
  record Round(
      LocalDate day,
      long flights,
      long late,
      Optional<Verdict> yesterday,
      Optional<Verdict> today,
      String stands,
      String deployed) {}

  /** How a day stands in the end. */
  record Proof(LocalDate day, String verdict, long cells, long differing) {}

  /** Whether the stream was put back on the day of the bad release alone, and all is green now. */
  boolean asTold() {
    List<LocalDate> putBack =
        changes.stream()
            .filter(change -> change.change() == Standing.Change.FALLBACK)
            .map(change -> LocalDate.ofInstant(change.at(), ZoneOffset.UTC))
            .toList();
    return putBack.equals(badDay.stream().toList())
        && proofs.stream().allMatch(proof -> Verdict.isGreen(proof.verdict()));
  }
}
