package assay.cli;

import assay.core.AssayException;
import assay.reconciliation.report.ReportFile;
import assay.reconciliation.report.ReportFormat;
import assay.reconciliation.report.ReportModel;
import assay.reconciliation.report.ReportReader;
import assay.reconciliation.report.ReportRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the evidence to people. */
@Command(
    name = "report",
    description = "Show what reconciliation found, day by day, on a page that needs no network.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay report --out report.html                   the last 30 days that were compared",
      "  assay report --last 90 days --out report.html",
      "  assay report --day 2001-01-02 --format markdown  one day, to paste into a ticket",
      "  assay report --format csv > differences.csv      for a spreadsheet",
      "",
      "Exit codes: 0 done, whatever the verdicts, 4 nothing of it has been compared."
    })
final class ReportCommand implements Callable<Integer> {
  private static final Pattern LAST = Pattern.compile("([0-9]{1,6})\\s*(d|days?|w|weeks?)?");
  private static final int DAYS_OF_A_WEEK = 7;

  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Option(
      names = "--metrics",
      paramLabel = "METRICS",
      split = ",",
      description = "These metric sets. Default: all that were compared")
  private Set<String> metrics = Set.of();

  @Option(
      names = {"--day", "--date"},
      paramLabel = "DAY",
      description = "One day, as 2001-01-31.")
  private LocalDate day;

  @Option(
      names = "--last",
      arity = "1..2",
      paramLabel = "N days",
      description = "So many days up to the newest that was compared. Default: 30 days")
  private List<String> last;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "html, json, markdown or csv. Default: html")
  private ReportFormat format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write it. Default: standard output, but not for html")
  private Path out;

  @Override
  public Integer call() {
    if (day != null && last != null) {
      throw AssayException.usage("--day and --last exclude each other", "give one of them");
    }
    ReportFormat chosen = chosenFormat();
    if (chosen == ReportFormat.HTML && out == null) {
      throw AssayException.usage(
          "a page needs a file to go to",
          "add --out FILE.html, or choose --format json, markdown or csv");
    }
    Optional<ReportFile> file = Optional.ofNullable(out).map(ReportFile::new);
    ReportRequest request =
        new ReportRequest(
            Optional.ofNullable(day),
            days(),
            domain.chosen().map(Set::of).orElse(Set.of()),
            metrics);
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      ReportModel report =
          new ReportReader(
                  workspace.spark(),
                  workspace.lake(),
                  workspace.definitions().contracts(),
                  Clock.systemUTC())
              .read(request);
      String text = chosen.write(report);
      if (file.isPresent()) {
        file.get().write(text);
        report.summaries().forEach(common.output()::line);
        progress.say("written to " + out);
      } else {
        common.output().line(text.stripTrailing());
      }
      return 0;
    }
  }

  private ReportFormat chosenFormat() {
    if (common.json()) {
      if (format != null && format != ReportFormat.JSON) {
        throw AssayException.usage(
            "--json and --format " + format.name().toLowerCase(Locale.ROOT) + " exclude each other",
            "give one of them");
      }
      return ReportFormat.JSON;
    }
    return format == null ? ReportFormat.HTML : format;
  }

  private int days() {
    String text = last == null ? "30 days" : String.join(" ", last);
    Matcher matcher = LAST.matcher(text);
    if (!matcher.matches()) {
      throw AssayException.usage(
          "--last " + text + " is no number of days", "write it as --last 30 days");
    }
    int number = Integer.parseInt(matcher.group(1));
    boolean weeks = matcher.group(2) != null && matcher.group(2).startsWith("w");
    return weeks ? number * DAYS_OF_A_WEEK : number;
  }
}
