package assay.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import assay.core.Lake;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.TestSpark;
import assay.tests.BatchPathModel.State;
import assay.tests.LakeAction.ChangeContract;
import assay.tests.LakeAction.Ingest;
import assay.tests.LakeAction.Replay;
import assay.tests.LakeAction.Reprocess;
import assay.tests.LakeAction.Retry;
import assay.tests.LakeAction.RunGold;
import assay.tests.LakeAction.RunSilver;
import assay.tests.oracle.BronzeRow;
import assay.tests.oracle.PaymentsContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsCollector;
import org.apache.commons.io.FileUtils;

/**
 * Whatever happens to a lake, and in which order, the batch path's tables end as the plain Java
 * oracle has them, to the last value.
 */
@AddLifecycleHook(value = Effort.class, propagateTo = PropagationMode.DIRECT_DESCENDANTS)
class BatchPathPropertyTest {
  private static final Instant FIRST_BATCH = Instant.parse("2026-01-01T22:00:00Z");

  /** Three in an hour, and a new day of ingest on the way. */
  private static final Duration BETWEEN_BATCHES = Duration.ofMinutes(20);

  private static final String ENDED = "ended by the test";

  @Property(
      shrinking = ShrinkingMode.OFF,
      generation = GenerationMode.RANDOMIZED,
      edgeCases = EdgeCasesMode.NONE,
      afterFailure = AfterFailureMode.RANDOM_SEED)
  void tablesOfEventsEndAsTheOracleHasThem(@ForAll("events") LakeHistory history)
      throws IOException {
    checkInALake(history);
  }

  @Property(
      shrinking = ShrinkingMode.OFF,
      generation = GenerationMode.RANDOMIZED,
      edgeCases = EdgeCasesMode.NONE,
      afterFailure = AfterFailureMode.RANDOM_SEED)
  void tablesOfChangesEndAsTheOracleHasThem(@ForAll("changes") LakeHistory history)
      throws IOException {
    checkInALake(history);
  }

  @Provide
  Arbitrary<LakeHistory> events() {
    return LakeHistory.any(false, Effort.GROUPS);
  }

  @Provide
  Arbitrary<LakeHistory> changes() {
    return LakeHistory.any(true, Effort.GROUPS);
  }

  private static void checkInALake(LakeHistory history) throws IOException {
    Path folder = Files.createTempDirectory("history");
    try {
      new Run(history, folder).check();
    } finally {
      FileUtils.deleteDirectory(folder.toFile());
    }
  }

  /** One history in one lake. */
  private static final class Run {
    private final LakeHistory history;
    private final BatchPathDriver lake;
    private final BatchPathModel model;
    private final PaymentRecords records;
    private int action;

    Run(LakeHistory history, Path folder) {
      this.history = history;
      this.lake = new BatchPathDriver(TestSpark.session(), new Lake(folder.toString()));
      this.model = new BatchPathModel(history.contract());
      this.records = new PaymentRecords(history.contract().debezium());
    }

    void check() {
      for (LakeAction next : history.actions()) {
        action++;
        act(next);
      }
      action++;
      act(new RunSilver(LakeAction.NO_STEP));
      act(new RunGold(LakeAction.NO_STEP));
      State end = model.unchanged();
      BatchTables tables = lake.tables(contract());
      assertOneOf(List.of(end), tables);
      Bag.assertEqual(at("gold"), end.gold(), lake.gold(contract()));
      Map<String, Long> ledger = tables.ledger();
      assertThat(ledger.values().stream().mapToLong(Long::longValue).sum())
          .as(at("the ledger " + ledger))
          .isEqualTo(model.rows());
      expectAllDispositions(ledger);
    }

    /** Each is to be in some lake of the property, or the histories say little. */
    private void expectAllDispositions(Map<String, Long> ledger) {
      StatisticsCollector dispositions = Statistics.label("lakes with a disposition");
      ledger.forEach((disposition, rows) -> collect(dispositions, disposition, rows));
      dispositions.coverage(
          coverage -> {
            for (String disposition : List.of("loaded", "superseded", "duplicate", "quarantined")) {
              coverage.check(disposition).count(lakes -> lakes > 0);
            }
            if (history.contract().debezium()) {
              coverage.check("deleted").count(lakes -> lakes > 0);
            }
          });
    }

