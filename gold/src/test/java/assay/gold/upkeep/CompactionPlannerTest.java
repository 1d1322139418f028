package assay.gold.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import assay.core.TableUpkeep.Group;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompactionPlannerTest {
  private static final long MB = 1L << 20;
  private static final LocalDate TODAY = LocalDate.parse("2001-01-10");

  @Test
  void aDayOfSmallFilesIsOrderedAndALateRowBesideLargeOnesIsNot() {
    CompactionPlanner.Days days =
        plan(
            true,
            group("2001-01-01", 24, 24 * MB, 24, 24 * MB),
            group("2001-01-02", 9, 900 * MB, 2, 3 * MB),
            group("2001-01-03", 4, 60 * MB, 3, 30 * MB));
    assertThat(days.plans())
        .containsExactly(
            new CompactionPlan("t", List.of("2001-01-01", "2001-01-03"), true, 28, 84 * MB),
            new CompactionPlan("t", List.of("2001-01-02"), false, 2, 3 * MB));
  }

  @Test
  void withoutAKeySmallFilesAreOnlyPutTogether() {
    assertThat(plan(false, group("2001-01-01", 3, 9, 3, 9)).plans())
        .containsExactly(new CompactionPlan("t", List.of("2001-01-01"), false, 3, 9));
  }

  @Test
  void oneSmallFileIsLeftAloneAndSoIsADayThatIsOpen() {
    CompactionPlanner.Days days =
        plan(
            true,
            group("2001-01-09", 8, 900 * MB, 1, MB),
            group("2001-01-10", 2, 2, 2, 2),
            group("2001-01-11", 9, 9, 9, 9),
            group("2001-01-12", 1, 1, 1, 1));
    assertThat(days.plans()).isEmpty();
    assertThat(days.open()).containsExactly(TODAY, TODAY.plusDays(1));
  }

  @Test
  void manyDaysAreDoneInPiecesOfThirty() {
    List<Group> groups =
        IntStream.range(0, 65)
            .mapToObj(i -> group("" + LocalDate.parse("2000-01-01").plusDays(i), 2, 10, 2, 10))
            .toList();
    assertThat(CompactionPlanner.byDay("t", groups, day -> true, true).plans())
        .extracting(p -> p.partitions().size(), p -> p.partitions().get(0), CompactionPlan::files)
        .containsExactly(
            tuple(30, "2000-01-01", 60L),
            tuple(30, "2000-01-31", 60L),
            tuple(5, "2000-03-01", 10L));
  }

  @Test
  void aTableWithoutDaysWaitsForSixteenSmallFiles() {
    Group fifteen = new Group(Optional.empty(), 40, 900 * MB, 15, 15);
    Group sixteen = new Group(Optional.empty(), 40, 900 * MB, 16, 16);
    assertThat(CompactionPlanner.whole("t", List.of(fifteen))).isEmpty();
    assertThat(CompactionPlanner.whole("t", List.of(sixteen)))
        .contains(new CompactionPlan("t", List.of(), false, 16, 16));
    assertThat(CompactionPlanner.whole("t", List.of())).isEmpty();
  }

  private static CompactionPlanner.Days plan(boolean keyed, Group... groups) {
    return CompactionPlanner.byDay("t", List.of(groups), day -> day.isBefore(TODAY), keyed);
  }

  private static Group group(String day, long files, long bytes, long small, long smallBytes) {
    return new Group(Optional.of(day), files, bytes, small, smallBytes);
  }
}
