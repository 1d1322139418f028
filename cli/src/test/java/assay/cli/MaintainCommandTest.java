package assay.cli;

import static assay.core.testing.FlightsContract.flight;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.SparkSessions;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.SilverStage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaintainCommandTest {
  @TempDir Path folder;

  @Test
  void optionsThatDoNotGoTogetherAreRefusedBeforeAnythingStarts() {
    CommandLineRun alone = maintain("--retain", "30");
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).startsWith("assay: --retain and --vacuum-cdf go with --vacuum");
    assertThat(maintain("--vacuum-cdf").exitCode()).isEqualTo(2);
    CommandLineRun young = maintain("--vacuum", "--retain", "6");
    assertThat(young.exitCode()).isEqualTo(2);
    assertThat(young.err())
        .startsWith("assay: deleted files must be kept for 7 days or more, not 6")
        .contains("  what to do: give --retain 7 or more");
  }

  @Test
  void aDryRunSaysWhatARunThenDoesAndWritesDown() throws IOException {
    makeLake();
    CommandLineRun dry = maintain("--dry-run", "--vacuum", "--json");
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    JsonNode plan = new ObjectMapper().readTree(dry.out()).at("/plan/0");
    assertThat(plan.at("/compactions").size()).as(dry.out()).isEqualTo(1);
    assertThat(plan.at("/compactions/0/partitions").toString()).isEqualTo("[\"2001-01-01\"]");
    assertThat(plan.at("/compactions/0/files_before").asInt()).isEqualTo(2);
    assertThat(plan.at("/compactions/0").has("files_after")).isFalse();
    assertThat(plan.at("/vacuumed/0/files").asInt()).isZero();
    assertThat(new ObjectMapper().readTree(dry.out()).at("/views/undefined").toString())
        .isEqualTo("[\"" + folder.resolve("lake/materialized_views/gone") + "\"]");
    assertThat(run("status").out()).doesNotContain("maintain");

    CommandLineRun found = maintain("--check-keys");
    assertThat(found.exitCode()).as(found.err()).isEqualTo(1);
    assertThat(found.out())
        .contains("materialized_views/gone is of a view that no file defines")
        .containsPattern("silver/flights +\\| 2001-01-01 +\\| yes .* 2 \\| +1 \\|")
        .contains("flights: 1 keys stand more than once; 2 files of ")
        .containsPattern("flight_id=far +\\| 2001-01-01 +\\| +0 +\\| +0 \\|")
        .containsPattern("flight_id=far +\\| 2001-02-15 +\\| +0 +\\| +2 \\|");
    assertThat(run("status").out())
        .containsPattern("maintain +\\| flights .* done .*doubled_keys 1.* files_after 1")
        .containsPattern("maintain +\\| materialized_views .* done ");

    JsonNode all = new ObjectMapper().readTree(maintain("--domain", "flights", "--json").out());
    assertThat(all.has("views")).isFalse();
    JsonNode again = all.at("/maintain/0");
    assertThat(again.at("/compactions").isEmpty()).isTrue();
    assertThat(again.has("keys")).isFalse();
  }

  /** Two files of one day, a key that stands twice, and a view that nothing defines. */
  private void makeLake() throws IOException {
    Files.createDirectories(folder.resolve("contracts"));
    Files.copy(
        Path.of(System.getProperty("assay.root"), "examples", "flights", "contract.yaml"),
        folder.resolve("contracts").resolve("flights.yaml"));
    String spark =
        PlainPlans.SETTINGS.entrySet().stream()
            .map(e -> "  " + e.getKey() + ": \"" + e.getValue() + "\"\n")
            .collect(Collectors.joining());
    Files.writeString(folder.resolve("assay.yaml"), "lake: lake\nspark:\n" + spark);
    SparkSession session = SparkSessions.open("by hand", PlainPlans.SETTINGS);
    Lake lake = new Lake(folder.resolve("lake").toString());
    Contract contract = ContractReader.readAll(folder.resolve("contracts")).get(0);
    BronzeFixture bronze = new BronzeFixture(session, lake, "flights");
    List<String> hours =
        List.of(
            flight("far", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
            flight("near", "2001-01-01T08:00:00Z", 1, "SEA", "LAX"),
            flight("far", "2001-02-15T08:00:00Z", 2, "SEA", "LAX"));
    for (int hour = 0; hour < hours.size(); hour++) {
      bronze.ingest("2026-01-01T0%d:00:00Z".formatted(hour), hours.get(hour));
      new SilverStage(session, lake, contract, Steps.SILENT).run();
    }
    session.range(1).write().format("delta").save(lake.materializedView("gone"));
  }

  private CommandLineRun maintain(String... options) {
    List<String> words = new ArrayList<>(List.of("maintain"));
    words.addAll(List.of(options));
    return run(words.toArray(String[]::new));
  }

  private CommandLineRun run(String... words) {
    List<String> args = new ArrayList<>(List.of(words));
    args.addAll(List.of("--config", folder.resolve("assay.yaml").toString()));
    return CommandLineRun.of(args.toArray(String[]::new));
  }
}
