package assay.reconciliation.report;

import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.DrillDown.Part;
import assay.reconciliation.report.ReportModel.CellReport;
import assay.reconciliation.report.ReportModel.Curve;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.Dimension;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.Point;
import assay.reconciliation.report.ReportModel.Reach;
import assay.reconciliation.report.ReportModel.StageChange;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The part of the page about one metric set. */
final class HtmlMetrics {
  private static final int NAMED = 3;

  /** Headings of columns of numbers. */
  private static final Set<String> NUMBERS =
      Set.of(
          "batch",
          "live",
          "live − batch",
          "rows",
          "cells",
          "windows",
          "already final",
          "half within",
          "9 of 10 within",
          "worst",
          "evidence");

  private final Html html;
  private final ChartPlace charts;
  private final Charts numbers;

  /** Opens a place for a chart and gives its id. */
  interface ChartPlace {
    String open(Map<String, Object> chart, String sentence);
  }

  HtmlMetrics(Html html, ChartPlace charts, Charts numbers) {
    this.html = html;
    this.charts = charts;
    this.numbers = numbers;
  }

  /** Where a day of a metric set stands on the page. */
  static String anchor(MetricsReport metrics, LocalDate day) {
    return metrics.name() + "-" + day;
  }

  void write(MetricsReport metrics) {
    html.open("section", "id", metrics.name(), "aria-labelledby", metrics.name() + "-title");
    html.open("h2", "id", metrics.name() + "-title").text(metrics.name());
    html.element("small", "domain " + metrics.domain()).close("h2");
    causes(metrics);
    drillDown(metrics);
    convergence(metrics);
    days(metrics);
    stages(metrics);
    html.close("section");
  }

  private void causes(MetricsReport metrics) {
    html.element("h3", "Why stream and batch differ");
    if (metrics.differences().isEmpty()) {
      html.element("p", "They do not: no number differs on any of these days.");
      return;
    }
    String id =
        chart(
            numbers.causes(metrics),
            metrics.measures(),
            "Live less batch by day, split into causes. "
                + metrics.measures().stream()
                    .map(m -> m + ": " + termsInWords(total(metrics, m)))
                    .collect(Collectors.joining("; "))
                + ".");
    html.element(
        "p",
        "Each bar is what the stream shows less what batch computed, in the measure's own unit,"
            + " over all cells of the day.",
        "class",
        "note",
        "id",
        id + "-note");
    table("Difference by cause and day");
    headings("measure", "day", "cells", "live − batch", "because of");
    for (MeasureDifference d : metrics.differences()) {
      html.open("tr");
      html.element("th", d.measure(), "scope", "row").element("td", d.day().toString());
      number(Words.count(d.cells()));
      number(
          d.additive()
              ? Words.signed(d.difference())
              : Words.signed(d.difference()) + " (sum over cells)");
      html.element("td", termsInWords(d.terms())).close("tr");
    }
    endOfTable();
  }

