package assay.reconciliation.report;

import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.DrillDown.Part;
import assay.reconciliation.report.ReportModel.Curve;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.Point;
import assay.reconciliation.report.ReportModel.StageChange;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The part of the page about one metric set. */
final class HtmlMetrics {
  private static final int NAMED = 3;

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

  void write(MetricsReport metrics) {
    html.open("section", "id", metrics.name(), "aria-labelledby", metrics.name() + "-title");
    html.open("h2", "id", metrics.name() + "-title").text(metrics.name());
    html.element("small", "domain " + metrics.domain()).close("h2");
    causes(metrics);
    drillDown(metrics);
    convergence(metrics);
    new HtmlDays(html).write(metrics);
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
                    .map(m -> m + ": " + Words.terms(total(metrics, m)))
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
    HtmlTable.headings(html, "measure", "day", "cells", "live − batch", "because of");
    for (MeasureDifference d : metrics.differences()) {
      html.open("tr");
      html.element("th", d.measure(), "scope", "row").element("td", d.day().toString());
      HtmlTable.number(html, Words.count(d.cells()));
      HtmlTable.number(
          html,
          d.additive()
              ? Words.signed(d.difference())
              : Words.signed(d.difference()) + " (sum over cells)");
      html.element("td", Words.terms(d.terms())).close("tr");
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
                          + (best.carriers() > NAMED ? ", …" : ".")));
    }
    html.close("ul");
    table("Difference by dimension", "Every dimension's values, as a table");
    HtmlTable.headings(
        html, "measure", "dimension", "value", "live − batch", "share of the difference");
    for (Explanation found : metrics.drillDown()) {
      found.values().forEach(part -> part(found, valueOf(part), part));
      found.rest().ifPresent(rest -> part(found, "the other " + Words.count(rest.values()), rest));
    }
    endOfTable();
  }

  private void part(Explanation found, String value, Part part) {
    html.open("tr").element("th", found.measure(), "scope", "row");
    html.element("td", found.dimension()).element("td", value);
    HtmlTable.number(html, Words.signed(part.difference()));
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
    HtmlTable.headings(
        html,
        "measure",
        "after",
        "windows",
        "already final",
        "half within",
        "9 of 10 within",
        "worst");
    for (Curve curve : metrics.convergence()) {
      for (Point point : curve.points()) {
        html.open("tr").element("th", curve.measure(), "scope", "row");
        html.element("td", Words.minutes(point.minutes()));
        HtmlTable.number(html, Words.count(point.windows()));
        HtmlTable.number(html, Words.share(point.exact()));
        HtmlTable.number(html, Words.share(point.half()));
        HtmlTable.number(html, Words.share(point.nineTenths()));
        HtmlTable.number(html, Words.share(point.worst()));
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

  private void stages(MetricsReport metrics) {
    if (metrics.stages().isEmpty()) {
      return;
    }
    html.element("h3", "Who reads the stream, and since when");
    HtmlTable.open(html, "Stages of " + metrics.name());
    HtmlTable.headings(html, "since", "stage", "by", "why", "evidence");
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
      HtmlTable.number(html, Words.days(change.evidence()));
      html.close("tr");
    }
    HtmlTable.close(html);
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
    HtmlTable.open(html, label);
  }

  private void endOfTable() {
    HtmlTable.close(html);
    html.close("details");
  }
}
