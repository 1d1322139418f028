package assay.reconciliation.report;

import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.report.ReportModel.CellReport;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.LedgerPath;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.Point;
import java.util.List;
import java.util.stream.Collectors;

/** The report as GitHub-flavoured Markdown: for a ticket, a chat, a mail. */
final class MarkdownPage {
  /** Of a red day; a ticket is no place for all of them. */
  private static final int CELLS = 10;

  private final ReportModel report;
  private final StringBuilder out = new StringBuilder();

  MarkdownPage(ReportModel report) {
    this.report = report;
  }

  String write() {
    line("# Reconciliation report, " + report.days());
    line("");
    line("As known at " + Words.minute(report.createdAt()) + ".");
    line("");
    for (MetricsReport metrics : report.metrics()) {
      line("- **" + text(metrics.name()) + "**: " + text(Words.summary(metrics, report.days())));
    }
    report.metrics().forEach(this::metrics);
    ledger();
    return out.toString();
  }

  private void metrics(MetricsReport metrics) {
    title("## " + text(metrics.name()));
    List<DayReport> others =
        metrics.days().stream().filter(day -> Mark.of(day.verdict()) != Mark.MATCH).toList();
    line(Words.days(metrics.days().size() - others.size()) + " without any difference.");
    if (!others.isEmpty()) {
      line("");
      row("day", "verdict", "cells", "differing", "rows", "unexplained", "why");
      row("---", "---", "--:", "--:", "--:", "--:", "---");
      others.forEach(this::day);
    }
    if (!metrics.differences().isEmpty()) {
      title("### Why stream and batch differ");
      row("measure", "day", "cells", "live − batch", "because of");
      row("---", "---", "--:", "--:", "---");
      for (MeasureDifference d : metrics.differences()) {
        row(
            text(d.measure()),
            d.day().toString(),
            Words.count(d.cells()),
            Words.signed(d.difference()),
            Words.terms(d.terms()));
      }
    }
    drillDown(metrics);
    convergence(metrics);
    metrics.days().stream()
        .filter(day -> Mark.of(day.verdict()) == Mark.DIVERGED)
        .forEach(day -> cells(metrics, day));
    stages(metrics);
  }

  private void day(DayReport day) {
    row(
        day.day().toString(),
        day.verdict(),
        Words.count(day.compared()),
        Words.count(day.differing()),
        Words.count(day.rows()),
        Words.number(day.unexplained()),
        text(day.reason().orElse("")));
  }

  private void drillDown(MetricsReport metrics) {
    if (metrics.drillDown().isEmpty()) {
      return;
    }
    title("### Where the difference lies");
    for (String measure : metrics.measures()) {
      metrics.drillDown().stream()
          .filter(e -> e.measure().equals(measure))
          .findFirst()
          .ifPresent(best -> line("- " + text(Words.explanation(best)) + ": " + parts(best)));
    }
  }

  private static String parts(Explanation found) {
    return found.values().stream()
        .limit(3)
        .map(p -> text(p.value().orElse("NULL")) + " " + Words.share(p.share()))
        .collect(Collectors.joining(", "));
  }

  private void convergence(MetricsReport metrics) {
    if (metrics.convergence().isEmpty()) {
      return;
    }
    title("### How soon the live number is final");
    row("measure", "after", "already final", "half within", "9 of 10 within", "worst");
    row("---", "---", "--:", "--:", "--:", "--:");
    metrics
        .convergence()
        .forEach(
            curve -> {
              for (Point point : curve.points()) {
                row(
                    text(curve.measure()),
                    Words.minutes(point.minutes()),
                    Words.share(point.exact()),
                    Words.share(point.half()),
                    Words.share(point.nineTenths()),
                    Words.share(point.worst()));
              }
            });
  }

  private void cells(MetricsReport metrics, DayReport day) {
    title("### Unexplained on " + day.day());
    row("cell", "measure", "batch", "live", "live − batch", "because of", "rows");
    row("---", "---", "--:", "--:", "--:", "---", "--:");
    List<CellReport> shown = day.cells().stream().limit(CELLS).toList();
    for (CellReport cell : shown) {
      row(
          text(
              cell.dimensions().stream()
                  .map(d -> d.name() + "=" + d.value().orElse("NULL"))
                  .collect(Collectors.joining(", "))),
          text(cell.measure()),
          text(cell.control().map(Words::value).orElse("none")),
          text(cell.test().map(Words::value).orElse("none")),
          Words.signed(cell.difference()),
          Words.terms(cell.terms()),
          Words.count(cell.rows()));
    }
    if (day.differences() > shown.size()) {
      line("");
      line(
          "%d of %s differences; all are in `reconciliation.cells` under evidence `%s`."
              .formatted(shown.size(), Words.count(day.differences()), day.evidenceId()));
    }
    line("");
    String command = ShowCommand.of(metrics.name(), day.day(), shown.get(0));
    line("    " + command.replaceAll("\\p{Cntrl}", " "));
  }

  private void stages(MetricsReport metrics) {
    if (metrics.stages().isEmpty()) {
      return;
    }
    title("### Who reads the stream, and since when");
    row("since", "stage", "by", "why");
    row("---", "---", "---", "---");
    metrics
        .stages()
        .forEach(s -> row(Words.minute(s.at()), s.stage(), text(s.who()), text(s.why())));
  }

  private void ledger() {
    title("## The ledger: where every row went");
    if (report.ledger().isEmpty()) {
      line(HtmlLedger.fromEvidence(report));
      return;
    }
    row("path", "rows in bronze", "where they went", "ledger");
    row("---", "--:", "---", "---");
    for (LedgerPath path : report.ledger()) {
      row(
          text(path.domain() + ": " + path.path()),
          Words.count(path.rows()),
          HtmlLedger.parts(path.dispositions()),
          HtmlLedger.outcome(path.unaccounted()));
    }
  }

  private void title(String title) {
    line("");
    line(title);
    line("");
  }

  private void row(String... cells) {
    line("| " + String.join(" | ", cells) + " |");
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  /** Data is text: it makes no markup, and no second line. */
  private static String text(String data) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < data.length(); i++) {
      char c = data.charAt(i);
      if (c < ' ') {
        escaped.append(' ');
      } else if (c == '<') {
        escaped.append("&lt;");
      } else {
        escaped.append("\\`*[]|!~".indexOf(c) >= 0 ? "\\" + c : String.valueOf(c));
      }
    }
    return escaped.toString();
  }
}