  private static Map<String, BigDecimal> total(MetricsReport metrics, String measure) {
    return metrics.differences().stream()
        .filter(d -> d.measure().equals(measure))
        .flatMap(d -> d.terms().entrySet().stream())
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, BigDecimal::add, TreeMap::new));
  }

  private static String termsInWords(Map<String, BigDecimal> terms) {
    return Causes.inOrder(List.copyOf(terms.keySet())).stream()
        .map(cause -> cause + " " + Words.signed(terms.get(cause)))
        .collect(Collectors.joining(", "));
  }

  private void drillDown(MetricsReport metrics) {
    if (metrics.drillDown().isEmpty()) {
      return;
    }
    html.element("h3", "Where the difference lies");
    html.open("ul");
    for (String measure : metrics.measures()) {
      metrics.drillDown().stream()
          .filter(e -> e.measure().equals(measure))
          .findFirst()
          .ifPresent(
              best ->
                  html.element(
                      "li",
                      Words.explanation(best)
                          + ": "
                          + best.values().stream()
                              .limit(Math.min(NAMED, best.carriers()))
                              .map(p -> valueOf(p) + " " + Words.share(p.share()))
                              .collect(Collectors.joining(", "))
                          + (best.carriers() > NAMED ? ", …" : "")
                          + "."));
    }
    html.close("ul");
    table("Difference by dimension", "Every dimension's values, as a table");
    headings("measure", "dimension", "value", "live − batch", "share of the difference");
    for (Explanation found : metrics.drillDown()) {
      found.values().forEach(part -> part(found, valueOf(part), part));
      found.rest().ifPresent(rest -> part(found, "the other " + Words.count(rest.values()), rest));
    }
    endOfTable();
  }

  private void part(Explanation found, String value, Part part) {
    html.open("tr").element("th", found.measure(), "scope", "row");
    html.element("td", found.dimension()).element("td", value);
    number(Words.signed(part.difference()));
    html.open("td", "class", "bar").open("span", "class", "share", "aria-hidden", "true");
    html.open("i", "style", "width:" + Math.round(part.share() * 100) + "%");
    html.raw("</i></span>").text(Words.share(part.share())).close("td").close("tr");
  }

  private static String valueOf(Part part) {
    return part.value().orElse("NULL");
  }

  private void convergence(MetricsReport metrics) {
    html.element("h3", "How soon the live number is final");
    if (metrics.convergence().isEmpty()) {
      html.element("p", "This has not been computed for these days.", "class", "note");
      return;
    }
    List<String> names = metrics.convergence().stream().map(Curve::measure).toList();
    chart(
        numbers.convergence(metrics),
        names,
        "How far the live number stood from the final one after a window closed. "
            + metrics.convergence().stream()
                .map(HtmlMetrics::convergenceInWords)
                .collect(Collectors.joining(" ")));
    table("Distance from the final number by time");
    headings(
        "measure", "after", "windows", "already final", "half within", "9 of 10 within", "worst");
    for (Curve curve : metrics.convergence()) {
      for (Point point : curve.points()) {
        html.open("tr").element("th", curve.measure(), "scope", "row");
        html.element("td", Words.minutes(point.minutes()));
        number(Words.count(point.windows()));
        number(Words.share(point.exact()));
        number(Words.share(point.half()));
        number(Words.share(point.nineTenths()));
        number(Words.share(point.worst()));
        html.close("tr");
      }
    }
    endOfTable();
  }

  private static String convergenceInWords(Curve curve) {
    Point first = curve.points().get(0);
    Point last = curve.points().get(curve.points().size() - 1);
    return "%s: %s of the windows were final after %s, %s after %s."
        .formatted(
            curve.measure(),
            Words.share(first.exact()),
            Words.minutes(first.minutes()),
            Words.share(last.exact()),
            Words.minutes(last.minutes()));
  }

  /** Days that need a look stand open, all others are folded away. */
  private void days(MetricsReport metrics) {
    html.element("h3", "The days, and the cells that differ");
    List<DayReport> bad = metrics.days().stream().filter(HtmlMetrics::needsALook).toList();
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
    reach(day.reach());
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

  private void reach(Reach reach) {
    if (!reach.fit()) {
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
    HtmlPage.scrolling(html, "Cells that differ on " + day.day());
    html.open("table").open("thead").open("tr");
    dimensions.forEach(name -> html.element("th", name, "scope", "col"));
    for (String name :
        List.of(
            "measure", "batch", "live", "live − batch", "because of", "rows", "list the rows")) {
      heading(name);
    }
    html.close("tr").close("thead").open("tbody");
    for (CellReport cell : day.cells()) {
      html.open("tr", "class", Mark.of(cell.verdict()).style());
      cell.dimensions().forEach(d -> html.element("td", d.value().orElse("NULL")));
      html.element("th", cell.measure(), "scope", "row");
      number(cell.control().map(Words::value).orElse("none"));
      number(cell.test().map(Words::value).orElse("none"));
      number(Words.signed(cell.difference()));
      html.element("td", termsInWords(cell.terms()));
      number(Words.count(cell.rows()));
      command(ShowCommand.of(metrics.name(), day.day(), cell));
      html.close("tr");
    }
    html.close("tbody").close("table").close("div");
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

  private void stages(MetricsReport metrics) {
    if (metrics.stages().isEmpty()) {
      return;
    }
    html.element("h3", "Who reads the stream, and since when");
    HtmlPage.scrolling(html, "Stages of " + metrics.name());
    html.open("table");
    headings("since", "stage", "by", "why", "evidence");
    for (StageChange change : metrics.stages()) {
      html.open("tr").element("td", Words.minute(change.at()));
      html.element(
          "th",
          change.stage().equals("canary")
              ? "canary, " + Words.share(change.canaryShare()) + " of consumers"
              : change.stage(),
          "scope",
          "row");
      html.element("td", change.who()).element("td", change.why());
      number(Words.days(change.evidence()));
      html.close("tr");
    }
    html.close("tbody").close("table").close("div");
  }

  private String chart(Map<String, Object> chart, List<String> measures, String sentence) {
    if (measures.size() > 1) {
      html.open("label", "class", "choice").text("Measure ").open("select");
      for (int i = 0; i < measures.size(); i++) {
        html.element("option", measures.get(i), "value", Integer.toString(i));
      }
      html.close("select").close("label");
    }
    return charts.open(chart, sentence);
  }

  private void table(String label) {
    table(label, "The same as a table");
  }

  private void table(String label, String summary) {
    html.open("details").element("summary", summary);
    HtmlPage.scrolling(html, label);
    html.open("table");
  }

  private void headings(String... names) {
    html.open("thead").open("tr");
    for (String name : names) {
      heading(name);
    }
    html.close("tr").close("thead").open("tbody");
  }

  private void heading(String name) {
    html.element("th", name, "scope", "col", "class", NUMBERS.contains(name) ? "n" : "t");
  }

  private void endOfTable() {
    html.close("tbody").close("table").close("div").close("details");
  }

  private void number(String text) {
    html.element("td", text, "class", "n");
  }
}
