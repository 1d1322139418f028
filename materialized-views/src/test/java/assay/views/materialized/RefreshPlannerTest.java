package assay.views.materialized;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.ViewQuery.Policy;
import assay.views.materialized.RefreshPlanner.Decision;
import assay.views.materialized.RefreshPlanner.Situation;
import assay.views.materialized.RefreshPlanner.Ways;
import assay.views.materialized.SourceChange.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RefreshPlannerTest {
  private static final SourceChange NONE = SourceChange.none();
  private static final SourceChange CAME =
      new SourceChange(Kind.APPENDED, "rows of t only came", days("1"));
  private static final SourceChange CHANGED =
      new SourceChange(Kind.CHANGED, "rows of t changed", days("1"));

  /** Nobody looks at a query where nothing changed. */
  private static Ways notAsked() {
    throw new AssertionError("the query was looked at");
  }

  @Test
  void aViewThatIsNotThereIsMadeInFull() {
    assertThat(decide(false, true, Policy.AUTO, List.of(NONE), false, RefreshPlannerTest::notAsked))
        .isEqualTo("FULL the view has not been made yet");
    assertThat(decide(true, false, Policy.AUTO, List.of(NONE), false, RefreshPlannerTest::notAsked))
        .isEqualTo("FULL the query is another one");
  }

  @Test
  void whereNothingChangedNothingIsDoneAndNothingIsLookedAt() {
    assertThat(
            decide(
                true, true, Policy.AUTO, List.of(NONE, NONE), false, RefreshPlannerTest::notAsked))
        .isEqualTo("NONE nothing that it reads changed");
    assertThat(decide(true, true, Policy.FULL, List.of(NONE), false, RefreshPlannerTest::notAsked))
        .isEqualTo("NONE nothing that it reads changed");
    Situation asked =
        new Situation(
            Policy.AUTO, true, true, true, List.of(NONE), false, RefreshPlannerTest::notAsked);
    assertThat(words(RefreshPlanner.decide(asked))).isEqualTo("FULL it was asked for");
  }

  @Test
  void rowsThatOnlyCameAreAddedWhereAllMeasuresMerge() {
    assertThat(auto(CAME, partials(CAME, true, true)))
        .isEqualTo("ADDITIVE rows of t only came, and all measures merge");
    assertThat(auto(CAME, partials(CAME, false, true)))
        .isEqualTo("PARTITION what came stands in other files by now, in 1 partition");
    assertThat(auto(CAME, partials(CAME, false, false)))
        .isEqualTo("FULL what came stands in other files by now");
  }

  @Test
  void rowsThatChangedAreComputedByPartition() {
    assertThat(auto(CHANGED, partials(CHANGED, true, true)))
        .isEqualTo("PARTITION rows of t changed, in 1 partition");
    assertThat(auto(CHANGED, partials(CHANGED, true, false)))
        .isEqualTo("FULL rows of t changed, and the query does not keep the source's partitions");
    SourceChange all = new SourceChange(Kind.CHANGED, "rows changed", days("1", "2"));
    assertThat(auto(all, partials(all, true, true)))
        .isEqualTo("FULL rows changed, in every partition");
  }

  @Test
  void aQueryThatDoesNotMergeIsComputedByPartitionOrInFull() {
    assertThat(auto(CAME, noPartials(true)))
        .isEqualTo("PARTITION rows of t only came, in 1 partition");
    assertThat(auto(CAME, noPartials(false)))
        .isEqualTo("FULL rows of t only came, and `rank` does not merge");
    assertThat(decide(true, true, Policy.AUTO, List.of(CAME, NONE), false, () -> noPartials(true)))
        .isEqualTo("FULL rows of t only came, and `rank` does not merge");
  }

  @Test
  void anotherMinuteIsAnsweredFromPartialAggregatesOrInFull() {
    assertThat(
            decide(true, true, Policy.AUTO, List.of(NONE), true, () -> partials(NONE, true, true)))
        .isEqualTo("ADDITIVE no row came, and the answer follows from partial aggregates");
    assertThat(decide(true, true, Policy.AUTO, List.of(NONE), true, () -> noPartials(true)))
        .isEqualTo("FULL another minute has begun, and `rank` does not merge");
  }

  @Test
  void whatTheLogDoesNotTellLeadsToAllOfIt() {
    SourceChange anew = SourceChange.unknown("t was made anew");
    assertThat(
            decide(
                true, true, Policy.AUTO, List.of(NONE, anew), false, RefreshPlannerTest::notAsked))
        .isEqualTo("FULL t was made anew");
    assertThat(auto(CAME, partials(SourceChange.unknown("t was lost"), true, true)))
        .isEqualTo("FULL t was lost");
  }

  @Test
  void aPolicyOfFullKeepsToIt() {
    assertThat(decide(true, true, Policy.FULL, List.of(CAME), false, RefreshPlannerTest::notAsked))
        .isEqualTo("FULL rows of t only came, and its policy is full");
  }

  private static String auto(SourceChange change, Ways ways) {
    return decide(true, true, Policy.AUTO, List.of(change), false, () -> ways);
  }

  private static String decide(
      boolean made,
      boolean same,
      Policy policy,
      List<SourceChange> sources,
      boolean moved,
      Supplier<Ways> ways) {
    return words(
        RefreshPlanner.decide(new Situation(policy, false, made, same, sources, moved, ways)));
  }

  private static String words(Decision decision) {
    return decision.strategy() + " " + decision.reason();
  }

  private static Ways partials(SourceChange change, boolean readable, boolean byPartition) {
    return new Ways(Optional.of(change), "", readable, byPartition, false, () -> days("1", "2"));
  }

  private static Ways noPartials(boolean byPartition) {
    return new Ways(
        Optional.empty(), "`rank` does not merge", true, false, byPartition, () -> days("1", "2"));
  }

  private static Set<Optional<String>> days(String... days) {
    return List.of(days).stream()
        .map(Optional::of)
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }
}