    private static void collect(StatisticsCollector dispositions, String disposition, long rows) {
      if (rows > 0) {
        dispositions.collect(disposition);
      }
    }

    private void act(LakeAction next) {
      if (next instanceof Ingest ingest) {
        List<BronzeRow> batch = records.next(ingest, ingestedAt(model.batches()));
        lake.ingest(batch);
        model.ingest(batch);
      } else if (next instanceof ChangeContract change) {
        PaymentsContract now = model.contract();
        model.become(
            new PaymentsContract(
                now.debezium(),
                now.ordered(),
                change.strict(),
                now.noted() || change.noted(),
                now.wide() || change.wide()));
      } else if (next instanceof RunSilver run) {
        boolean ended = run(run.failAt(), steps -> lake.runSilver(contract(), steps));
        become(ended ? List.of(model.run()) : model.partOfARun());
      } else if (next instanceof RunGold run) {
        if (lake.silverIsReady(contract())) {
          run(run.failAt(), steps -> lake.runGold(contract(), steps));
        }
      } else if (lake.silverIsReady(contract())) {
        readAnew(next);
      }
    }

    private void readAnew(LakeAction next) {
      if (next instanceof Reprocess reprocess) {
        Instant from = ingestedAt(reprocess.from());
        Instant to = ingestedAt(reprocess.from() + reprocess.count());
        boolean ended =
            run(reprocess.failAt(), steps -> lake.reprocess(contract(), from, to, steps));
        allOrNothing(ended, model.reprocess(from, to));
      } else if (next instanceof Retry retry) {
        boolean ended = run(retry.failAt(), steps -> lake.retry(contract(), retry.rule(), steps));
        allOrNothing(ended, model.retry(retry.rule()));
      } else if (next instanceof Replay replay) {
        boolean ended = run(replay.failAt(), steps -> lake.replay(contract(), steps));
        allOrNothing(ended, model.replay());
      }
    }

    private void allOrNothing(boolean ended, State all) {
      become(ended ? List.of(all) : List.of(model.unchanged(), all));
    }

    /** Runs a stage; false where it was ended at the step. */
    private static boolean run(int failAt, Consumer<Steps> stage) {
      int[] reached = {0};
      Steps steps =
          (of, words) -> {
            reached[0]++;
            if (reached[0] == failAt) {
              throw new IllegalStateException(ENDED);
            }
          };
      try {
        stage.accept(steps);
        return true;
      } catch (RuntimeException e) {
        if (failAt != LakeAction.NO_STEP) {
          assertThat(e).hasStackTraceContaining(ENDED);
          return false;
        }
        throw e;
      }
    }

    /** Finds the state that the tables are in, where there is a choice, and goes on from it. */
    private void become(List<State> states) {
      model.become(
          states.size() == 1 ? states.get(0) : assertOneOf(states, lake.tables(contract())));
    }

    private State assertOneOf(List<State> states, BatchTables tables) {
      State nearest =
          states.stream()
              .min(Comparator.comparing(state -> state.tables().difference(tables).size()))
              .orElseThrow();
      BatchTables expected = nearest.tables();
      List<List<Object>> difference = expected.difference(tables);
      if (!difference.isEmpty()) {
        try {
          Bag.assertEqual("silver", expected.silver(), tables.silver());
          Bag.assertEqual("exceptions", expected.exceptions(), tables.exceptions());
          Bag.assertEqual("quarantine", expected.quarantine(), tables.quarantine());
        } catch (AssertionError e) {
          fail(at(e.getMessage() + nearest.historiesOf(difference)), e);
        }
      }
      return nearest;
    }

    private Contract contract() {
      return PaymentsYaml.contract(model.contract());
    }

    private static Instant ingestedAt(int batch) {
      return FIRST_BATCH.plus(BETWEEN_BATCHES.multipliedBy(batch));
    }

    private String at(String words) {
      return "after action %d of %s%n%s".formatted(action, history, words);
    }
  }
}
