package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.SparkSessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void makeSettings() throws IOException {
    Files.createDirectories(folder.resolve("contracts"));
    Files.copy(
        Path.of(System.getProperty("assay.root"), "examples", "flights", "contract.yaml"),
        folder.resolve("contracts").resolve("flights.yaml"));
    Files.writeString(folder.resolve("assay.yaml"), "lake: " + folder.resolve("lake") + "\n");
  }

  @Test
  void wrongUsageIsToldBeforeAnythingStarts() {
    assertThat(report()).satisfies(run -> says(run, 2, "a page needs a file", "--out FILE.html"));
    assertThat(report("--format", "csv", "--json"))
        .satisfies(
            run -> says(run, 2, "--json and --format csv exclude each other", "one of them"));
    assertThat(report("--json", "--last", "some"))
        .satisfies(run -> says(run, 2, "--last some is no number of days", "--last 30 days"));
    assertThat(report("--json", "--last", "0", "days"))
        .satisfies(run -> says(run, 2, "a report of 0 days", "give 1 to"));
    assertThat(report("--json", "--last", "2", "--day", "2001-01-01"))
        .satisfies(run -> says(run, 2, "--day and --last exclude each other", "give one"));
    assertThat(report("--out", folder.toString()))
        .satisfies(run -> says(run, 2, "is a folder", "name a file in it"));
    assertThat(report("--out", folder.resolve("no/report.html").toString()))
        .satisfies(run -> says(run, 2, "there is no folder", "make it first"));
  }

  @Test
  void whereNothingWasComparedThereIsNothingToShow() {
    assertThat(report("--json"))
        .satisfies(run -> says(run, 4, "nothing has been compared in", "run 'assay reconcile'"));
  }

  @Test
  void aPageIsWrittenWholeAndJsonIsPrinted() throws IOException {
    storeEvidence();
    Path file = folder.resolve("report.html");
    Files.writeString(file, "the old one");
    CommandLineRun page = report("--last", "2", "weeks", "--out", file.toString());
    assertThat(page.exitCode()).as(page.err()).isZero();
    String sentence = "route_day: 1 day: 1 agrees, 0 explained, 0 unexplained; no number differs.";
    assertThat(page.out()).isEqualTo(sentence + "\n");
    assertThat(Files.readString(file)).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("assay.yaml", "contracts", "lake", "report.html");
    }
    assertThat(report("--json", "--domain", "flights").out())
        .startsWith("{")
        .contains("\"verdict\" : \"MATCH\"");
  }

  @Test
  void everyCommandOfTheDocumentationRuns() throws IOException {
    storeEvidence();
    List<String> commands = ShownCommands.blocks("docs/report.md", "sh").get(0).lines().toList();
    assertThat(commands).isNotEmpty().allMatch(command -> command.startsWith("assay report "));
    for (String command : commands) {
      String[] words = command.substring("assay report ".length()).split(" ", -1);
      for (int i = 1; i < words.length; i++) {
        if (words[i - 1].equals("--out")) {
          words[i] = folder.resolve(words[i]).toString();
        }
      }
      CommandLineRun run = report(words);
      assertThat(run.exitCode()).as(command + "\n" + run.err()).isZero();
      assertThat(run.out()).as(command).contains("route_day");
    }
    assertThat(Files.readString(folder.resolve("differences.csv")))
        .startsWith("domain,metrics,day,verdict")
        .contains("\nflights,route_day,2001-01-02,MATCH,,3,0,");
  }

  /** One day that agrees: of such a day no other table is read. */
  private void storeEvidence() {
    SparkSession spark = SparkSessions.open("by hand", Map.of());
    Lake lake = new Lake(folder.resolve("lake").toString());
    spark
        .sql(
            """
            SELECT 'e1' AS evidence_id, 'flights' AS domain, 'route_day' AS metrics,
              DATE'2001-01-02' AS day, 'MATCH' AS verdict, CAST(NULL AS STRING) AS reason,
              3L AS cells, 0L AS differing, CAST(0 AS DECIMAL(37,10)) AS unexplained,
              0L AS unaccounted, 1L AS bronze_version, 1L AS silver_version, 1L AS gold_version,
              1L AS live_version, '' AS control_cut, '' AS test_cut, 'h' AS contract_hash,
              TIMESTAMP'2026-01-02 00:00:00Z' AS reconciled_at
            """)
        .write()
        .format("delta")
        .save(lake.reconciliation("evidence"));
  }

  private static void says(CommandLineRun run, int exitCode, String wrong, String mend) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err()).contains(wrong).contains(mend);
  }

  private CommandLineRun report(String... words) {
    String[] args = new String[words.length + 3];
    args[0] = "report";
    args[1] = "--config";
    args[2] = folder.resolve("assay.yaml").toString();
    System.arraycopy(words, 0, args, 3, words.length);
    return CommandLineRun.of(args);
  }
}
