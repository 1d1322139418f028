package assay.gold.upkeep;

import assay.core.TableUpkeep.Group;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** Decides which files are worth putting together. Pure. */
final class CompactionPlanner {
  /** From so many small files on, a closed day is compacted. */
  static final int FEW = 2;

  /**
   * From so many on, a table without partitions is: it goes on growing, so that its newest small
   * files would be written over and over again.
   */
  static final int MANY = 16;

  /** So many days at most in one commit, so that a long run can be stopped half way. */
  static final int DAYS_A_COMMIT = 30;

  private CompactionPlanner() {}

  /**
   * The days of a table that are compacted, and those that are worth it and still open.
   *
   * @param open ascending
   */
  record Days(List<CompactionPlan> plans, List<LocalDate> open) {}

  /**
   * Plans a table that is partitioned by day. Where small files hold half a day or more, the whole
   * day is ordered by key; later ones are put together by themselves, so that a late row does not
   * cost a day.
   *
   * @param groups by day, ascending; files without a day are left alone
   * @param keyed whether there is a key to order by
   */
  static Days byDay(String table, List<Group> groups, Predicate<LocalDate> closed, boolean keyed) {
    List<Group> ordered = new ArrayList<>();
    List<Group> merged = new ArrayList<>();
    List<LocalDate> open = new ArrayList<>();
    for (Group group : groups) {
      Optional<LocalDate> day = group.partition().map(LocalDate::parse);
      if (day.isEmpty() || group.small() < FEW) {
        continue;
      }
      if (!closed.test(day.get())) {
        open.add(day.get());
      } else if (keyed && group.smallBytes() * 2 >= group.bytes()) {
        ordered.add(group);
      } else {
        merged.add(group);
      }
    }
    List<CompactionPlan> plans = new ArrayList<>();
    plans.addAll(inPieces(table, ordered, true, Group::files, Group::bytes));
    plans.addAll(inPieces(table, merged, false, Group::small, Group::smallBytes));
    return new Days(plans, open);
  }

  /** Plans a table without partitions. */
  static Optional<CompactionPlan> whole(String table, List<Group> groups) {
    return groups.stream()
        .filter(group -> group.small() >= MANY)
        .findFirst()
        .map(g -> new CompactionPlan(table, List.of(), false, g.small(), g.smallBytes()));
  }

  private static List<CompactionPlan> inPieces(
      String table,
      List<Group> groups,
      boolean ordered,
      ToLongFunction<Group> files,
      ToLongFunction<Group> bytes) {
    List<CompactionPlan> plans = new ArrayList<>();
    for (int from = 0; from < groups.size(); from += DAYS_A_COMMIT) {
      List<Group> piece = groups.subList(from, Math.min(from + DAYS_A_COMMIT, groups.size()));
      plans.add(
          new CompactionPlan(
              table,
              piece.stream().map(group -> group.partition().orElseThrow()).toList(),
              ordered,
              piece.stream().mapToLong(files).sum(),
              piece.stream().mapToLong(bytes).sum()));
    }
    return plans;
  }
}
