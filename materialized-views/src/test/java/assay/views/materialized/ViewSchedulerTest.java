package assay.views.materialized;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake.Layer;
import assay.core.contract.Schedule;
import assay.core.contract.ViewQuery;
import assay.core.sql.SqlQuery;
import assay.core.sql.SqlQuery.Place;
import assay.core.sql.SqlQuery.Reference;
import assay.core.sql.TableName;
import assay.core.yaml.Position;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ViewSchedulerTest {
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration NEVER = Duration.ofHours(5);

  private final List<String> log = new CopyOnWriteArrayList<>();

  @Test
  void aSlowViewDelaysNoOtherAndNeverRunsTwiceAtOnce() throws Exception {
    AtomicInteger slowAtOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch manyQuick = new CountDownLatch(5);
    run(
        List.of(view("slow", SOON), view("quick", SOON)),
        Map.of(),
        view -> {
          if (view.equals("quick")) {
            manyQuick.countDown();
          } else {
            most.accumulateAndGet(slowAtOnce.incrementAndGet(), Math::max);
            await(manyQuick);
            slowAtOnce.decrementAndGet();
          }
        },
        manyQuick);
    assertThat(most).hasValue(1);
  }

  @Test
  void aViewWaitsForTheOnesThatItReads() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    run(
        List.of(view("source", NEVER), view("over", NEVER, "source")),
        Map.of(),
        view -> {
          log.add("begins " + view);
          if (view.equals("source")) {
            pause(200);
          }
          log.add("ends " + view);
          both.countDown();
        },
        both);
    assertThat(log).containsExactly("begins source", "ends source", "begins over", "ends over");
  }

  @Test
  void aFailingViewBacksOffAndStopsNoOther() throws Exception {
    CountDownLatch good = new CountDownLatch(4);
    run(
        List.of(view("bad", SOON), view("good", SOON)),
        Map.of(),
        view -> {
          log.add(view);
          if (view.equals("bad")) {
            throw new IllegalStateException("broken");
          }
          good.countDown();
        },
        good);
    assertThat(log).filteredOn("bad"::equals).hasSize(1);
  }

  @Test
  void theLastRefreshDecidesWhenTheNextIsDueAndMissedOnesAreMadeUpForOnce() throws Exception {
    Instant now = Instant.now();
    CountDownLatch late = new CountDownLatch(1);
    Map<String, Instant> last =
        Map.of("late", now.minus(Duration.ofDays(3)), "early", now.minusSeconds(60));
    ViewScheduler scheduler =
        run(
            List.of(view("late", NEVER), view("early", NEVER)),
            last,
            view -> {
              log.add(view);
              late.countDown();
            },
            late);
    assertThat(log).containsExactly("late");
    assertThat(scheduler.due(view("early", NEVER))).isEqualTo(now.minusSeconds(60).plus(NEVER));
    assertThat(scheduler.due(view("late", NEVER)))
        .isBetween(now.plus(NEVER), now.plus(NEVER).plusSeconds(30));
  }

  @Test
  void aViewThatFailsIsTriedAgainSoonHoweverRarelyItIsDue() throws Exception {
    Instant now = Instant.now();
    CountDownLatch tried = new CountDownLatch(1);
    ViewScheduler scheduler =
        run(
            List.of(view("daily", NEVER)),
            Map.of(),
            view -> {
              tried.countDown();
              throw new IOException("the engine throws what it does not declare");
            },
            tried);
    assertThat(scheduler.due(view("daily", NEVER)))
        .isBetween(now.plusSeconds(10), now.plusSeconds(60));
  }

  @Test
  void aViewOfTheSameScheduleWaitsForItsSourceHoweverTheyAreSpread() throws Exception {
    // The source is always spread the most, and what reads it not at all.
    AtomicInteger ends = new AtomicInteger();
    RandomGenerator random =
        new RandomGenerator() {
          @Override
          public long nextLong() {
            return 0;
          }

          @Override
          public long nextLong(long bound) {
            return ends.getAndIncrement() % 2 == 0 ? bound - 1 : 0;
          }
        };
    CountDownLatch twice = new CountDownLatch(4);
    Duration every = Duration.ofSeconds(2);
    ViewScheduler scheduler =
        scheduler(
            List.of(view("source", every), view("over", every, "source")),
            Map.of(),
            random,
            view -> {
              log.add(view);
              twice.countDown();
            });
    stop(scheduler, start(scheduler), twice);
    assertThat(log).startsWith("source", "over", "source", "over");
  }

  @Test
  void aSourceThatIsAlwaysLateLetsThoseThatReadItHaveTheirTurn() throws Exception {
    CountDownLatch three = new CountDownLatch(3);
    run(
        List.of(view("source", SOON), view("over", SOON, "source")),
        Map.of(),
        view -> {
          if (view.equals("source")) {
            pause(300);
          } else {
            three.countDown();
          }
        },
        three);
  }

  @Test
  void onceStoppedNothingThatWaitsForAThreadBegins() throws Exception {
    CountDownLatch two = new CountDownLatch(2);
    CountDownLatch stopped = new CountDownLatch(1);
    ViewScheduler scheduler =
        scheduler(
            List.of(view("one", NEVER), view("two", NEVER), view("three", NEVER)),
            Map.of(),
            new Random(7),
            view -> {
              log.add(view);
              two.countDown();
              await(stopped);
            });
    Thread thread = start(scheduler);
    await(two);
    scheduler.stop();
    stopped.countDown();
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(log).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void whenInterruptedItWaitsForWhatHasBegun() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ViewScheduler scheduler =
        scheduler(
            List.of(view("slow", NEVER)),
            Map.of(),
            new Random(7),
            view -> {
              began.countDown();
              await(go);
              log.add(view);
            });
    Thread thread = start(scheduler);
    await(began);
    thread.interrupt();
    thread.join(300);
    assertThat(thread.isAlive()).isTrue();
    go.countDown();
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(log).containsExactly("slow");
  }

  private interface ByName {
    void refresh(String view) throws Exception;
  }

  /** Runs a scheduler until a latch is open, stops it, and waits for its end. */
  private static ViewScheduler run(
      List<ViewQuery> views, Map<String, Instant> last, ByName work, CountDownLatch until)
      throws InterruptedException {
    ViewScheduler scheduler = scheduler(views, last, new Random(7), work);
    stop(scheduler, start(scheduler), until);
    return scheduler;
  }

  private static ViewScheduler scheduler(
      List<ViewQuery> views, Map<String, Instant> last, RandomGenerator random, ByName work) {
    return new ViewScheduler(
        views,
        view -> Optional.ofNullable(last.get(view.name())),
        2,
        Clock.systemUTC(),
        random,
        (view, at) -> work.refresh(view.name()));
  }

  private static Thread start(ViewScheduler scheduler) {
    Thread thread =
        new Thread(
            () -> {
              try {
                scheduler.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.start();
    return thread;
  }

  private static void stop(ViewScheduler scheduler, Thread thread, CountDownLatch until)
      throws InterruptedException {
    assertThat(until.await(30, TimeUnit.SECONDS)).isTrue();
    scheduler.stop();
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
  }

  private static ViewQuery view(String name, Duration every, String... reads) {
    List<Reference> references =
        List.of(reads).stream()
            .map(
                read ->
                    new Reference(
                        new TableName(Layer.MATERIALIZED_VIEWS, read),
                        new Place(0, 0),
                        Position.START,
                        false))
            .toList();
    SqlQuery query =
        new SqlQuery(
            new TableName(Layer.MATERIALIZED_VIEWS, name), name, "", "", references, List.of());
    return new ViewQuery(
        Optional.empty(),
        List.of(),
        new Schedule.Every(every.toString(), every),
        ViewQuery.Policy.AUTO,
        query);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
