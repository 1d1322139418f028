package assay.reconciliation.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.AlertSettings;
import assay.core.AlertSettings.Channel;
import assay.core.AlertSettings.Command;
import assay.core.AlertSettings.PagerDuty;
import assay.core.AlertSettings.Shape;
import assay.core.AlertSettings.Webhook;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.testing.TestSpark;
import assay.reconciliation.alerts.Finding.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real HTTP server and a real program. */
class AlertsTest {
  private static final String SECRET = "s3cr3t-t0ken";
  private static final Set<String> CAUSES = Set.of("diverged:route_day", "late_share:flights");

  private final SparkSession spark = TestSpark.session();
  private final List<JsonNode> received = Collections.synchronizedList(new ArrayList<>());
  private final Deque<Integer> answers = new ArrayDeque<>();
  private final List<String> said = new ArrayList<>();
  private HttpServer server;

  @TempDir Path folder;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          received.add(new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes()));
          int status = answers.isEmpty() ? 202 : answers.poll();
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  @Test
  void oneAlertForOneCauseThenSilenceThenAnotherThenAnAllClear() {
    List<Channel> hook = List.of(new Webhook("ops", Shape.GENERIC, address()));
    tell(hook, diverged("2001-01-03"), late());
    // As the next run does, in a process of its own.
    tell(hook, diverged("2001-01-03"), late());
    tell(hook, diverged("2001-01-03, 2001-01-04"), late());
    tell(hook, diverged("2001-01-03, 2001-01-04"));
    tell(hook);
    tell(hook);
    tell(hook, diverged("2001-01-09"));
    assertThat(received)
        .extracting(d -> d.get("kind").asText() + " " + d.get("state").asText())
        .containsExactlyInAnyOrder(
            "diverged open",
            "late_share open",
            "diverged changed",
            "late_share clear",
            "diverged clear",
            "diverged open");
    assertThat(received).extracting(d -> d.get("id").asText()).doesNotHaveDuplicates();
    JsonNode last = received.get(received.size() - 1);
    assertThat(last.get("number").asLong()).isEqualTo(4);
    assertThat(last.get("severity").asText()).isEqualTo("critical");
    assertThat(last.get("summary").asText()).isEqualTo("route_day diverged on 2001-01-09");
    assertThat(last.get("details").get("days").asText()).isEqualTo("2001-01-09");
  }

  @Test
  void causesThatWereNotLookedForStayAsTheyAre() {
    List<Channel> hook = List.of(new Webhook("ops", Shape.GENERIC, address()));
    tell(hook, diverged("2001-01-03"));
    alerts(hook).tell(new Findings(Set.of("late_share:flights"), List.of()));
    assertThat(received).hasSize(1);
  }

  @Test
  void slackAndPagerDutyGetWhatTheyExpect() {
    List<Channel> channels =
        List.of(
            new Webhook("team", Shape.SLACK, address()), new PagerDuty("pager", SECRET, address()));
    tell(channels, diverged("2001-01-03"));
    tell(channels);
    assertThat(received.get(0).get("text").asText())
        .startsWith(":red_circle: *assay* route_day diverged on 2001-01-03 (");
    JsonNode trigger = received.get(1);
    assertThat(trigger.get("routing_key").asText()).isEqualTo(SECRET);
    assertThat(trigger.get("event_action").asText()).isEqualTo("trigger");
    assertThat(trigger.get("dedup_key").asText()).isEqualTo("assay:diverged:route_day");
    assertThat(trigger.at("/payload/severity").asText()).isEqualTo("critical");
    assertThat(trigger.at("/payload/source").asText()).isEqualTo("assay");
    assertThat(trigger.at("/payload/summary").asText())
        .isEqualTo("route_day diverged on 2001-01-03");
    assertThat(received.get(2).get("text").asText()).startsWith(":white_check_mark:");
    assertThat(received.get(3).get("event_action").asText()).isEqualTo("resolve");
    assertThat(received.get(3).get("dedup_key")).isEqualTo(trigger.get("dedup_key"));
  }

  @Test
  void aServerThatIsAwayIsTriedAgainAndThenWithTheNextRunUnderTheSameId() {
    List<Channel> hook = List.of(new Webhook("ops", Shape.GENERIC, address()));
    answers.addAll(List.of(503, 202));
    tell(hook, diverged("2001-01-03"));
    assertThat(received).hasSize(2);
    answers.addAll(List.of(500, 500, 500));
    tell(hook, diverged("2001-01-04"));
    assertThat(said)
        .containsExactly(
            "the alert channel ops answered with status 500; it is told again with the next run");
    tell(hook, diverged("2001-01-04"));
    tell(hook, diverged("2001-01-04"));
    assertThat(received).hasSize(6);
    assertThat(received.subList(2, 6))
        .extracting(d -> d.get("id").asText())
        .containsOnly(received.get(2).get("id").asText());
  }

  @Test
  void aServerThatIsAwayIsLeftAloneForAWhileByAProcessThatGoesOn() {
    Alerts alerts = alerts(List.of(new Webhook("ops", Shape.GENERIC, address())));
    answers.addAll(List.of(500, 500, 500));
    alerts.tell(new Findings(CAUSES, List.of(diverged("2001-01-03"))));
    alerts.tell(new Findings(CAUSES, List.of(diverged("2001-01-04"))));
    assertThat(received).hasSize(3);
    assertThat(said).hasSize(1);
    // What it missed is not lost.
    tell(List.of(new Webhook("ops", Shape.GENERIC, address())), diverged("2001-01-04"));
    assertThat(received).hasSize(4);
  }

  @Test
  void aChannelThatIsNewHearsWhatHoldsAndNotWhatIsOver() {
    Channel old = new Webhook("ops", Shape.GENERIC, address());
    Channel added = new Webhook("team", Shape.GENERIC, address());
    tell(List.of(old), diverged("2001-01-03"), late());
    tell(List.of(old), late());
    assertThat(received).hasSize(3);
    tell(List.of(old, added), late());
    tell(List.of(old, added), late());
    assertThat(received).hasSize(4);
    assertThat(received.get(3).get("kind").asText()).isEqualTo("late_share");
    // What it was told of it is told the end of.
    tell(List.of(old, added));
    assertThat(received).hasSize(6);
    // What it missed the next time is not.
    tell(List.of(old), late());
    tell(List.of(old, added));
    assertThat(received).hasSize(8);
  }

  @Test
  void aKindThatOnlyNewerVersionsKnowIsNoTrouble() {
    List<Channel> hook = List.of(new Webhook("ops", Shape.GENERIC, address()));
    tell(hook, diverged("2001-01-03"), late());
    spark.sql(
        "UPDATE delta.`%s` SET kind = 'unheard_of' WHERE kind = 'late_share'"
            .formatted(lake().alerts()));
    tell(hook);
    assertThat(received).hasSize(3);
    assertThat(received.get(2).get("state").asText()).isEqualTo("clear");
  }

  @Test
  void noAddressAndNoKeyIsSaidOrStored() {
    server.stop(0);
    String path = address() + "hook?token=" + SECRET;
    tell(
        List.of(
            new Webhook("ops", Shape.GENERIC, path),
            new Webhook("team", Shape.SLACK, path),
            new PagerDuty("pager", SECRET, path)),
        diverged("2001-01-03"));
    assertThat(said).hasSize(3).allMatch(line -> line.contains("cannot be reached"));
    assertThat(String.join("\n", said)).doesNotContain(SECRET).doesNotContain(address());
    assertThat(new LakeTable(spark, lake().alerts()).read().toJSON().collectAsList())
        .hasSize(1)
        .noneMatch(row -> row.contains(SECRET));
    assertThat(settings(List.of(new Webhook("ops", Shape.GENERIC, path))) + "")
        .doesNotContain(SECRET);
    assertThat(new PagerDuty("pager", SECRET, path) + "").isEqualTo("pager");
  }

  @Test
  void aProgramReadsTheDocument() throws IOException {
    Path told = folder.resolve("told.json");
    tell(
        List.of(
            new Command("tell", List.of("sh", "-c", "cat > '" + told + "'")),
            new Command("broken", List.of("sh", "-c", "exit 3"))),
        diverged("2001-01-03"));
    JsonNode document = new ObjectMapper().readTree(Files.readString(told, StandardCharsets.UTF_8));
    assertThat(document.get("cause").asText()).isEqualTo("diverged:route_day");
    assertThat(said)
        .containsExactly(
            "the alert channel broken ended with 3; it is told again with the next run");
  }

  @Test
  void withoutAChannelNothingIsLookedUpOrWritten() {
    tell(List.of(), diverged("2001-01-03"));
    assertThat(new LakeTable(spark, lake().alerts()).exists()).isFalse();
  }

  private void tell(List<Channel> channels, Finding... found) {
    alerts(channels).tell(new Findings(CAUSES, List.of(found)));
  }

  private Alerts alerts(List<Channel> channels) {
    return new Alerts(
        spark,
        lake(),
        settings(channels),
        Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC),
        said::add,
        new ChannelSender(Duration.ofMillis(10)));
  }

  private static AlertSettings settings(List<Channel> channels) {
    return new AlertSettings(
        channels, new BigDecimal("0.05"), new BigDecimal("0.01"), Duration.ofDays(1));
  }

  private Lake lake() {
    return new Lake(folder.resolve("lake").toString());
  }

  private String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private static Finding diverged(String days) {
    return new Finding(
        Kind.DIVERGED, "route_day", days, "route_day diverged on " + days, Map.of("days", days));
  }

  private static Finding late() {
    return new Finding(Kind.LATE_SHARE, "flights", "above", "flights: 9 of 10 late", Map.of());
  }
}
