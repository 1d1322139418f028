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

/** The commands of docs/serving.md in their order, but for those that the README shows too. */
@ExtendWith(PlainPlans.class)
class ServingCommandTest {
  private static final Path ROOT = Path.of(System.getProperty("assay.root"));

  @TempDir Path folder;

  @Test
  void everyCommandOfThePageDoesWhatItSays() throws IOException {
    makeLake();
    List<String> commands =
        ShownCommands.blocks("docs/serving.md", "sh").stream().flatMap(String::lines).toList();
    assertThat(commands).hasSize(10);
    String readme = Files.readString(ROOT.resolve("README.md"));
    List<String> outcomes = new ArrayList<>();
    for (String command : commands) {
      if (isShownBy(readme, command)) {
        continue;
      }
      CommandLineRun run = run(ShownCommands.words(command.substring("assay ".length())));
      outcomes.add(run.exitCode() + " " + command);
      if (command.contains("--check")) {
        assertThat(run.out()).contains("approval").contains("a person must say yes");
      } else if (command.contains("--approve")) {
        assertThat(run.out())
            .contains("| serving.route_day        | canary at 10 % | batch  |")
            .contains("| serving.route_day_canary | canary at 10 % | live   |");
        assertReads("planning", "2");
        assertReads("finance", "3");
      } else if (command.contains("--list")) {
        assertThat(run.out()).contains("1 of 3 consumers (33.3 %) read the canary's table");
      } else if (command.contains("sql")) {
        assertThat(run.out()).contains(" 1 |");
      }
    }
    assertThat(outcomes)
        .containsExactly(
            "4 assay promote route_day --check",
            "0 assay promote route_day --approve",
            "0 assay rollback route_day --reason \"the new release counts twice\"",
            "0 assay serving pin route_day batch --reason \"audit of March\"",
            "0 assay serving unpin route_day --reason \"the audit is over\"",
            "0 assay serving path route_day --list finance planning ops",
            "0 assay sql --consumer finance \"SELECT count(*) AS cells FROM serving.route_day\"");
    JsonNode changes =
        new ObjectMapper()
            .readTree(run(List.of("serving", "status", "--history", "--json")).out())
            .get("changes");
    assertThat(changes)
        .extracting(c -> c.get("change").asText())
        .containsExactly("promote", "rollback", "pin", "unpin");
    assertThat(changes)
        .allSatisfy(
            c -> assertThat(c.get("who").asText()).isEqualTo(System.getProperty("user.name")));
  }

  @Test
  void whatIsWrongIsTold() throws IOException {
    makeFolders();
    assertThat(run(List.of("promote", "route_dya")).err())
        .contains("there is no metric set route_dya")
        .contains("give one of route_day");
    assertThat(run(List.of("serving")).exitCode()).isEqualTo(2);
    assertThat(run(List.of("serving", "path", "route_day")).err())
        .contains("one of --consumer and --list says what to print");
  }

  private void assertReads(String consumer, String flights) {
    assertThat(
            run(List.of(
                    "sql",
                    "--csv",
                    "--consumer",
                    consumer,
                    "SELECT sum(flights) AS flights FROM serving.route_day"))
                .out())
        .as(consumer)
        .isEqualTo("flights\n" + flights + "\n");
  }

  private static boolean isShownBy(String readme, String command) {
    return List.of("serving publish", "serving status", "serving path route_day --consumer")
        .stream()
        .anyMatch(
            words ->
                command.startsWith("assay " + words)
                    && readme.contains("./assay " + words.replace(" --consumer", "")));
  }

  private void makeFolders() throws IOException {
    Files.createDirectories(folder.resolve("contracts"));
    Files.writeString(folder.resolve("assay.yaml"), "lake: lake\n");
    Files.writeString(
        folder.resolve("contracts").resolve("flights.yaml"),
        Files.readString(ROOT.resolve("examples").resolve("flights").resolve("contract.yaml"))
            .replace("after: 14 days", "after: 1 day"));
  }

  /** A day of three flights, the last one too late for the stream. */
  private void makeLake() throws IOException {
    makeFolders();
    SparkSession spark = SparkSessions.open("by hand", Map.of());
    BronzeFixture bronze =
        new BronzeFixture(spark, new Lake(folder.resolve("lake").toString()), "flights");
    bronze.ingest(
        "2026-01-01T00:00:00Z",
        flight("a", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-01T12:00:00Z", 2, "SEA", "LAX"));
    bronze.ingest("2026-01-01T00:00:10Z", flight("c", "2001-01-01T09:00:00Z", 3, "SEA", "LAX"));
    spark.stop();
    for (String stage : List.of("silver", "gold", "live --until-caught-up", "reconcile")) {
      CommandLineRun run = run(List.of(stage.split(" ", -1)));
      assertThat(run.exitCode()).as(stage + run.err()).isZero();
    }
  }

  private CommandLineRun run(List<String> words) {
    List<String> args = new ArrayList<>(words);
    args.addAll(List.of("--config", folder.resolve("assay.yaml").toString()));
    return CommandLineRun.of(args.toArray(String[]::new));
  }
}
