package assay.reconciliation.report;

import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.Gap;
import assay.reconciliation.report.ReportModel.LedgerPath;
import assay.reconciliation.report.ReportModel.OffsetRange;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The part of the page about where every row went. */
final class HtmlLedger {
  private static final int GAPS = 10;

  private final Html html;

  HtmlLedger(Html html) {
    this.html = html;
  }

  void write(ReportModel report) {
    html.open("section", "id", "ledger", "aria-labelledby", "ledger-title");
    html.element("h2", "The ledger: where every row went", "id", "ledger-title");
    if (report.ledger().isEmpty()) {
      html.element("p", fromEvidence(report));
    } else {
      html.element("p", inOneSentence(report.ledger()));
      paths(report.ledger());
      ranges(report.ledger());
    }
    html.close("section");
  }

  /** What the evidence alone can say. */
  static String fromEvidence(ReportModel report) {
    long unaccounted =
        report.metrics().stream()
            .flatMap(m -> m.days().stream())
            .mapToLong(DayReport::unaccounted)
            .max()
            .orElse(0);
    return unaccounted == 0
        ? "On both paths every row of bronze was accounted for whenever a day was compared."
        : Words.count(unaccounted)
            + " rows of bronze had no disposition, or two, when a day was compared.";
  }

  static String inOneSentence(List<LedgerPath> paths) {
    long unaccounted = paths.stream().mapToLong(p -> Math.abs(p.unaccounted())).sum();
    return unaccounted == 0
        ? "Every row that is in Kafka's log is in bronze once, and went to one place on each path."
        : Words.count(unaccounted)
            + " rows are in no place, or in two. Find them before anything else.";
  }

  private void paths(List<LedgerPath> paths) {
    HtmlTable.open(html, "Rows by path");
    HtmlTable.headings(html, "path", "rows in bronze", "where they went", "ledger", "as of");
    for (LedgerPath path : paths) {
      html.open("tr").element("th", path.domain() + ": " + path.path(), "scope", "row");
      HtmlTable.number(html, Words.count(path.rows()));
      html.element("td", parts(path.dispositions()));
      html.element("td", outcome(path.unaccounted()));
      html.element("td", Words.minute(path.at())).close("tr");
    }
    HtmlTable.close(html);
  }

  private void ranges(List<LedgerPath> paths) {
    html.open("details").element("summary", "By offset range");
    HtmlTable.open(html, "Rows by path, partition and offset range");
    HtmlTable.headings(
        html, "path", "partition", "offsets", "rows", "where they went", "gaps in the offsets");
    for (LedgerPath path : paths) {
      for (OffsetRange range : path.ranges()) {
        html.open("tr").element("th", path.domain() + ": " + path.path(), "scope", "row");
        HtmlTable.number(html, Integer.toString(range.partition()));
        html.element("td", Words.count(range.first()) + " – " + Words.count(range.last()));
        HtmlTable.number(html, Words.count(range.rows()));
        html.element("td", parts(range.dispositions()));
        html.element("td", gaps(range.gaps())).close("tr");
      }
    }
    HtmlTable.close(html);
    html.close("details");
  }

  static String parts(Map<String, Long> dispositions) {
    return dispositions.entrySet().stream()
        .map(e -> e.getKey() + " " + Words.count(e.getValue()))
        .collect(Collectors.joining(" + "));
  }

  static String outcome(long unaccounted) {
    return unaccounted == 0 ? "adds up" : Words.count(unaccounted) + " UNACCOUNTED";
  }

  private static String gaps(List<Gap> gaps) {
    String first = gaps.stream().limit(GAPS).map(HtmlLedger::gap).collect(Collectors.joining("; "));
    return gaps.size() <= GAPS
        ? first
        : first + "; and " + Words.count(gaps.size() - GAPS) + " more";
  }

  private static String gap(Gap gap) {
    return "%s – %s: %s".formatted(Words.count(gap.first()), Words.count(gap.last()), gap.cause());
  }
}
