package assay.cli;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.SparkSessions;
import assay.ingestion.testing.BronzeFixture;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What docs/proof.md shows of {@code assay reconcile}, on a small lake. */
@ExtendWith(PlainPlans.class)
class ReconcileCommandTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("assay.root"), "examples", "flights");

  @TempDir Path folder;

  @Test
  void theProofIsAskedInEachWay() throws IOException {
    makeFolders();
    ingest(
        0,
        flight("a", "2001-01-01T12:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 2, "LAX", "SEA"));
    runPaths();
    ingest(1, flight("late", "2001-01-01T01:00:00Z", 3, "SEA", "LAX"));
    runPaths();

    JsonNode day = json(3, "reconcile", "--date", "2001-01-01").at("/days/0");
    assertThat(day.get("verdict").asText()).isEqualTo("EXPLAINED");
    assertThat(day.get("rung").asText()).isEqualTo("rows");
    assertThat(day.get("share_beyond").asDouble()).isEqualTo(0.5);
    // The contract bears a quarter.
    assertThat(day.get("fit").asBoolean()).isFalse();

    CommandLineRun then = run("reconcile", "--at", "1");
    assertThat(then.exitCode()).as(then.err()).isZero();
    assertThat(then.out()).contains("| rung ").contains("| MATCH ").contains("| measures ");
    CommandLineRun never = run("reconcile", "--at", "7");
    assertThat(never.exitCode()).isEqualTo(4);
    assertThat(never.err()).contains("has no version 7");

    JsonNode sample = json(3, "reconcile", "--sample", "1000").at("/views/0");
    assertThat(sample.get("view").asText()).isEqualTo("newest");
    assertThat(sample.get("keys").asLong()).isEqualTo(3);
    assertThat(sample.get("mismatched").asLong()).isEqualTo(1);
    assertThat(sample.at("/differences/0/causes/0").asText()).isEqualTo("late");
    Path told = folder.resolve("told.jsonl");
    assertThat(told).content().contains("newest: 1 of 3 keys stand otherwise in silver");
    assertThat(run("reconcile", "--sample", "10", "--alert-above", "50%").exitCode()).isZero();
    assertThat(told).content().doesNotContain("all clear: newest");
    assertThat(run("reconcile", "--key", "late").exitCode()).isZero();
    CommandLineRun one = run("reconcile", "--key", "late", "--alert-above", "0.1%");
    assertThat(one.exitCode()).isEqualTo(3);
    assertThat(one.out()).contains("live has no row");

    // A metric set whose gold and live view are yet to be made, beside one that is red.
    contract(true);
    JsonNode beside = json(3, "reconcile");
    assertThat(beside.at("/days/0/metrics").asText()).isEqualTo("route_day");
    assertThat(beside.at("/not_compared/0/domain").asText()).isEqualTo("flights");
    assertThat(beside.at("/not_compared/0/name").asText()).isEqualTo("late_day");
    assertThat(beside.at("/not_compared/0/what_to_do").asText()).contains("run 'assay");
    List<String> outcomes = new ArrayList<>();
    json(0, "status").get("runs").forEach(r -> outcomes.add(r.get("outcome").asText()));
    assertThat(outcomes).contains("inconclusive");
    contract(false);

    for (String[] wrong :
        List.of(
            new String[] {"reconcile", "--sample", "0"},
            new String[] {"reconcile", "--sample", "9", "--alert-above", "5"})) {
      assertThat(run(wrong).exitCode()).isEqualTo(2);
      assertThat(run(wrong).out()).isEmpty();
    }

    JsonNode calibrated = json(0, "reconcile", "--calibrate");
    assertThat(calibrated.at("/paths/0/differing").asLong()).isZero();
    assertThat(calibrated.at("/paths/1/differing").asLong()).isZero();
    assertThat(calibrated.at("/tolerances/0/proposed").asText()).isEqualTo("50%");
  }

  private void runPaths() {
    assertThat(run("silver").exitCode()).isZero();
    assertThat(run("gold").exitCode()).isZero();
    assertThat(run("live", "--until-caught-up").exitCode()).isZero();
  }

  private void makeFolders() throws IOException {
    Files.createDirectories(folder.resolve("contracts"));
    Files.writeString(
        folder.resolve("assay.yaml"),
        "lake: lake\nalerts: {to: {told: {command: [sh, -c, 'cat >> \"%s\"']}}}\n"
            .formatted(folder.resolve("told.jsonl")));
    contract(false);
  }

  /**
   * Writes the contract.
   *
   * @param second whether it has a second live metric set
   */
  private void contract(boolean second) throws IOException {
    Files.writeString(
        folder.resolve("contracts").resolve("flights.yaml"),
        Files.readString(EXAMPLES.resolve("contract.yaml"))
            + "    alert_above: 25%\n"
            + (second
                ? "  late_day: {measures: {flights: count(*)}, live: {every: 10 seconds}}\n"
                : "")
            + "live_views:\n"
            + "  newest: {kind: latest, by: [flight_id], alert_above: 10%}\n");
  }

  /** A micro-batch of a Kafka partition of its own. */
  private void ingest(int partition, String... flights) {
    SparkSession spark = SparkSessions.open("by hand", Map.of());
    new BronzeFixture(spark, new Lake(folder.resolve("lake").toString()), "flights")
        .ingest(partition, "2001-01-02T12:00:0" + partition + "Z", flights);
    spark.stop();
  }

  private JsonNode json(int exitCode, String... words) throws IOException {
    List<String> withJson = new ArrayList<>(List.of(words));
    withJson.add("--json");
    CommandLineRun run = run(withJson.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    return new ObjectMapper().readTree(run.out());
  }

  private CommandLineRun run(String... words) {
    List<String> args = new ArrayList<>(List.of(words));
    args.addAll(1, List.of("--config", folder.resolve("assay.yaml").toString()));
    return CommandLineRun.of(args.toArray(String[]::new));
  }
}
