package assay.views.sinks;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableUpkeep;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Live;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.MetricSetBuilder;
import assay.core.contract.Rule;
import assay.core.contract.Sink;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import assay.views.live.LiveRebuild;
import assay.views.live.LiveResult;
import assay.views.live.LiveStage;
import assay.views.sinks.LiveSinks.Surroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changes of live views are sent, and when. */
class WebhookSinkTest {
  private static final Patience SHORT =
      new Patience(Duration.ofMillis(5), Duration.ofMillis(50), 3, Duration.ofSeconds(5));

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final List<String> said = new CopyOnWriteArrayList<>();
  private Lake lake;
  private BronzeFixture bronze;
  private Hook hook;

  @BeforeEach
  void makeLake() throws IOException {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
    hook = new Hook();
  }

  @AfterEach
  void stopHook() {
    hook.close();
  }

  @Test
  void theCellsThatChangedAreSentOnceAsTheyAreNow() {
    Contract contract = withSinks(counted(), "route_day");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 2, "JFK", "LAX"));
    hook.answers.addAll(List.of(503, 503));
    catchUp(contract);
    assertThat(hook.requests()).isEqualTo(3);
    assertThat(hook.taken())
        .containsExactlyInAnyOrder(cell("2001-01-01", "SEA", 1), cell("2001-01-01", "JFK", 1));
    bronze.ingest(
        "2026-01-01T00:00:10Z",
        flight("c", "2001-01-01T13:00:00Z", 4, "SEA", "LAX"),
        flight("d", "2001-01-02T00:00:00Z", 4, "SEA", "LAX"));
    catchUp(contract);
    assertThat(hook.taken())
        .containsExactlyInAnyOrder(cell("2001-01-01", "SEA", 2), cell("2001-01-02", "SEA", 1));
    // Files that were put together before they were sent tell the day alone.
    bronze.ingest("2026-01-01T00:00:20Z", flight("e", "2001-01-02T13:00:00Z", 1, "JFK", "LAX"));
    run(contract);
    TableUpkeep files = new TableUpkeep(spark, lake.live("route_day"));
    assertThat(files.compact(Optional.empty()).removed()).isPositive();
    send(contract);
    assertThat(hook.taken())
        .containsExactlyInAnyOrder(cell("2001-01-02", "SEA", 1), cell("2001-01-02", "JFK", 1));
    // Where there is no news, nothing is sent.
    files.compact(Optional.empty());
    send(contract);
    assertThat(hook.requests()).isEqualTo(5);
    assertThat(said).isEmpty();
    assertThat(SinkState.newest(lake, new Configuration()))
        .singleElement()
        .satisfies(
            state -> {
              assertThat(state.to()).isEqualTo("webhook HOOK");
              assertThat(state.error()).isEmpty();
            });
  }

  @Test
  @Tag("long")
  void viewsThatAreBuiltAnewAreSentWholeAndWhatVanishedIsTold() throws IOException {
    Contract contract = withSinks(counted(), "route_day", "route_day");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 2, "JFK", "LAX"));
    hook.answerWith(404);
    assertThatThrownBy(() -> catchUp(contract))
        .isInstanceOf(AssayException.class)
        .hasMessage(
            "the sink s0 of flights is behind: the webhook of HOOK answered with status 404")
        .satisfies(e -> assertThat(((AssayException) e).code()).isEqualTo(ErrorCode.FAILED));
    assertThat(new LakeTable(spark, lake.live("route_day")).read().count()).isEqualTo(2);
    said.clear();
    hook.answerWith(200);
    send(contract);
    assertThat(hook.taken()).hasSize(4);
    Contract stricter = withoutFlightsFrom(contract, "JFK");
    new LiveRebuild(spark, lake, stricter, Steps.SILENT).run();
    send(withSinks(stricter, "route_day"));
    assertThat(hook.taken())
        .containsExactlyInAnyOrder(
            cell("2001-01-01", "SEA", 1), key("2001-01-01", "JFK") + " null");
    assertThat(said).isEmpty();
    deleteAllButTheNewestVersion(new LakeTable(spark, lake.live("route_day")));
    send(stricter);
    assertThat(hook.taken()).containsExactly(cell("2001-01-01", "SEA", 1));
    assertThat(said)
        .singleElement()
        .asString()
        .contains("cannot be read any more: all that the view shows is sent");
  }

  /** As a vacuum does. */
  private static void deleteAllButTheNewestVersion(LakeTable table) throws IOException {
    List<String> standing = List.of(table.read().inputFiles());
    try (Stream<Path> files = Files.walk(Path.of(table.path()))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        if (standing.stream().noneMatch(name -> name.endsWith("/" + file.getFileName()))) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  @Tag("long")
  void everyKindOfViewIsSentByItsKeyAndASessionThatAnotherJoinsIsGone() {
    Contract views =
        FlightsContract.withLiveViews(
            counted(),
            List.of(
                new LiveDefinition.Latest("newest", List.of("destination"), Duration.ofSeconds(10)),
                new LiveDefinition.Sessions(
                    "visits",
                    List.of("origin"),
                    Duration.ofHours(1),
                    List.of(new Measure.Count("flights", Optional.empty())),
                    Duration.ofSeconds(10)),
                new LiveDefinition.Top("busiest", "route_day", 1, "flights")));
    Contract contract = withSinks(views, "route_day_windows", "newest", "visits", "busiest");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T12:00:00.000001Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T14:00:00Z", 2, "SEA", "LAX"));
    run(contract);
    Steps killed =
        (stage, step) -> {
          if (step.equals("sink s2: 2 messages taken")) {
            throw new IllegalStateException("killed by the test");
          }
        };
    assertThatThrownBy(() -> send(contract, killed)).hasMessageContaining("killed by the test");
    // Sent again with each attempt.
    assertThat(Set.copyOf(hook.taken()))
        .containsExactlyInAnyOrder(
            "{\"event_date\":\"2001-01-01\",\"window_start\":\"2001-01-01T12:00:00.000000Z\","
                + "\"origin\":\"SEA\",\"destination\":\"LAX\"}"
                + " {\"event_date\":\"2001-01-01\",\"window_start\":\"2001-01-01T12:00:00.000000Z\","
                + "\"origin\":\"SEA\",\"destination\":\"LAX\",\"flights\":1}",
            "{\"event_date\":\"2001-01-01\",\"window_start\":\"2001-01-01T14:00:00.000000Z\","
                + "\"origin\":\"SEA\",\"destination\":\"LAX\"}"
                + " {\"event_date\":\"2001-01-01\",\"window_start\":\"2001-01-01T14:00:00.000000Z\","
                + "\"origin\":\"SEA\",\"destination\":\"LAX\",\"flights\":1}",
            "{\"destination\":\"LAX\"} {\"flight_id\":\"b\",\"scheduled_at\":"
                + "\"2001-01-01T14:00:00.000000Z\",\"delay_minutes\":2,\"distance_miles\":100,"
                + "\"origin\":\"SEA\",\"destination\":\"LAX\",\"event_date\":\"2001-01-01\"}",
            session("12:00:00.000001", "12:00:00.000001", 1),
            session("14:00:00.000000", "14:00:00.000000", 1),
            "{\"event_date\":\"2001-01-01\",\"rank\":1} {\"event_date\":\"2001-01-01\",\"rank\":1,"
                + "\"origin\":\"SEA\",\"destination\":\"LAX\",\"flights\":2}");
    bronze.ingest("2026-01-01T00:00:10Z", flight("c", "2001-01-01T13:00:00Z", 3, "SEA", "LAX"));
    catchUp(contract);
    assertThat(hook.taken())
        .hasSize(1 + 1 + 2 + 2 + 1)
        .contains(session("12:00:00.000001", "14:00:00.000000", 3))
        .contains("{\"origin\":\"SEA\",\"session_start\":\"2001-01-01T14:00:00.000000Z\"} null");
  }

  @Test
  void aReceiverThatIsAwayDoesNotHoldTheViewsUpAndGetsTheNewestOnceItIsBack()
      throws TimeoutException {
    Contract contract = withSinks(everySecond(counted()), "route_day");
    hook.answerWith(500);
    bronze.ingest("2026-01-01T00:00:00Z", flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
    try (LiveSinks sinks = sinks(contract)) {
      StreamingQuery query = new LiveStage(spark, lake, contract, sinks.watching()).start();
      try {
        sinks.start();
        await().atMost(Duration.ofMinutes(1)).until(() -> hook.requests() > 6);
        bronze.ingest("2026-01-01T00:00:10Z", flight("b", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"));
        query.processAllAvailable();
        assertThat(hook.taken()).isEmpty();
        assertThat(said)
            .singleElement()
            .asString()
            .startsWith(
                "the sink s0 of flights is behind: the webhook of HOOK answered with status 500")
            .doesNotContain("s3cret");
        assertThat(SinkState.newest(lake, new Configuration()))
            .singleElement()
            .satisfies(state -> assertThat(said.get(0)).startsWith(state.error().orElseThrow()));
        hook.answerWith(200);
        await().atMost(Duration.ofMinutes(1)).until(() -> said.size() == 2);
        assertThat(hook.taken())
            .containsExactly(cell("2001-01-01", "SEA", 1), cell("2001-01-01", "SEA", 2));
        assertThat(said).last().isEqualTo("the sink s0 of flights has caught up");
      } finally {
        query.stop();
      }
    }
  }

  @Test
  void aVariableThatIsMissingOrHoldsNoAddressIsSaidBeforeAnythingRuns() {
    Contract contract = withSinks(counted(), "route_day");
    assertThatThrownBy(() -> new LiveSinks(contract, surroundings(Map.of()), SHORT))
        .isInstanceOf(AssayException.class)
        .hasMessage("the sink s0 of flights needs the environment variable HOOK, which is not set");
    assertThatThrownBy(
            () -> new LiveSinks(contract, surroundings(Map.of("HOOK", "ftp://s3cret/x")), SHORT))
        .isInstanceOf(AssayException.class)
        .hasMessage("the environment variable HOOK holds no http or https address");
  }

  @Test
  void anAddressWhereNobodyListensIsNotShown() {
    hook.close();
    try (WebhookReceiver receiver = new WebhookReceiver("HOOK", hook.address(), SHORT)) {
      Message message =
          new Message(
              Message.utf8("{}"),
              null,
              List.of(
                  Message.header(ViewChanges.VIEW, "v"),
                  Message.header(ViewChanges.TABLE, "t"),
                  Message.header(ViewChanges.VERSION, "1")));
      Outgoing outgoing = new Outgoing(1, Instant.EPOCH, 1, List.of(message).iterator(), () -> {});
      assertThatThrownBy(() -> receiver.send(outgoing))
          .isInstanceOf(AssayException.class)
          .hasMessage("the webhook of HOOK cannot be reached: ConnectException")
          .hasNoCause()
          .satisfies(e -> assertThat(((AssayException) e).code()).isEqualTo(ErrorCode.TRY_AGAIN));
    }
  }

  private static Contract counted() {
    return FlightsContract.withMeasures(List.of(new Measure.Count("flights", Optional.empty())));
  }

  private static Contract everySecond(Contract contract) {
    MetricSet metrics = contract.metrics().get(0);
    Live live = new Live(Duration.ofMillis(200), Duration.ofHours(1), Duration.ofMinutes(1));
    return ContractBuilder.builder(contract)
        .metrics(List.of(MetricSetBuilder.builder(metrics).live(Optional.of(live)).build()))
        .build();
  }

  private static Contract withoutFlightsFrom(Contract contract, String origin) {
    return ContractBuilder.builder(contract)
        .rules(
            List.of(new Rule("elsewhere", "origin <> '" + origin + "'", Rule.Otherwise.QUARANTINE)))
        .hash("stricter")
        .build();
  }

  /** A webhook for each of some views, all at the same address. */
  private static Contract withSinks(Contract contract, String... views) {
    List<Sink> sinks =
        Stream.iterate(0, i -> i < views.length, i -> i + 1)
            .map(i -> new Sink("s" + i, new Sink.View(views[i]), new Sink.Webhook("HOOK")))
            .toList();
    return ContractBuilder.builder(contract).sinks(sinks).build();
  }

  private LiveResult run(Contract contract) {
    return new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
  }

  private void catchUp(Contract contract) {
    try (LiveSinks sinks = sinks(contract)) {
      LiveResult unused = sinks.catchUpAfter(() -> run(contract));
    }
  }

  /** The sinks alone. */
  private void send(Contract contract) {
    send(contract, Steps.SILENT);
  }

  private void send(Contract contract, Steps steps) {
    Surroundings surroundings = surroundings(Map.of("HOOK", hook.address()), steps);
    try (LiveSinks sinks = new LiveSinks(contract, surroundings, SHORT)) {
      boolean unused = sinks.catchUpAfter(() -> true);
    }
  }

  private LiveSinks sinks(Contract contract) {
    return new LiveSinks(contract, surroundings(Map.of("HOOK", hook.address())), SHORT);
  }

  private Surroundings surroundings(Map<String, String> environment) {
    return surroundings(environment, Steps.SILENT);
  }

  private Surroundings surroundings(Map<String, String> environment, Steps steps) {
    return new Surroundings(
        spark,
        lake,
        () -> {
          throw new AssertionError("no sink sends to Kafka");
        },
        environment,
        steps,
        said::add);
  }

  private static String key(String day, String origin) {
    return "{\"event_date\":\"%s\",\"origin\":\"%s\",\"destination\":\"LAX\"}"
        .formatted(day, origin);
  }

  private static String cell(String day, String origin, int flights) {
    String key = key(day, origin);
    return key + " " + key.replace("}", ",\"flights\":" + flights + "}");
  }

  private static String session(String start, String end, int flights) {
    return ("{\"origin\":\"SEA\",\"session_start\":\"2001-01-01T%sZ\"} {\"event_date\":"
            + "\"2001-01-01\",\"origin\":\"SEA\",\"session_start\":\"2001-01-01T%sZ\","
            + "\"session_end\":\"2001-01-01T%sZ\",\"flights\":%d}")
        .formatted(start, start, end, flights);
  }
}
