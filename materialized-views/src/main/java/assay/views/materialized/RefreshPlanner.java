package assay.views.materialized;

import assay.core.contract.ViewQuery.Policy;
import assay.views.materialized.SourceChange.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Chooses the least work that is proven to give what the query would give in full. It looks at no
 * table itself.
 */
final class RefreshPlanner {
  private RefreshPlanner() {}

  /**
   * What is known before a refresh.
   *
   * @param fullAsked whether somebody asked for a refresh in full
   * @param made whether there is a view that a query of this name made
   * @param sameQuery whether this query made it
   * @param sources what happened to each table since the view was made
   * @param moved whether {@code :as_of} is used and stands for another minute than last time
   * @param ways the ways that the query's shape leaves open; asked for only where it matters
   */
  record Situation(
      Policy policy,
      boolean fullAsked,
      boolean made,
      boolean sameQuery,
      List<SourceChange> sources,
      boolean moved,
      Supplier<Ways> ways) {
    Situation {
      sources = List.copyOf(sources);
    }
  }

  /**
   * Ways other than in full.
   *
   * @param partials what happened to the one source since the partial aggregates were made; empty
   *     where the view cannot be answered from any
   * @param noPartials why not
   * @param readable whether the files that came are still there to be read alone
   * @param byPartition whether the partial aggregates are kept by the source's partition
   * @param resultByPartition whether rows of a partition of the source make rows of the result that
   *     can be told from all others
   * @param allPartitions of the source, as its log writes them
   */
  record Ways(
      Optional<SourceChange> partials,
      String noPartials,
      boolean readable,
      boolean byPartition,
      boolean resultByPartition,
      Supplier<Set<Optional<String>>> allPartitions) {}

  /**
   * The choice.
   *
   * @param partials whether the view is answered from partial aggregates
   * @param change of the source that the work is about
   */
  record Decision(Strategy strategy, String reason, boolean partials, SourceChange change) {}

  static Decision decide(Situation situation) {
    if (!situation.made()) {
      return full("the view has not been made yet");
    }
    if (!situation.sameQuery()) {
      return full("the query is another one");
    }
    if (situation.fullAsked()) {
      return full("it was asked for");
    }
    boolean changed = situation.sources().stream().anyMatch(s -> s.kind() != Kind.NONE);
    if (!changed && !situation.moved()) {
      return new Decision(
          Strategy.NONE, "nothing that it reads changed", false, SourceChange.none());
    }
    String what =
        situation.sources().stream()
            .filter(s -> s.kind() != Kind.NONE)
            .map(SourceChange::words)
            .findFirst()
            .orElse("another minute has begun");
    if (situation.policy() == Policy.FULL) {
      return full(what + ", and its policy is full");
    }
    for (SourceChange source : situation.sources()) {
      if (source.kind() == Kind.UNKNOWN) {
        return full(source.words());
      }
    }
    Ways ways = situation.ways().get();
    return ways.partials().isPresent()
        ? fromPartials(ways.partials().get(), ways)
        : byPartition(situation, what, ways);
  }

  private static Decision fromPartials(SourceChange change, Ways ways) {
    return switch (change.kind()) {
      case NONE ->
          new Decision(
              Strategy.ADDITIVE,
              "no row came, and the answer follows from partial aggregates",
              true,
              change);
      case UNKNOWN -> full(change.words());
      case APPENDED ->
          ways.readable()
              ? new Decision(
                  Strategy.ADDITIVE, change.words() + ", and all measures merge", true, change)
              : ways.byPartition()
                  ? partitions(change, "what came stands in other files by now", true, ways)
                  : full("what came stands in other files by now");
      case CHANGED ->
          ways.byPartition()
              ? partitions(change, change.words(), true, ways)
              : full(change.words() + ", and the query does not keep the source's partitions");
    };
  }

  private static Decision byPartition(Situation situation, String what, Ways ways) {
    if (situation.moved()) {
      return full("another minute has begun, and " + ways.noPartials());
    }
    if (!ways.resultByPartition() || situation.sources().size() != 1) {
      return full(what + ", and " + ways.noPartials());
    }
    SourceChange change = situation.sources().get(0);
    return partitions(change, change.words(), false, ways);
  }

  private static Decision partitions(
      SourceChange change, String words, boolean partials, Ways ways) {
    if (change.partitions().containsAll(ways.allPartitions().get())) {
      return full(words + ", in every partition");
    }
    int count = change.partitions().size();
    return new Decision(
        Strategy.PARTITION,
        words + ", in " + count + (count == 1 ? " partition" : " partitions"),
        partials,
        change);
  }

  private static Decision full(String reason) {
    return new Decision(Strategy.FULL, reason, true, SourceChange.none());
  }
}
