package assay.reconciliation.report;

import assay.reconciliation.Verdict;
import assay.reconciliation.report.ReportModel.CellReport;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.Dimension;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.Reach;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;

/** The days of one metric set, and the cells that differ. */
final class HtmlDays {
  private final Html html;

  HtmlDays(Html html) {
    this.html = html;
  }

  /** Where a day of a metric set stands on the page. */
  static String anchor(MetricsReport metrics, LocalDate day) {
    return metrics.name() + "-" + day;
  }

  /** Days that need a look stand open, all others are folded away. */
  void write(MetricsReport metrics) {
    html.element("h3", "The days, and the cells that differ");
    List<DayReport> bad = metrics.days().stream().filter(HtmlDays::needsALook).toList();
    List<DayReport> others = metrics.days().stream().filter(d -> !needsALook(d)).toList();
    bad.forEach(day -> day(metrics, day));
    if (!others.isEmpty()) {
      html.open("details", "class", "others");
      html.element(
          "summary",
          bad.isEmpty()
              ? "All " + Words.days(others.size())
              : "The other " + Words.days(others.size()));
      others.forEach(day -> day(metrics, day));
      html.close("details");
    }
  }

  private static boolean needsALook(DayReport day) {
    Mark mark = Mark.of(day.verdict());
    return mark == Mark.DIVERGED || mark == Mark.INCONCLUSIVE || !day.reach().fit();
  }

  private void day(MetricsReport metrics, DayReport day) {
    if (Mark.of(day.verdict()) == Mark.DIVERGED) {
      html.open("details", "class", "day", "id", anchor(metrics, day.day()), "open", "");
    } else {
      html.open("details", "class", "day", "id", anchor(metrics, day.day()));
    }
    html.open("summary").element("b", day.day().toString());
    HtmlPage.badge(html, Mark.of(day.verdict()));
    html.text(inOneLine(day)).close("summary");
    day.reason().ifPresent(why -> html.element("p", "Why: " + why + "."));
    reach(day);
    if (!day.cells().isEmpty()) {
      cells(metrics, day);
    }
    html.element(
        "p",
        "Evidence %s of %s: bronze version %d, silver %d, gold %d, live %d."
            .formatted(
                day.evidenceId(),
                Words.minute(day.reconciledAt()),
                day.versions().bronze(),
                day.versions().silver(),
                day.versions().gold(),
                day.versions().live()),
        "class",
        "note");
    html.close("details");
  }

  private static String inOneLine(DayReport day) {
    return day.differing() == 0
        ? Words.count(day.compared()) + " cells, none differs"
        : "%s of %s cells differ, by %s rows"
            .formatted(
                Words.count(day.differing()), Words.count(day.compared()), Words.count(day.rows()));
  }

  private void reach(DayReport day) {
    Reach reach = day.reach();
    if (Verdict.isGreen(day.verdict()) && !reach.fit()) {
      html.element(
          "p", "More cells differ than the contract bears: nobody should read the stream.");
    }
    if (reach.ignored() > 0) {
      html.element(
          "p",
          Words.count(reach.ignored())
              + " differences do not count: the contract says why it ignores them.",
          "class",
          "note");
    }
    reach
        .rung()
        .ifPresent(
            rung ->
                html.element(
                    "p",
                    "The comparison went as far as "
                        + rung
                        + reach.ended().map(why -> ": " + why).orElse("")
                        + ".",
                    "class",
                    "note"));
  }

  private void cells(MetricsReport metrics, DayReport day) {
    List<String> dimensions =
        day.cells().get(0).dimensions().stream().map(Dimension::name).toList();
    List<String> headings =
        Stream.concat(
                dimensions.stream(),
                Stream.of(
                    "measure",
                    "batch",
                    "live",
                    "live − batch",
                    "because of",
                    "rows",
                    "list the rows"))
            .toList();
    HtmlTable.open(html, "Cells that differ on " + day.day());
    HtmlTable.headings(html, headings.toArray(String[]::new));
    for (CellReport cell : day.cells()) {
      html.open("tr", "class", Mark.of(cell.verdict()).style());
      cell.dimensions().forEach(d -> html.element("td", d.value().orElse("NULL")));
      html.element("th", cell.measure(), "scope", "row");
      HtmlTable.number(html, cell.control().map(Words::value).orElse("none"));
      HtmlTable.number(html, cell.test().map(Words::value).orElse("none"));
      HtmlTable.number(html, Words.signed(cell.difference()));
      html.element("td", Words.terms(cell.terms()));
      HtmlTable.number(html, Words.count(cell.rows()));
      command(ShowCommand.of(metrics.name(), day.day(), cell));
      html.close("tr");
    }
    HtmlTable.close(html);
    if (day.differences() > day.cells().size()) {
      html.element(
          "p",
          ("The %s greatest of %s differences. All of them: assay sql \"SELECT * FROM"
                  + " reconciliation.cells WHERE evidence_id = '%s'\"")
              .formatted(
                  Words.count(day.cells().size()),
                  Words.count(day.differences()),
                  day.evidenceId()),
          "class",
          "note");
    }
  }

  /** Word by word: a browser would break a line behind the first hyphen of an option. */
  private void command(String command) {
    html.open("td").open("code");
    for (String word : command.split(" ", -1)) {
      html.element("span", word);
    }
    html.close("code").close("td");
  }
}
