package assay.reconciliation.report;

import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.MeasureDifference;
import assay.reconciliation.report.ReportModel.MetricsReport;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The report as a table for a spreadsheet, of RFC 4180 but with a bare line feed: a line for each
 * day and measure that differs, and one without a measure for a day on which none does.
 */
final class CsvTable {
  private CsvTable() {}

  static String write(ReportModel report) {
    List<String> causes = Causes.ORDER;
    List<String> header =
        new ArrayList<>(
            List.of(
                "domain",
                "metrics",
                "day",
                "verdict",
                "reason",
                "cells",
                "differing_cells",
                "measure",
                "difference"));
    header.addAll(causes);
    header.addAll(List.of("evidence_id", "reconciled_at"));
    StringBuilder text = new StringBuilder(line(header));
    for (MetricsReport metrics : report.metrics()) {
      for (DayReport day : metrics.days()) {
        List<MeasureDifference> differences =
            metrics.differences().stream().filter(d -> d.day().equals(day.day())).toList();
        for (MeasureDifference difference : differences) {
          List<String> values = beginning(metrics, day);
          values.add(difference.measure());
          values.add(difference.difference().toPlainString());
          causes.forEach(
              cause ->
                  values.add(
                      difference.terms().getOrDefault(cause, BigDecimal.ZERO).toPlainString()));
          text.append(line(ending(values, day)));
        }
        if (differences.isEmpty()) {
          List<String> values = beginning(metrics, day);
          values.add("");
          causes.forEach(cause -> values.add(""));
          values.add("");
          text.append(line(ending(values, day)));
        }
      }
    }
    return text.toString();
  }

  private static List<String> beginning(MetricsReport metrics, DayReport day) {
    return new ArrayList<>(
        List.of(
            metrics.domain(),
            metrics.name(),
            day.day().toString(),
            day.verdict(),
            day.reason().orElse(""),
            Long.toString(day.compared()),
            Long.toString(day.differing())));
  }

  private static List<String> ending(List<String> values, DayReport day) {
    values.add(day.evidenceId());
    values.add(day.reconciledAt().toString());
    return values;
  }

  private static String line(List<String> values) {
    return values.stream().map(CsvTable::field).collect(Collectors.joining(",", "", "\n"));
  }

  private static String field(String text) {
    boolean plain = text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
