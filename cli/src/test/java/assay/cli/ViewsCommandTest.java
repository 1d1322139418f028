package assay.cli;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import assay.core.Lake;
import assay.core.SparkSessions;
import assay.ingestion.testing.BronzeFixture;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code assay views}, with the views of the example. */
class ViewsCommandTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("assay.root"), "examples", "flights");

  @TempDir Path folder;

  @Test
  void theDashboardsViewsArePlannedRefreshedAndListed() throws IOException {
    makeLake();
    assertThat(run("validate").out())
        .contains("materialized_views.kpis_last_hour is valid: reads silver.flights");
    CommandLineRun early = run("views", "plan");
    assertThat(early.exitCode()).isEqualTo(1);
    assertThat(early.err()).contains("reads silver.flights, which is not there yet");
    assertThat(run("silver").exitCode()).isZero();

    JsonNode plan = json("views", "plan", "--as-of", "2001-01-01T09:00").get("views");
    assertThat(plan).hasSize(3);
    assertThat(plan.get(2).get("view").asText()).isEqualTo("kpis_last_hour");
    assertThat(plan.get(2).get("strategy").asText()).isEqualTo("full");
    assertThat(plan.get(2).get("because").asText()).isEqualTo("the view has not been made yet");
    assertThat(plan.get(2).get("as_of").asText()).isEqualTo("2001-01-01T09:00:00Z");

    JsonNode made = json("views", "refresh", "--as-of", "2001-01-01T09:00").get("views");
    assertThat(made).hasSize(3);
    assertThat(
            run(
                    "sql",
                    "--csv",
                    "SELECT as_of, flights, late_flights, avg_delay, worst_delay"
                        + " FROM materialized_views.kpis_last_hour")
                .out())
        .endsWith(",2,1,12.5,20\n");
    assertThat(
            json("views", "refresh", "kpis_last_hour", "--as-of", "2001-01-01T10:00")
                .at("/views/0/strategy")
                .asText())
        .isEqualTo("additive");
    assertThat(run("sql", "--csv", "SELECT flights FROM materialized_views.kpis_last_hour").out())
        .isEqualTo("flights\n1\n");
    assertThat(run("views", "refresh", "kpis_last_hour", "--as-of", "2001-01-01T10:00").out())
        .contains("| none ")
        .contains("nothing that it reads changed");

    JsonNode listed = json("views", "list").get("views");
    assertThat(listed.get(0).get("rows").asLong()).isEqualTo(2);
    assertThat(listed.get(0).get("every").asText()).isEqualTo("15 minutes");
    assertThat(listed.get(0).get("due").asText()).isEqualTo("no");
    assertThat(listed.get(0).get("behind").asText()).isEmpty();
    assertThat(run("status").out()).contains("materialized_views.kpis_last_hour");
  }

  @Test
  void aViewThatIsNotThereIsWrongUsage() throws IOException {
    makeLake();
    CommandLineRun run = run("views", "refresh", "kpis");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("there is no view kpis")
        .contains("the views are: daily_summary, hourly_trends, kpis_last_hour");
    assertThat(run("views").exitCode()).isEqualTo(2);
  }

  @Test
  void runKeepsViewsUpToDateUntilItIsTold() throws IOException, InterruptedException {
    makeLake();
    assertThat(run("silver").exitCode()).isZero();
    // Fails in a task that writes, which the engine tells of by a checked exception.
    Files.writeString(
        folder.resolve("contracts/views/broken.sql"),
        "-- every: 2 hours\nSELECT 1 div (length(flight_id) - length(flight_id)) AS n"
            + " FROM silver.flights\n");
    Path log = folder.resolve("run.log");
    Process process = start(log, "views", "run", "--config", folder + "/assay.yaml");
    try {
      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () ->
                  Stream.of("daily_summary", "hourly_trends", "kpis_last_hour")
                          .allMatch(this::isMade)
                      && Files.readString(log).contains("materialized_views.broken failed"));
      process.destroy();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as("ended by SIGTERM").isEqualTo(128 + 15);
    assertThat(log)
        .content()
        .contains("4 views are kept up to date")
        .contains("materialized_views.hourly_trends: full: the view has not been made yet")
        .doesNotContainPattern("(daily_summary|hourly_trends|kpis_last_hour) failed");
    assertThat(
            run(
                    "sql",
                    "--csv",
                    "SELECT DISTINCT outcome FROM ops.runs"
                        + " WHERE domain = 'materialized_views.broken'")
                .out())
        .isEqualTo("outcome\nfailed\n");
  }

  private boolean isMade(String view) {
    return Files.exists(
        folder.resolve(
            "lake/materialized_views/" + view + "/_delta_log/00000000000000000001.json"));
  }

  private static Process start(Path log, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> !a.startsWith("-Xm") && !a.startsWith("-XX:") && !a.startsWith("-javaagent"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private void makeLake() throws IOException {
    Path contracts = Files.createDirectories(folder.resolve("contracts").resolve("views"));
    Files.copy(
        EXAMPLES.resolve("contract.yaml"), folder.resolve("contracts").resolve("flights.yaml"));
    try (Stream<Path> views = Files.list(EXAMPLES.resolve("views"))) {
      for (Path view : views.toList()) {
        Files.copy(view, contracts.resolve(view.getFileName()));
      }
    }
    Files.writeString(folder.resolve("assay.yaml"), "lake: lake\ncontracts: contracts\n");
    SparkSession spark = SparkSessions.open("fixture", Map.of("spark.master", "local[2]"));
    new BronzeFixture(spark, new Lake(folder.resolve("lake").toString()), "flights")
        .ingest(
            "2001-01-02T00:00:00Z",
            flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX"),
            flight("b", "2001-01-01T08:59:59Z", 20, "SEA", "SFO"),
            flight("c", "2001-01-01T09:00:00Z", -2, "LAX", "SEA"));
    spark.stop();
  }

  private JsonNode json(String... args) throws IOException {
    String[] all = Arrays.copyOf(args, args.length + 1);
    all[args.length] = "--json";
    return new ObjectMapper().readTree(run(all).out());
  }

  private CommandLineRun run(String... args) {
    String[] all = Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--config";
    all[args.length + 1] = folder.resolve("assay.yaml").toString();
    return CommandLineRun.of(all);
  }
}
