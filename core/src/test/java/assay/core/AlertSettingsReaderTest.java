package assay.core;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.AlertSettings.Command;
import assay.core.AlertSettings.Log;
import assay.core.AlertSettings.PagerDuty;
import assay.core.AlertSettings.Shape;
import assay.core.AlertSettings.Webhook;
import assay.core.yaml.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertSettingsReaderTest {
  private static final String HOOK = "https://hooks.example.com/s3cr3t";
  private static final Map<String, String> ENVIRONMENT = Map.of("HOOK", HOOK, "WRONG", "s3cr3t");

  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("assay.yaml"), text);
  }

  @Test
  void everyKeyIsRead() throws IOException {
    Files.writeString(folder.resolve("key"), "k3y\n");
    AlertSettings alerts =
        SettingsReader.read(
                write(
                    """
                    alerts:
                      late_share: 2.5%
                      quarantine_share: 1%
                      evidence_within: 6 hours
                      to:
                        ops: {webhook: "${HOOK}"}
                        team: {slack: "${HOOK}"}
                        pager: {pagerduty: "${file:key}"}
                        europe: {pagerduty: "${file:key}", address: "https://events.eu.example.com/"}
                        mail: {command: [tell, --to, ops]}
                        here: {log: true}
                    """),
                ENVIRONMENT)
            .alerts();
    assertThat(alerts.channels())
        .containsExactly(
            new Webhook("ops", Shape.GENERIC, HOOK),
            new Webhook("team", Shape.SLACK, HOOK),
            new PagerDuty("pager", "k3y", PagerDuty.ADDRESS),
            new PagerDuty("europe", "k3y", "https://events.eu.example.com/"),
            new Command("mail", List.of("tell", "--to", "ops")),
            new Log("here"));
    assertThat(alerts.lateShare()).isEqualByComparingTo("0.025");
    assertThat(alerts.quarantineShare()).isEqualByComparingTo("0.01");
    assertThat(alerts.evidenceWithin()).isEqualTo(Duration.ofHours(6));
    assertThat(alerts.toString()).isEqualTo("AlertSettings[ops, team, pager, europe, mail, here]");
  }

  @Test
  void everyMistakeIsToldAndNoSecretIsShown() throws IOException {
    List<String> mistakes =
        SettingsReader.check(
                write(
                    """
                    alerts:
                      late_share: many
                      evidence_within: 1 fortnight
                      to:
                        a: {slack: "https://hooks.example.com/s3cr3t"}
                        b: {slack: "${WRONG}"}
                        c: {webhook: "${HOOK}", log: true}
                        d: {log: true, address: "https://example.com"}
                        e: {pagerdutty: "${HOOK}"}
                    """),
                ENVIRONMENT)
            .problems()
            .stream()
            .map(Problem::toString)
            .map(line -> line.substring(line.indexOf(".yaml:") + ".yaml:".length()))
            .toList();
    assertThat(mistakes)
        .containsExactly(
            "2:15: `late_share` is no share below 100 %: `many`. Write for example `5%` or `0.5%`.",
            "3:20: `evidence_within` is no duration: `1 fortnight`. Write seconds, minutes,"
                + " hours or days, such as `2 hours`.",
            "5:16: `slack` is a secret and is written out. Write ${NAME} and set the variable, or"
                + " write ${file:/path}.",
            "6:16: `slack` holds no http or https address. Check what it stands for.",
            "7:5: `c` must have one of `webhook`, `slack`, `pagerduty`, `command`, `log`. Write for"
                + " example `c: {slack: \"${SLACK_HOOK}\"}`.",
            "8:20: `address` is for `pagerduty` alone. Remove it.",
            "9:9: unknown key `pagerdutty`. Did you mean `pagerduty`?");
    assertThat(String.join("\n", mistakes)).doesNotContain("s3cr3t");
  }
}
