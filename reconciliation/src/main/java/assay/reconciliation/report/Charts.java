package assay.reconciliation.report;

import assay.reconciliation.report.ReportModel.Curve;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.Point;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The numbers that page.js draws; it draws nothing that no table beside it says. */
final class Charts {
  private static final DateTimeFormatter SHORT =
      DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH);

  /** A cell names its mark by its place here. */
  private static final List<Mark> MARKS = List.of(Mark.values());

  private final List<LocalDate> days;

  Charts(List<LocalDate> days) {
    this.days = days;
  }

  /** Verdicts, a row a metric set and a column a day. */
  Map<String, Object> heat(List<MetricsReport> all) {
    List<List<Object>> cells = new ArrayList<>();
    for (int y = 0; y < all.size(); y++) {
      MetricsReport metrics = all.get(y);
      for (int x = 0; x < days.size(); x++) {
        Optional<DayReport> day = metrics.day(days.get(x));
        Mark mark = day.map(d -> Mark.of(d.verdict())).orElse(Mark.NONE);
        String says =
            "%s, %s: %s%s"
                .formatted(
                    metrics.name(), days.get(x), mark.word(), day.map(Charts::inDetail).orElse(""));
        String link = day.map(d -> HtmlDays.anchor(metrics, d.day())).orElse("");
        cells.add(List.of(x, y, MARKS.indexOf(mark), says, link));
      }
    }
    Map<String, Object> chart = chart("heat");
    chart.put("metrics", all.stream().map(MetricsReport::name).toList());
    List<Map<String, String>> marks = new ArrayList<>();
    for (Mark mark : MARKS) {
      Map<String, String> one = new LinkedHashMap<>();
      one.put("letter", mark.letter());
      one.put("word", mark.word());
      one.put("style", mark.style());
      marks.add(one);
    }
    chart.put("marks", marks);
    chart.put("cells", cells);
    return chart;
  }

  private static String inDetail(DayReport day) {
    return day.differing() == 0
        ? ""
        : ", %s of %s cells differ"
            .formatted(Words.count(day.differing()), Words.count(day.compared()));
  }

  /** A stack a day, a series a cause, for each measure. */
  Map<String, Object> causes(MetricsReport metrics) {
    Map<String, Object> chart = chart("causes");
    List<Map<String, Object>> measures = new ArrayList<>();
    for (String measure : metrics.measures()) {
      List<MeasureDifference> differences =
          metrics.differences().stream().filter(d -> d.measure().equals(measure)).toList();
      Map<LocalDate, MeasureDifference> byDay =
          differences.stream()
              .collect(Collectors.toMap(MeasureDifference::day, difference -> difference));
      List<Map<String, Object>> series = new ArrayList<>();
      for (String cause : metrics.causes()) {
        if (differences.stream().anyMatch(d -> d.terms().containsKey(cause))) {
          List<BigDecimal> amounts =
              days.stream()
                  .map(byDay::get)
                  .map(d -> d == null ? BigDecimal.ZERO : amount(d, cause))
                  .toList();
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("cause", cause);
          one.put("amounts", amounts);
          series.add(one);
        }
      }
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", measure);
      one.put("series", series);
      measures.add(one);
    }
    chart.put("measures", measures);
    return chart;
  }

  private static BigDecimal amount(MeasureDifference difference, String cause) {
    return difference.terms().getOrDefault(cause, BigDecimal.ZERO);
  }

  /** Lines by time after a window closed, in percent of the final value, for each measure. */
  Map<String, Object> convergence(MetricsReport metrics) {
    Map<String, Object> chart = chart("convergence");
    List<Map<String, Object>> measures = new ArrayList<>();
    for (Curve curve : metrics.convergence()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", curve.measure());
      one.put("after", curve.points().stream().map(p -> Words.minutes(p.minutes())).toList());
      one.put("half", percent(curve, Point::half));
      one.put("nineTenths", percent(curve, Point::nineTenths));
      one.put("worst", percent(curve, Point::worst));
      measures.add(one);
    }
    chart.put("measures", measures);
    return chart;
  }

  private static List<Double> percent(Curve curve, ToDoubleFunction<Point> of) {
    return curve.points().stream().map(p -> of.applyAsDouble(p) * 100).toList();
  }

  private Map<String, Object> chart(String kind) {
    Map<String, Object> chart = new LinkedHashMap<>();
    chart.put("kind", kind);
    chart.put("days", days.stream().map(SHORT::format).toList());
    return chart;
  }
}
