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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

  private interface ByName {
    void refresh(String view);
  }

  /** Runs a scheduler until a latch is open, stops it, and waits for its end. */
  private static ViewScheduler run(
      List<ViewQuery> views, Map<String, Instant> last, ByName work, CountDownLatch until)
      throws InterruptedException {
    ViewScheduler scheduler =
        new ViewScheduler(
            views,
            view -> Optional.ofNullable(last.get(view.name())),
            2,
            Clock.systemUTC(),
            new Random(7),
            (view, at) -> work.refresh(view.name()));
    Map<String, Throwable> failures = new ConcurrentHashMap<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                scheduler.run();
              } catch (InterruptedException e) {
                failures.put("run", e);
              }
            });
    thread.start();
    assertThat(until.await(30, TimeUnit.SECONDS)).isTrue();
    scheduler.stop();
    thread.join(30_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(failures).isEmpty();
    return scheduler;
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
