package assay.tests;

import assay.tests.LakeAction.ChangeContract;
import assay.tests.LakeAction.Ingest;
import assay.tests.LakeAction.Replay;
import assay.tests.LakeAction.Reprocess;
import assay.tests.LakeAction.Retry;
import assay.tests.LakeAction.RunGold;
import assay.tests.LakeAction.RunSilver;
import assay.tests.PaymentDraw.Shape;
import assay.tests.oracle.PaymentsContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * All that happens to one lake. It holds the rows of many groups of keys, which do not touch each
 * other: each is a sequence of its own.
 */
record LakeHistory(PaymentsContract contract, List<LakeAction> actions) {
  private static final int KEYS = 2;
  private static final int ROWS_A_GROUP = 3;
  private static final int MOST_STEPS = 6;

  /** Parts of a history; each begins with rows that come. */
  private static final int PARTS = 3;

  /**
   * Histories.
   *
   * @param groups of keys
   */
  static Arbitrary<LakeHistory> any(boolean debezium, int groups) {
    Arbitrary<LakeAction> ingest = ingest(debezium, groups).map(i -> i);
    Arbitrary<List<LakeAction>> part =
        Combinators.combine(ingest, action(ingest).list().ofMinSize(3).ofMaxSize(4))
            .as((first, more) -> Stream.concat(Stream.of(first), more.stream()).toList());
    return Combinators.combine(
            Arbitraries.of(true, false), Arbitraries.of(true, false), part.list().ofSize(PARTS))
        .as(
            (ordered, strict, parts) ->
                new LakeHistory(
                    new PaymentsContract(debezium, ordered, strict, false, false),
                    parts.stream().flatMap(List::stream).toList()));
  }

  private static Arbitrary<LakeAction> action(Arbitrary<LakeAction> ingest) {
    Arbitrary<Integer> failAt =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.just(LakeAction.NO_STEP)),
            Tuple.of(2, Arbitraries.integers().between(1, MOST_STEPS)));
    return Arbitraries.frequencyOf(
        Tuple.of(3, ingest),
        Tuple.of(5, failAt.map(RunSilver::new)),
        Tuple.of(1, failAt.map(Replay::new)),
        Tuple.of(1, Arbitraries.integers().between(0, 1).map(RunGold::new)),
        Tuple.of(
            3,
            Combinators.combine(
                    Arbitraries.integers().between(0, 4),
                    Arbitraries.integers().between(1, 4),
                    failAt)
                .as(Reprocess::new)),
        Tuple.of(
            2,
            Combinators.combine(
                    Arbitraries.of(
                        Optional.<String>empty(),
                        Optional.of(PaymentsContract.KNOWN_KIND),
                        Optional.of("type(amount)")),
                    failAt)
                .as(Retry::new)),
        Tuple.of(
            3,
            Combinators.combine(
                    Arbitraries.of(true, false),
                    Arbitraries.of(true, false, false),
                    Arbitraries.of(true, false, false))
                .as(ChangeContract::new)));
  }

  private static Arbitrary<Ingest> ingest(boolean debezium, int groups) {
    Arbitrary<List<PaymentDraw>> ofGroup = draw(debezium).list().ofMaxSize(ROWS_A_GROUP);
    Arbitrary<Integer> truncateBefore =
        debezium
            ? Arbitraries.frequencyOf(
                Tuple.of(7, Arbitraries.just(-1)),
                Tuple.of(1, Arbitraries.integers().between(0, groups - 1)))
            : Arbitraries.just(-1);
    return Combinators.combine(
            Arbitraries.of(0, 0, 0, 1), ofGroup.list().ofSize(groups), truncateBefore)
        .as(Ingest::new);
  }

  private static Arbitrary<PaymentDraw> draw(boolean debezium) {
    List<Tuple.Tuple2<Integer, Shape>> shapes =
        new ArrayList<>(
            List.of(
                Tuple.of(16, Shape.UPSERT),
                Tuple.of(4, Shape.REPEAT),
                Tuple.of(1, Shape.BROKEN),
                Tuple.of(1, Shape.INCOMPLETE),
                Tuple.of(1, Shape.EMPTY)));
    if (debezium) {
      shapes.addAll(
          List.of(
              Tuple.of(4, Shape.DELETE),
              Tuple.of(1, Shape.DELETE_BY_KEY_IMAGE),
              Tuple.of(2, Shape.DELETE_WITHOUT_IMAGE),
              Tuple.of(1, Shape.TOMBSTONE),
              Tuple.of(1, Shape.MESSAGE)));
    }
    // Few values for each column, so that rows meet their equals again and again.
    return Combinators.combine(
            Arbitraries.frequency(shapes.toArray(LakeHistory::tuples)),
            Arbitraries.integers().between(1, KEYS),
            Arbitraries.integers().between(0, 2),
            Arbitraries.frequency(
                Tuple.of(3, "null"),
                Tuple.of(5, "1"),
                Tuple.of(5, "2"),
                Tuple.of(3, "3"),
                Tuple.of(1, "\"x\"")),
            Arbitraries.frequency(
                Tuple.of(8, "5"),
                Tuple.of(4, "7"),
                Tuple.of(2, "null"),
                Tuple.of(2, "-1"),
                Tuple.of(3, "3000000000"),
                Tuple.of(1, "\"much\"")),
            Arbitraries.frequency(
                Tuple.of(10, "\"card\""), Tuple.of(5, "\"cash\""), Tuple.of(1, "\"coin\"")),
            Arbitraries.of("null", "\"a\"", "\"b\""),
            Arbitraries.of(false, false, true))
        .as(PaymentDraw::new);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Tuple.Tuple2<Integer, Shape>[] tuples(int size) {
    return new Tuple.Tuple2[size];
  }

  /** What happens, without the rows. */
  @Override
  public String toString() {
    return contract
        + actions.stream()
            .map(a -> a instanceof Ingest i ? "Ingest[partition=" + i.partition() + "]" : "" + a)
            .collect(Collectors.joining("\n  ", "\n  ", ""));
  }
}
