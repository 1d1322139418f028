package assay.silver;

import assay.ingestion.OffsetRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * With which versions of the reference tables silver read its rows, from the numbers of its
 * commits. Rows read anew are told apart from no others: any row that silver had then may be one.
 */
final class LookUpHistory {
  private final Silver silver;

  LookUpHistory(Silver silver) {
    this.silver = silver;
  }

  /** The rows of a version of silver, in ranges that go on until the versions change. */
  List<LookedUp> of(long version) {
    NavigableMap<Long, Map<String, Long>> commits =
        silver.table().numbersByVersion(version, silver.transactionId());
    List<SilverState> states = new ArrayList<>();
    for (Map.Entry<Long, Map<String, Long>> commit : commits.entrySet()) {
      // Commits that only rearrange files, or columns, have no numbers.
      if (commit.getValue().containsKey(silver.rowsId())) {
        states.add(silver.state(commit.getKey(), commit.getValue()));
      }
    }
    boolean whole = !commits.isEmpty() && commits.firstKey() == 0;
    return ranges(states, whole);
  }

  private static List<LookedUp> ranges(List<SilverState> states, boolean whole) {
    List<LookedUp> newestFirst = new ArrayList<>();
    Map<String, Set<Long>> anew = new HashMap<>();
    for (int i = states.size() - 1; i >= 0; i--) {
      SilverState state = states.get(i);
      boolean first = i == 0;
      boolean rewrote = !first && states.get(i - 1).rewrites() < state.rewrites();
      if (rewrote) {
        add(anew, state.references());
        continue;
      }
      // What the log does not tell of any more may have been read with anything.
      Map<String, Set<Long>> versions = new HashMap<>();
      if (!first || whole) {
        anew.forEach((name, seen) -> versions.put(name, new HashSet<>(seen)));
        add(versions, state.references());
      }
      Map<Integer, Long> before = first ? Map.of() : states.get(i - 1).read().lastOffsets();
      state
          .read()
          .lastOffsets()
          .forEach(
              (partition, last) -> {
                long from = before.getOrDefault(partition, -1L) + 1;
                if (from <= last) {
                  newestFirst.add(new LookedUp(new OffsetRange(partition, from, last), versions));
                }
              });
    }
    return together(newestFirst);
  }

  private static void add(Map<String, Set<Long>> versions, Map<String, Long> more) {
    more.forEach((name, v) -> versions.computeIfAbsent(name, n -> new HashSet<>()).add(v));
  }

  /** Ranges beside each other that were read alike as one. */
  private static List<LookedUp> together(List<LookedUp> newestFirst) {
    Map<Integer, LookedUp> open = new TreeMap<>();
    List<LookedUp> ranges = new ArrayList<>();
    for (LookedUp older : newestFirst) {
      OffsetRange range = older.range();
      LookedUp newer = open.put(range.partition(), older);
      if (newer != null && newer.versions().equals(older.versions())) {
        open.put(
            range.partition(),
            new LookedUp(
                new OffsetRange(range.partition(), range.first(), newer.range().last()),
                older.versions()));
      } else if (newer != null) {
        ranges.add(newer);
      }
    }
    ranges.addAll(open.values());
    return ranges;
  }
}
