package assay.reconciliation.serving;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.Promotion;
import assay.core.contract.Promotion.Approval;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.serving.Readiness.Facts;
import assay.reconciliation.serving.Readiness.Missing;
import assay.reconciliation.serving.Standing.Change;
import assay.reconciliation.serving.Standing.Reason;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private static final LocalDate FIRST = LocalDate.parse("2001-01-01");
  private static final String HASH = "now";
  private static final StageMachine MACHINE = new StageMachine("route_day", List.of(10, 50));

  @Test
  void fourteenGreenDaysInARowAreEnoughForTheFirstShare() {
    Readiness readiness = check(first(), promotion(14, 1), "MMTEMMMMMMMMMM", List.of(), true);
    assertThat(readiness.fit()).isTrue();
    assertThat(readiness.next()).contains(canary(10));
    assertThat(readiness.since()).contains(FIRST);
    assertThat(readiness.evidenceIds()).hasSize(14);
  }

  @Test
  void daysInOneStateThatFollowEachOtherAreNamedOnce() {
    List<DayEvidence> days =
        facts("DDDUD", List.of(), true).closed().values().stream()
            .flatMap(Optional::stream)
            .toList();
    assertThat(DayEvidence.inWords(days))
        .isEqualTo(
            "3 days from 2001-01-01 to 2001-01-03 are DIVERGED, 2001-01-04 is EXPLAINED with"
                + " 25.00 % of its cells beyond tolerance, 2001-01-05 is DIVERGED");
  }

  @Test
  void allThatIsMissingIsTold() {
    Readiness readiness =
        check(first(), promotion(4, 1000), "MDMM", List.of("its circuit is open: no"), false);
    assertThat(readiness.missing())
        .containsExactly(
            new Missing("green_days", "2 of 4 green days in a row: 2001-01-02 is DIVERGED"),
            new Missing("cells", "these days compared 20 cells, `min_cells` is 1000"),
            new Missing("stream", "its circuit is open: no"),
            new Missing("approval", "a person must say yes: assay promote route_day --approve"));
  }

  @Test
  void aDayThatWasNotComparedOrUnderAnotherContractEndsTheRun() {
    assertThat(check(first(), promotion(3, 1), "MM-M", List.of(), true).missing())
        .containsExactly(
            new Missing("green_days", "1 of 3 green days in a row: 2001-01-03 was not compared"));
    assertThat(check(first(), promotion(3, 1), "MMUM", List.of(), true).missing())
        .containsExactly(
            new Missing(
                "green_days",
                "1 of 3 green days in a row: 2001-01-03 is EXPLAINED with 25.00 % of its cells"
                    + " beyond tolerance"));
    assertThat(check(first(), promotion(3, 1), "MMoM", List.of(), true).missing())
        .containsExactly(
            new Missing(
                "green_days",
                "1 of 3 green days in a row: 2001-01-03 was compared under another contract"));
  }

  @Test
  void aFurtherShareTakesDaysThatWereOverAfterTheStepBefore() {
    Standing at10 = after(first(), Change.PROMOTE, canary(10), FIRST, FIRST.plusDays(3));
    assertThat(check(at10, promotion(3, 1), "MMMM", List.of(), true).missing())
        .containsExactly(
            new Missing("green_days", "0 of 1 green days in a row after 2001-01-04"),
            new Missing("cells", "these days compared 0 cells, `min_cells` is 1"));
    Readiness next = check(at10, promotion(3, 1), "MMMMM", List.of(), true);
    assertThat(next.fit()).isTrue();
    assertThat(next.next()).contains(canary(50));
    assertThat(next.since()).contains(FIRST);
  }

  @Test
  void theDaysThatAStageRestsOnMustStillBeGreen() {
    Standing at10 = after(first(), Change.PROMOTE, canary(10), FIRST, FIRST.plusDays(3));
    assertThat(check(at10, promotion(3, 1), "MIMMM", List.of(), true).missing())
        .containsExactly(
            new Missing(
                "green_days",
                "1 of 1 green days in a row after 2001-01-04: 2001-01-02 is INCONCLUSIVE (why)"));
  }

  @Test
  void afterAFallTheFirstShareTakesOnlyDaysFromThenOn() {
    Standing fallen =
        after(
            first(),
            Change.FALLBACK,
            new Position(Stage.SHADOW, 0, Optional.empty(), true),
            null,
            FIRST.plusDays(4));
    assertThat(check(fallen, promotion(3, 1), "MMMMDMM", List.of(), true).missing())
        .extracting(Missing::why)
        .contains("2 of 3 green days in a row after 2001-01-05");
    Readiness halfOpen = check(fallen, promotion(14, 1), "MMMMDMMM", List.of(), true);
    assertThat(halfOpen.fit()).isTrue();
    assertThat(halfOpen.next()).contains(canary(10));
  }

  @Test
  void whatIsPinnedOrPrimaryOrWithoutPromoteStaysWhereItIs() {
    Standing pinned =
        after(
            first(),
            Change.PIN,
            new Position(Stage.SHADOW, 0, Optional.of(Side.BATCH), false),
            null,
            FIRST);
    assertThat(check(pinned, promotion(1, 1), "M", List.of(), true).missing())
        .containsExactly(new Missing("pinned", "ann pinned it on batch: the audit"));
    Standing primary =
        after(
            first(),
            Change.PROMOTE,
            new Position(Stage.PRIMARY, 100, Optional.empty(), false),
            FIRST,
            FIRST);
    assertThat(check(primary, promotion(1, 1), "M", List.of(), true).missing())
        .containsExactly(new Missing("stage", "route_day is primary already"));
    assertThat(
            Readiness.of(first(), Optional.empty(), MACHINE, facts("M", List.of(), true)).missing())
        .containsExactly(new Missing("contract", "the contract has no `promote:` for route_day"));
  }

  /** The first step is allowed where the last so many days are all green, and only there. */
  @Property(tries = 2000)
  void theFirstStepIsAllowedByTheLastDaysAlone(
      @ForAll("days") String days, @ForAll @IntRange(min = 1, max = 6) int after) {
    boolean green =
        days.length() >= after
            && days.substring(days.length() - after).chars().allMatch(c -> "MTE".indexOf(c) >= 0);
    Readiness readiness = check(first(), promotion(after, 1), days, List.of(), true);
    assertThat(readiness.fit()).as(days + " after " + after).isEqualTo(green);
  }

  @Provide
  Arbitrary<String> days() {
    return Arbitraries.of('M', 'M', 'M', 'T', 'E', 'M', 'D', 'I', '-', 'o')
        .list()
        .ofMaxSize(12)
        .map(list -> list.stream().map(String::valueOf).reduce("", String::concat));
  }

  private static Standing first() {
    return Standing.first("route_day");
  }

  private static Position canary(int share) {
    return new Position(Stage.CANARY, share, Optional.empty(), false);
  }

  private static Standing after(
      Standing from, Change change, Position to, LocalDate since, LocalDate through) {
    return from.then(
        change,
        to,
        Optional.ofNullable(since),
        Optional.of(through),
        new Reason("ann", "the audit", List.of()),
        HASH,
        Instant.EPOCH);
  }

  private static Promotion promotion(int after, long leastCells) {
    return new Promotion(
        after, List.of(10, 50), Approval.MANUAL, 1, 3, leastCells, Duration.ofMinutes(1));
  }

  private static Readiness check(
      Standing standing, Promotion promotion, String days, List<String> troubles, boolean yes) {
    return Readiness.of(standing, Optional.of(promotion), MACHINE, facts(days, troubles, yes));
  }

  /**
   * A letter a day: that of a verdict; U of one with too many cells beyond tolerance, o of a match
   * under another contract, - of no evidence.
   */
  private static Facts facts(String days, List<String> troubles, boolean approved) {
    Map<Character, String> verdicts =
        Map.of(
            'M',
            "MATCH",
            'T',
            "TOLERATED",
            'E',
            "EXPLAINED",
            'D',
            "DIVERGED",
            'U',
            "EXPLAINED",
            'I',
            "INCONCLUSIVE",
            'o',
            "MATCH");
    NavigableMap<LocalDate, Optional<DayEvidence>> closed = new TreeMap<>();
    for (int i = 0; i < days.length(); i++) {
      char letter = days.charAt(i);
      LocalDate day = FIRST.plusDays(i);
      closed.put(
          day,
          Optional.ofNullable(verdicts.get(letter))
              .map(
                  verdict ->
                      new DayEvidence(
                          "e" + day,
                          "route_day",
                          day,
                          verdict,
                          letter == 'I' ? Optional.of("why") : Optional.empty(),
                          10,
                          0,
                          BigDecimal.ZERO,
                          letter == 'o' ? "before" : HASH,
                          Instant.EPOCH,
                          "rows",
                          letter == 'U' ? 0.25 : 0,
                          0,
                          "MTEo".indexOf(letter) >= 0)));
    }
    return new Facts(closed, HASH, troubles, approved);
  }
}
