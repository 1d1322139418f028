package assay.reconciliation.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.testing.TestSpark;
import assay.reconciliation.serving.Standing.Change;
import assay.reconciliation.serving.Standing.Reason;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageTableTest {
  private static final List<Integer> SHARES = List.of(10, 50);
  private static final List<StageModel.Move> MOVES = List.of(StageModel.Move.values());

  private final SparkSession spark = TestSpark.session();

  @TempDir Path folder;

  @Test
  void theTableStandsWhereTheModelDoes() {
    changeAtRandom(new Random(3), 8);
  }

  @Test
  @Tag("long")
  void theTableStandsWhereTheModelDoesForLong() {
    changeAtRandom(new Random(4), 200);
  }

  private void changeAtRandom(Random random, int changes) {
    StageTable table = table();
    StageMachine machine = new StageMachine("route_day", SHARES);
    StageModel model = new StageModel(SHARES);
    for (int made = 0; made < changes; ) {
      StageModel.Move move = MOVES.get(random.nextInt(MOVES.size()));
      Standing from = table.standing("route_day");
      if (!model.apply(move)) {
        assertThatThrownBy(() -> StageModel.apply(machine, from.position(), move))
            .isInstanceOf(AssayException.class);
        continue;
      }
      Standing next = then(from, StageModel.apply(machine, from.position(), move));
      table.append(next);
      made++;
      // As another process reads it.
      Standing stands = table().standing("route_day");
      assertThat(stands).isEqualTo(next);
      model.assertIs(stands.position());
      assertThatThrownBy(() -> table.append(next))
          .isInstanceOfSatisfying(
              AssayException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TRY_AGAIN));
    }
    assertThat(table.changes()).extracting(Standing::number).hasSize(changes).isSorted();
  }

  @Test
  void ofTwoChangesAtOnceOneWins() throws Exception {
    for (int round = 0; round < 3; round++) {
      Standing from = table().standing("route_day");
      List<Callable<Integer>> both = new ArrayList<>();
      CyclicBarrier together = new CyclicBarrier(3);
      for (int i = 0; i < 2; i++) {
        both.add(
            () -> {
              StageTable table = table();
              Standing next = then(from, Position.FIRST);
              together.await();
              return exitCode(() -> table.append(next));
            });
      }
      // A change of another metric set takes nobody's turn.
      both.add(
          () -> {
            StageTable table = table();
            Standing next = then(table.standing("other"), Position.FIRST);
            together.await();
            return exitCode(() -> table.append(next)) == 0 ? -1 : -2;
          });
      ExecutorService threads = Executors.newFixedThreadPool(3);
      try {
        List<Integer> codes = new ArrayList<>();
        for (Future<Integer> code : threads.invokeAll(both)) {
          codes.add(code.get());
        }
        assertThat(codes).containsExactlyInAnyOrder(-1, 0, 75);
      } finally {
        threads.shutdownNow();
      }
    }
    assertThat(table().standing("route_day").number()).isEqualTo(3);
    assertThat(table().standing("other").number()).isEqualTo(3);
  }

  private static int exitCode(Runnable change) {
    try {
      change.run();
      return 0;
    } catch (AssayException e) {
      return e.code().exitCode();
    }
  }

  private StageTable table() {
    return new StageTable(spark, new Lake(folder.toString()));
  }

  private static Standing then(Standing from, Position to) {
    return from.then(
        Change.PROMOTE,
        to,
        Optional.of(LocalDate.parse("2001-01-01")),
        Optional.empty(),
        new Reason("ann", "by the test", List.of("e1", "e2")),
        "hash",
        Instant.parse("2026-01-01T00:00:00Z"));
  }
}
