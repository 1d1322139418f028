package assay.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.cli.PlainPlans;
import assay.cli.Progress;
import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.reconciliation.Verdict;
import assay.reconciliation.serving.Standing;
import assay.reconciliation.serving.Standing.Change;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Three days instead of a month, under a contract that asks for one green day. */
@ExtendWith(PlainPlans.class)
class MonthTest {
  private static final Path ROOT = Path.of(System.getProperty("assay.root"));
  private static final Path EXAMPLES = ROOT.resolve("examples").resolve("flights");

  @TempDir Path folder;

  @Test
  void theStreamIsPromotedByEvidenceAndPutBackOnTheDayOfTheBadRelease() throws IOException {
    Path contract = folder.resolve("contract.yaml");
    Files.writeString(
        contract,
        Files.readString(EXAMPLES.resolve("contract.yaml"))
            .replace("after: 14 days", "after: 1 day"));
    MonthRun.Plan plan =
        new MonthRun.Plan(
            contract, EXAMPLES.resolve("flights.jsonl.gz"), 3, 3, Duration.ofHours(12));
    MonthOutcome outcome;
    try (Progress progress = Progress.toStandardError()) {
      outcome = new MonthRun(plan, DemoFolder.at(folder.resolve("lake")), progress).run();
    }
    assertThat(outcome.rounds())
        .extracting(MonthOutcome.Round::stands)
        .containsExactly("shadow", "canary at 10 %", "shadow", "shadow");
    assertThat(outcome.rounds().get(2).today()).contains(new Verdict.Diverged());
    assertThat(outcome.changes())
        .extracting(Standing::change)
        .containsExactly(Change.PROMOTE, Change.FALLBACK);
    assertThat(outcome.badDay()).contains(LocalDate.parse("2001-01-03"));
    assertThat(outcome.changes().get(1).at()).isEqualTo("2001-01-03T23:00:00Z");
    assertThat(outcome.proofs())
        .extracting(MonthOutcome.Proof::verdict)
        .containsExactly("EXPLAINED", "EXPLAINED", "EXPLAINED");
    assertThat(outcome.rounds().stream().mapToLong(MonthOutcome.Round::flights).sum())
        .isEqualTo(48_626);
    assertThat(outcome.asTold()).isTrue();
    assertThat(outcome.lateness()).isPresent();
    assertThat(outcome.page()).content().contains("2001-01-03").contains("</html>");
  }

  @Test
  void flightsOutOfOrderAreRefused() throws IOException {
    Path flights = folder.resolve("flights.jsonl.gz");
    try (OutputStream to = new GZIPOutputStream(Files.newOutputStream(flights))) {
      for (int hour : new int[] {12, 11}) {
        String line =
            "{\"flight_id\":\"a\",\"scheduled_at\":\"2001-01-01T%02d:00:00Z\",\"delay_minutes\":0}%n"
                .formatted(hour);
        to.write(line.getBytes(StandardCharsets.UTF_8));
      }
    }
    assertThatThrownBy(() -> MonthFlights.read(flights))
        .isInstanceOf(AssayException.class)
        .hasMessageContaining("line 2 comes before the one above it")
        .extracting(e -> ((AssayException) e).code())
        .isEqualTo(ErrorCode.USAGE);
    assertThatThrownBy(() -> MonthFlights.read(folder.resolve("none.gz")))
        .hasMessageContaining("cannot take the flights of");
  }
}
