package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code assay init} and {@code assay validate}. */
class StartCommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @Test
  void whatInitWritesIsValid() {
    assertThat(run("init", folder.toString())).isZero();
    assertThat(out.toString()).contains("wrote " + folder.resolve("assay.yaml"));
    assertThat(run("validate", "--config", folder.resolve("assay.yaml").toString())).isZero();
    assertThat(out.toString())
        .endsWith(
            "flights is valid: 6 columns, 2 rules, metrics route_day" + System.lineSeparator());
  }

  @Test
  void initOverwritesNothing() throws IOException {
    Path settings = Files.writeString(folder.resolve("assay.yaml"), "lake: mine\n");
    assertThat(run("init", folder.toString())).isEqualTo(2);
    assertThat(err.toString()).startsWith("assay: " + settings + " is there already");
    assertThat(settings).hasContent("lake: mine");
    assertThat(folder.resolve("contracts")).doesNotExist();
  }

  @Test
  void everyMistakeIsToldWithItsPlaceAndMend() throws IOException {
    run("init", folder.toString());
    Path contract = folder.resolve("contracts").resolve("flights.yaml");
    Files.writeString(
        contract,
        Files.readString(contract)
            .replace("event_time: scheduled_at", "event_tim: scheduled_at")
            .replace("sum(delay_minutes)", "sum(delay_minute)"));
    assertThat(run("validate", contract.toString())).isEqualTo(2);
    assertThat(out.toString())
        .containsPattern("flights.yaml:[0-9]+:1: unknown key `event_tim`")
        .contains("Did you mean `event_time`?")
        .contains("`delay_minute`")
        .contains("mistakes");
  }

  @Test
  void whatTheStreamOnlyEstimatesIsSaidWithItsError() throws IOException {
    run("init", folder.toString());
    Path contract = folder.resolve("contracts").resolve("flights.yaml");
    Files.writeString(
        contract,
        Files.readString(contract)
            .replace(
                "flights:       count(*)",
                "flights:       count(*)\n      ids: approx_count_distinct(flight_id)"));
    assertThat(run("validate", contract.toString())).isZero();
    assertThat(out.toString())
        .contains(
            "    live.route_day.ids is estimated: exact up to 384 values, then within 1.6 % (one"
                + " standard error)");
  }

  @Test
  void mistakesAsJson() throws IOException {
    Path contract =
        Files.writeString(folder.resolve("trains.yaml"), "domain: trains\nkeyy: [id]\n");
    assertThat(run("validate", "--json", contract.toString())).isEqualTo(2);
    JsonNode document = new ObjectMapper().readTree(out.toString());
    assertThat(document.get("valid").asBoolean()).isFalse();
    JsonNode unknownKey =
        document.get("problems").findParents("message").stream()
            .filter(p -> p.get("message").asText().equals("unknown key `keyy`"))
            .findFirst()
            .orElseThrow();
    assertThat(unknownKey.get("file").asText()).isEqualTo(contract.toString());
    assertThat(unknownKey.get("line").asInt()).isEqualTo(2);
    assertThat(unknownKey.get("column").asInt()).isEqualTo(1);
  }

  @Test
  void missingSettingsAreNamedWithTheWayToBegin() {
    Path missing = folder.resolve("assay.yaml");
    assertThat(run("validate", "--config", missing.toString())).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("assay: there is no " + missing)
        .contains("  what to do: run assay init");
  }

  private int run(String... args) {
    return Main.run(Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)), args);
  }
}
