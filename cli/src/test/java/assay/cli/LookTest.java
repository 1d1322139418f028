package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.SparkSessions;
import assay.core.Steps;
import assay.core.contract.ContractReader;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code assay quarantine show} and {@code assay plan}, over a lake with a few rows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LookTest {
  private static final String FLIGHT =
      "{\"flight_id\":\"f1\",\"scheduled_at\":\"2001-01-01T08:00:00Z\",\"delay_minutes\":5,"
          + "\"origin\":\"SEA\",\"destination\":\"LAX\",\"gate\":4}";

  private Path settings;

  @BeforeAll
  void makeLake(@TempDir Path folder) throws IOException {
    Path contract = folder.resolve("contracts").resolve("flights.yaml");
    Files.createDirectories(contract.getParent());
    Files.copy(
        Path.of(System.getProperty("assay.root"), "examples", "flights", "contract.yaml"),
        contract);
    settings = Files.writeString(folder.resolve("assay.yaml"), "lake: lake\n");
    SparkSession spark = SparkSessions.open("by hand", Map.of());
    Lake lake = new Lake(folder.resolve("lake").toString());
    new BronzeFixture(spark, lake, "flights")
        .ingest(
            "2026-01-01T00:00:00Z",
            FLIGHT,
            FLIGHT.replace("SEA", "sea").replace(":5,", ":\"five\","),
            "{\"flight_id\":");
    new SilverStage(spark, lake, ContractReader.read(contract), Steps.SILENT).run();
  }

  @Test
  void quarantineShowsWhatFailedAndWhatTheParserSaid() throws IOException {
    assertThat(run("quarantine", "show", "flights").out())
        .contains("type(delay_minutes): \"five\"; airport_codes: origin=sea, destination=LAX")
        .contains("value(json): Unexpected end-of-input");
    JsonNode rows =
        new ObjectMapper()
            .readTree(run("quarantine", "show", "flights", "--json").out())
            .get("rows");
    assertThat(rows.get(0).get("parser_message").asText())
        .isEqualTo("Unexpected end-of-input within/between Object entries, at line 1, column 14");
    assertThat(rows.get(0).get("failed_values")).isEmpty();
    assertThat(rows.get(1).get("failed_values").toString())
        .isEqualTo(
            new ObjectMapper()
                .valueToTree(
                    Map.of(
                        "type(delay_minutes)",
                        "\"five\"",
                        "airport_codes",
                        "origin=sea, destination=LAX"))
                .toString());
    assertThat(rows.get(1).get("parser_message").isNull()).isTrue();
    assertThat(rows.get(1).get("first_seen").asText()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(rows.get(1).has("run")).isTrue();
  }

  @Test
  void aPlanSuggestsColumnsForFieldsThatTheContractDoesNotName() throws IOException {
    assertThat(run("plan").out())
        .contains("Fields that events have and the contract does not name")
        .containsPattern("flights *\\| gate: int *\\| 100% of the newest rows");
    assertThat(
            new ObjectMapper()
                .readTree(run("plan", "--json").out())
                .get("suggested_columns")
                .toString())
        .isEqualTo(
            "[{\"domain\":\"flights\",\"field\":\"gate\",\"rows\":1,\"share\":1.0,\"type\":\"int\"}]");
  }

  private CommandLineRun run(String... words) {
    String[] all = java.util.Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--config";
    all[words.length + 1] = settings.toString();
    CommandLineRun run = CommandLineRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }
}
