package assay.reconciliation.report;

import assay.core.DayRange;
import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.DrillDown.Part;
import assay.reconciliation.report.ReportModel.CellReport;
import assay.reconciliation.report.ReportModel.Curve;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.Dimension;
import assay.reconciliation.report.ReportModel.Gap;
import assay.reconciliation.report.ReportModel.LedgerPath;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import assay.reconciliation.report.ReportModel.OffsetRange;
import assay.reconciliation.report.ReportModel.Point;
import assay.reconciliation.report.ReportModel.Reach;
import assay.reconciliation.report.ReportModel.StageChange;
import assay.reconciliation.report.ReportModel.Versions;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A month of two metric sets, written by hand: every verdict, every part of a report. */
final class SampleReport {
  /** What a value of the data may be at its worst. */
  static final String HOSTILE = "</script><img src=x onerror=\"window.injected=1\">";

  static final LocalDate FIRST = LocalDate.of(2001, 1, 1);
  static final LocalDate RED = FIRST.plusDays(19);
  private static final int DAYS = 31;
  private static final Instant AT = Instant.parse("2001-02-01T06:00:00Z");

  private SampleReport() {}

  static ReportModel month() {
    return new ReportModel(
        AT.plusSeconds(600),
        new DayRange(FIRST, FIRST.plusDays(DAYS - 1)),
        List.of(cityHour(), routeDay()),
        List.of(
            path("batch", Map.of("loaded", 485_012L, "superseded", 204L, "duplicate", 251L)),
            path(
                "live.route_day", Map.of("counted", 478_115L, "late", 7_201L, "duplicate", 151L))));
  }

  /** Every day of it agrees, and nothing else is known. */
  static MetricsReport cityHour() {
    List<DayReport> days = new ArrayList<>();
    for (int i = 0; i < DAYS; i++) {
      days.add(day(i, "MATCH", Optional.empty(), 0, List.of()));
    }
    return new MetricsReport(
        "flights", "city_hour", days, List.of(), Map.of(), List.of(), List.of(), List.of());
  }

  private static MetricsReport routeDay() {
    List<DayReport> days = new ArrayList<>();
    List<MeasureDifference> differences = new ArrayList<>();
    for (int i = 0; i < DAYS; i++) {
      LocalDate day = FIRST.plusDays(i);
      if (i == 4) {
        // Nobody compared that day.
        continue;
      }
      if (i == DAYS - 1) {
        days.add(
            day(i, "INCONCLUSIVE", Optional.of("silver has not read all of it"), 0, List.of()));
        continue;
      }
      int late = 40 + i * 37 % 113;
      int superseded = i * 7 % 12;
      Map<String, BigDecimal> terms = new LinkedHashMap<>();
      terms.put("late", number(-late));
      if (superseded > 0) {
        terms.put("superseded", number(superseded));
      }
      if (day.equals(RED)) {
        terms.put("unexplained", number(-3));
      }
      String verdict = day.equals(RED) ? "DIVERGED" : i % 3 == 0 ? "EXPLAINED" : "TOLERATED";
      differences.add(difference(day, "flights", terms));
      Map<String, BigDecimal> minutes = new LinkedHashMap<>();
      terms.forEach((cause, n) -> minutes.put(cause, n.multiply(new BigDecimal("17.5"))));
      differences.add(difference(day, "delay_minutes", minutes));
      days.add(day(i, verdict, Optional.empty(), late, cells(day)));
    }
    differences.sort(
        Comparator.comparing((MeasureDifference d) -> d.measure().equals("flights") ? 0 : 1)
            .thenComparing(MeasureDifference::day));
    return new MetricsReport(
        "flights",
        "route_day",
        days,
        differences,
        Map.of(),
        List.of(
            new Explanation(
                "route_day",
                "flights",
                "origin",
                2,
                229,
                List.of(
                    part("DFW", -1204, 0.61), part("ORD", -454, 0.23), part(HOSTILE, -120, 0.061)),
                Optional.of(new Part(Optional.empty(), number(-190), 0.099, 31)))),
        List.of(
            new Curve(
                "flights",
                List.of(
                    point(1, 0.021, 0.09, 0.22, 0.41),
                    point(5, 0.008, 0.04, 0.15, 0.73),
                    point(15, 0.002, 0.012, 0.08, 0.912),
                    point(60, 0, 0.004, 0.03, 0.981),
                    point(360, 0, 0.001, 0.012, 0.9934),
                    point(1440, 0, 0, 0.004, 0.9991)))),
        List.of(
            stage(1, "shadow", 0, "dana", "began", 0),
            stage(2, "canary", 0.1, "dana", "14 green days", 14),
            stage(3, "shadow", 0, "automation", "2001-01-20 is DIVERGED", 1)));
  }

  private static List<CellReport> cells(LocalDate day) {
    List<CellReport> cells = new ArrayList<>();
    if (day.equals(RED)) {
      cells.add(
          new CellReport(
              cell("DFW", HOSTILE),
              "flights",
              Optional.of("21"),
              Optional.of("17"),
              number(-4),
              new TreeMap<>(Map.of("late", number(-1), "unexplained", number(-3))),
              1,
              "DIVERGED"));
    }
    cells.add(
        new CellReport(
            cell("DFW", "HOU"),
            "delay_minutes",
            Optional.of("1643"),
            Optional.of("658.25"),
            new BigDecimal("-984.75"),
            Map.of("late", new BigDecimal("-984.75")),
            12,
            "EXPLAINED"));
    return cells;
  }

  private static List<Dimension> cell(String origin, String destination) {
    return List.of(
        new Dimension("origin", Optional.of(origin)),
        new Dimension("destination", Optional.of(destination)));
  }

  private static DayReport day(
      int i, String verdict, Optional<String> reason, long rows, List<CellReport> cells) {
    return new DayReport(
        FIRST.plusDays(i),
        verdict,
        reason,
        3_156,
        rows == 0 ? 0 : rows / 2 + 1,
        rows,
        verdict.equals("DIVERGED") ? number(3) : BigDecimal.ZERO,
        0,
        "%032x".formatted(i + 4096),
        AT,
        new Versions(310, 62, 31, 9_820, "c0ffee"),
        new Reach(
            Optional.of("measures"),
            Optional.of("nothing is left to explain"),
            0,
            rows == 0 || i != 3),
        cells,
        rows);
  }

  private static MeasureDifference difference(
      LocalDate day, String measure, Map<String, BigDecimal> terms) {
    BigDecimal all = terms.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    return new MeasureDifference(day, measure, true, 60, all, terms);
  }

  private static Part part(String value, int difference, double share) {
    return new Part(Optional.of(value), number(difference), share, 1);
  }

  private static Point point(int minutes, double half, double nine, double worst, double exact) {
    return new Point(minutes, 74_000, half, nine, worst, exact);
  }

  private static StageChange stage(
      int number, String stage, double share, String who, String why, int evidence) {
    return new StageChange(
        number, stage, share, who, why, evidence, AT.plusSeconds(86_400L * number));
  }

  private static LedgerPath path(String path, Map<String, Long> dispositions) {
    Map<String, Long> ordered = new TreeMap<>(dispositions);
    long rows = dispositions.values().stream().mapToLong(Long::longValue).sum();
    return new LedgerPath(
        "flights",
        path,
        310,
        AT,
        0,
        List.of(
            new OffsetRange(
                0,
                0,
                rows + 9,
                rows,
                ordered,
                List.of(new Gap(1_000, 1_009, "transaction markers")))));
  }

  private static BigDecimal number(long n) {
    return BigDecimal.valueOf(n);
  }
}
