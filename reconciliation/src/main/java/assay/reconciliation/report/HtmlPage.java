package assay.reconciliation.report;

import assay.core.DayRange;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.MetricsReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One page that needs nothing beside itself: no network, and no script but its own two, which the
 * content security policy names by their hashes.
 */
final class HtmlPage {
  private static final String ECHARTS = "echarts/echarts.common.min.js";

  private final ReportModel report;

  /** What a reader has to know first. */
  private static final List<Mark> URGENCY =
      List.of(Mark.DIVERGED, Mark.INCONCLUSIVE, Mark.EXPLAINED, Mark.TOLERATED, Mark.MATCH);

  private final List<LocalDate> days;
  private final List<MetricsReport> metrics;
  private final Html html = new Html();
  private final List<Map<String, Object>> charts = new ArrayList<>();

  HtmlPage(ReportModel report) {
    this.report = report;
    this.days = report.days().days();
    this.metrics =
        report.metrics().stream()
            .sorted(Comparator.comparingInt(m -> URGENCY.indexOf(worst(m))))
            .toList();
  }

  String write() {
    String library = resource(ECHARTS);
    String script = resource("page.js");
    html.raw("<!DOCTYPE html>\n").open("html", "lang", "en");
    head(hash(library), hash(script));
    html.open("body");
    html.element("a", "Skip to the summary", "class", "skip", "href", "#summary");
    header();
    html.open("main", "id", "main");
    summary();
    heatMap();
    HtmlMetrics sections = new HtmlMetrics(html, this::chart, new Charts(days));
    metrics.forEach(sections::write);
    new HtmlLedger(html).write(report);
    glossary();
    html.close("main");
    footer();
    html.open("script", "type", "application/json", "id", "charts")
        .raw(JsonDocument.inScript(charts))
        .close("script");
    html.open("script").raw(library).close("script");
    html.open("script").raw(script).close("script");
    return html.close("body").close("html").toString();
  }

  private void head(String... scripts) {
    String policy =
        "default-src 'none'; script-src '%s'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
            .formatted(String.join("' '", scripts));
    html.open("head").open("meta", "charset", "utf-8");
    html.open("meta", "http-equiv", "Content-Security-Policy", "content", policy);
    html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.open("meta", "name", "color-scheme", "content", "light dark");
    html.element("title", "Reconciliation report, " + inWords(report.days()));
    html.open("style").raw(resource("page.css")).close("style").close("head");
  }

  private void header() {
    html.open("header");
    html.element("p", "Assay", "class", "brand");
    html.element("h1", "Is the stream right?");
    html.element(
        "p",
        "%s, as known at %s. Batch, which is exact, is the control; the stream is put to the test."
            .formatted(inWords(report.days()), Words.minute(report.createdAt())));
    html.close("header");
  }

  private void summary() {
    section("summary", "Summary");
    html.open("ul", "class", "cards");
    for (MetricsReport one : metrics) {
      html.open("li", "class", "card " + worst(one).style());
      html.open("h3").open("a", "href", "#" + one.name()).text(one.name()).raw("</a></h3>");
      html.element("p", Words.summary(one, report.days()));
      html.close("li");
    }
    html.close("ul").close("section");
  }

  private static Mark worst(MetricsReport metrics) {
    return URGENCY.stream()
        .filter(mark -> metrics.daysWith(mark.name()) > 0)
        .findFirst()
        .orElse(Mark.INCONCLUSIVE);
  }

  private void heatMap() {
    section("days", "Day by day");
    chart(
        new Charts(days).heat(metrics),
        "Verdict of each day and metric set. "
            + String.join(
                " ",
                metrics.stream()
                    .map(m -> m.name() + ": " + Words.summary(m, report.days()))
                    .toList()));
    html.open("details").element("summary", "The same as a table");
    HtmlTable.open(html, "Verdicts by day");
    html.open("thead").open("tr");
    html.element("th", "day", "scope", "col");
    metrics.forEach(m -> html.element("th", m.name(), "scope", "col"));
    html.close("tr").close("thead").open("tbody");
    for (LocalDate day : days) {
      html.open("tr").element("th", day.toString(), "scope", "row");
      for (MetricsReport one : metrics) {
        html.open("td");
        Optional<DayReport> found = one.day(day);
        if (found.isPresent()) {
          html.open("a", "href", "#" + HtmlDays.anchor(one, day));
          badge(html, Mark.of(found.get().verdict()));
          html.close("a");
        } else {
          badge(html, Mark.NONE);
        }
        html.close("td");
      }
      html.close("tr");
    }
    HtmlTable.close(html);
    html.close("details").close("section");
  }

  private void glossary() {
    section("words", "What the words mean");
    html.open("dl");
    for (Mark mark : Mark.values()) {
      html.open("dt");
      badge(html, mark);
      html.close("dt").element("dd", mark.meaning());
    }
    List<String> causes =
        Causes.inOrder(
            report.metrics().stream().flatMap(m -> m.causes().stream()).distinct().toList());
    for (String cause : causes) {
      html.element("dt", cause).element("dd", "A row of this cause " + Causes.meaning(cause) + ".");
    }
    html.element("dt", "cell");
    html.element("dd", "One row of a metric set: one day and one value of each dimension.");
    html.element("dt", "live − batch");
    html.element(
        "dd",
        "What the stream shows less what batch computed. Below zero, the stream misses something.");
    html.close("dl").close("section");
  }

  private void footer() {
    html.open("footer").open("p");
    html.text(
        "Made by assay report from the tables of reconciliation. Charts: Apache ECharts, Apache"
            + " License 2.0. This page loads nothing from anywhere.");
    html.close("p").close("footer");
  }

  private void section(String id, String title) {
    html.open("section", "id", id, "aria-labelledby", id + "-title");
    html.element("h2", title, "id", id + "-title");
  }

  static void badge(Html html, Mark mark) {
    html.open("span", "class", "badge " + mark.style());
    html.element("b", mark.letter(), "aria-hidden", "true");
    html.element("span", mark.word()).close("span");
  }

  /** A place for a chart, and its numbers. */
  private String chart(Map<String, Object> chart, String sentence) {
    String id = "chart-" + charts.size();
    charts.add(chart);
    html.open(
        "div",
        "class",
        "chart " + chart.get("kind"),
        "id",
        id,
        "role",
        "img",
        "aria-label",
        sentence);
    html.element("p", "The chart needs scripts; its numbers stand in the table below.");
    html.close("div");
    return id;
  }

  private static String inWords(DayRange days) {
    return days.first().equals(days.last())
        ? days.first().toString()
        : days.first() + " to " + days.last();
  }

  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the build left out " + name);
      }
      // A browser reads line ends as one line feed before it takes the hash.
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    }
  }
}
