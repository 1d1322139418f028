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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code assay gold}, and what validate, plan, sql and status say of it, with queries. */
@ExtendWith(PlainPlans.class)
class GoldCommandTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("assay.root"), "examples", "flights");

  @TempDir Path folder;

  private Path queries;

  @Test
  void queriesFollowTheMetricSets() throws IOException {
    makeLake();
    assertThat(run("validate").out())
        .contains("gold.airport_lifetime is valid: reads gold.route_day");
    JsonNode before = json("plan");
    assertThat(before.at("/plan/0/rows").asLong()).isEqualTo(4);
    assertThat(before.at("/plan/0/bytes").asLong()).isPositive();
    assertThat(item(before, "airport_lifetime").get("work").asText())
        .isEqualTo("makes nothing: a table that it reads is not there yet");

    assertThat(run("silver").exitCode()).isZero();
    JsonNode dry = json("gold", "--dry-run");
    assertThat(dry.at("/plan/0/reads/rows").asLong()).isEqualTo(4);
    assertThat(dry.at("/plan/0/replaces/files").asLong()).isZero();
    assertThat(dry.at("/queries/0/query").asText()).isEqualTo("airport_lifetime");
    assertThat(dry.at("/queries/0/because").asText()).isEqualTo("the query has not run yet");

    JsonNode made = json("gold");
    assertThat(made.at("/queries/0/rows").asLong()).isEqualTo(2);
    assertThat(made.at("/queries/0/sources/gold.route_day").isNumber()).isTrue();
    assertThat(made.at("/gold/1/filtered/late").asLong()).isEqualTo(2);
    assertThat(json("status").at("/runs/1/rows/filter.gold.late_day.late").asLong()).isEqualTo(2);
    assertThat(
            run("sql", "--csv", "SELECT airport, flights FROM gold.airport_lifetime ORDER BY ALL")
                .out())
        .isEqualTo("airport,flights\nLAX,1\nSEA,3\n");
    assertThat(json("gold").at("/queries/0/because").asText())
        .isEqualTo("nothing that it reads changed");
    assertThat(run("gold", "--date", "2001-01-01", "--dry-run").out())
        .contains("3 rows, ")
        .contains("| airport_lifetime | yes ")
        .contains("a table that it reads changed");

    Files.writeString(
        queries.resolve("broken.sql"), "-- every: day\nSELECT nope FROM gold.route_day");
    CommandLineRun broken = run("gold", "--date", "2001-01-01");
    assertThat(broken.exitCode()).isEqualTo(2);
    assertThat(broken.err()).contains("broken.sql:2: ").contains("`nope` cannot be resolved");
    assertThat(broken.out()).contains("| airport_lifetime |").doesNotContain("broken");
    JsonNode runs = json("status").get("runs");
    List<String> outcomes = new ArrayList<>();
    runs.forEach(r -> outcomes.add(r.get("domain").asText() + " " + r.get("outcome").asText()));
    assertThat(outcomes).contains("gold.airport_lifetime done", "gold.broken usage");
  }

  @Test
  void mistakesInQueriesAreToldBeforeAnythingStarts() throws IOException {
    makeFolders();
    Files.writeString(queries.resolve("broken.sql"), "SELECT * FROM gold.route_dya LIMIT 1");
    CommandLineRun validate = run("validate");
    assertThat(validate.exitCode()).isEqualTo(2);
    assertThat(validate.out())
        .contains("broken.sql:1:1: the header lacks `every`")
        .contains("broken.sql:1:15: unknown table `gold.route_dya`")
        .contains("    Did you mean `gold.route_day`?")
        .contains("LIMIT without ORDER BY keeps rows by chance")
        .endsWith("3 mistakes" + System.lineSeparator());
    assertThat(run("gold").exitCode()).isEqualTo(2);
    assertThat(folder.resolve("lake")).doesNotExist();
  }

  private void makeFolders() throws IOException {
    queries = Files.createDirectories(folder.resolve("contracts").resolve("gold"));
    Files.writeString(folder.resolve("assay.yaml"), "lake: lake\n");
    Files.writeString(
        folder.resolve("contracts").resolve("flights.yaml"),
        Files.readString(EXAMPLES.resolve("contract.yaml"))
            + """
              late_day:
                filter: {late: delay_minutes > 2}
                measures: {flights: count(*)}
            """);
    Files.copy(
        EXAMPLES.resolve("gold").resolve("airport_lifetime.sql"),
        queries.resolve("airport_lifetime.sql"));
  }

  private void makeLake() throws IOException {
    makeFolders();
    SparkSession spark = SparkSessions.open("by hand", Map.of());
    new BronzeFixture(spark, new Lake(folder.resolve("lake").toString()), "flights")
        .ingest(
            "2001-01-02T12:00:00Z",
            flight("a", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
            flight("b", "2001-01-01T09:00:00Z", 2, "SEA", "LAX"),
            flight("c", "2001-01-01T10:00:00Z", 3, "LAX", "SEA"),
            flight("d", "2001-01-02T10:00:00Z", 4, "SEA", "LAX"));
    spark.stop();
  }

  private static JsonNode item(JsonNode plan, String table) {
    for (JsonNode item : plan.get("plan")) {
      if (item.get("table").asText().endsWith(table)) {
        return item;
      }
    }
    throw new AssertionError("no " + table + " in " + plan);
  }

  private JsonNode json(String... words) throws IOException {
    String[] withJson = Arrays.copyOf(words, words.length + 1);
    withJson[words.length] = "--json";
    CommandLineRun run = run(withJson);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  private CommandLineRun run(String... words) {
    List<String> args = new ArrayList<>(List.of(words));
    args.addAll(1, List.of("--config", folder.resolve("assay.yaml").toString()));
    return CommandLineRun.of(args.toArray(String[]::new));
  }
}
