package assay.reconciliation.report;

import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.report.ReportModel.CellReport;
import assay.reconciliation.report.ReportModel.DayReport;
import assay.reconciliation.report.ReportModel.LedgerPath;
import assay.reconciliation.report.ReportModel.MetricsReport;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report as one JSON document, for programs. */
final class JsonDocument {
  private JsonDocument() {}

  static String write(ReportModel report) {
    return text(document(report), true) + "\n";
  }

  /** JSON of maps, lists, texts, numbers and booleans. */
  static String text(Object document, boolean indented) {
    try {
      return new ObjectMapper()
          .configure(SerializationFeature.INDENT_OUTPUT, indented)
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
          .writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a report that is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, Object> document(ReportModel report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("created_at", report.createdAt().toString());
    document.put("from", report.days().first().toString());
    document.put("to", report.days().last().toString());
    document.put("metrics", report.metrics().stream().map(m -> metrics(m, report)).toList());
    document.put("ledger", report.ledger().stream().map(JsonDocument::path).toList());
    return document;
  }

  private static Map<String, Object> metrics(MetricsReport metrics, ReportModel report) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", metrics.domain());
    document.put("metrics", metrics.name());
    document.put("summary", Words.summary(metrics, report.days()));
    document.put("rows_by_cause", metrics.rowsByCause());
    document.put("days", metrics.days().stream().map(JsonDocument::day).toList());
    document.put(
        "differences",
        metrics.differences().stream()
            .map(
                d -> {
                  Map<String, Object> one = new LinkedHashMap<>();
                  one.put("day", d.day().toString());
                  one.put("measure", d.measure());
                  one.put("additive", d.additive());
                  one.put("cells", d.cells());
                  one.put("difference", d.difference());
                  one.put("terms", d.terms());
                  return one;
                })
            .toList());
    document.put("drill_down", metrics.drillDown().stream().map(Explanation::document).toList());
    document.put(
        "convergence",
        metrics.convergence().stream()
            .flatMap(c -> c.points().stream().map(p -> point(c.measure(), p)))
            .toList());
    document.put(
        "stages",
        metrics.stages().stream()
            .map(
                s -> {
                  Map<String, Object> one = new LinkedHashMap<>();
                  one.put("number", s.number());
                  one.put("stage", s.stage());
                  one.put("canary_share", s.canaryShare());
                  one.put("who", s.who());
                  one.put("why", s.why());
                  one.put("evidence", s.evidence());
                  one.put("at", s.at().toString());
                  return one;
                })
            .toList());
    return document;
  }

  private static Map<String, Object> day(DayReport day) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("day", day.day().toString());
    document.put("verdict", day.verdict());
    day.reason().ifPresent(reason -> document.put("why", reason));
    document.put("cells", day.compared());
    document.put("differing", day.differing());
    document.put("rows", day.rows());
    document.put("unexplained", day.unexplained());
    document.put("unaccounted", day.unaccounted());
    document.put("evidence_id", day.evidenceId());
    document.put("reconciled_at", day.reconciledAt().toString());
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("bronze", day.versions().bronze());
    versions.put("silver", day.versions().silver());
    versions.put("gold", day.versions().gold());
    versions.put("live", day.versions().live());
    document.put("versions", versions);
    document.put("contract_hash", day.versions().contractHash());
    day.reach().rung().ifPresent(rung -> document.put("rung", rung));
    day.reach().ended().ifPresent(ended -> document.put("ended", ended));
    document.put("ignored", day.reach().ignored());
    document.put("fit", day.reach().fit());
    document.put("differences", day.differences());
    document.put("largest", day.cells().stream().map(JsonDocument::cell).toList());
    return document;
  }

  private static Map<String, Object> cell(CellReport cell) {
    Map<String, Object> document = new LinkedHashMap<>();
    Map<String, Object> dimensions = new LinkedHashMap<>();
    cell.dimensions().forEach(d -> dimensions.put(d.name(), d.value().orElse(null)));
    document.put("dimensions", dimensions);
    document.put("measure", cell.measure());
    document.put("control", cell.control().orElse(null));
    document.put("test", cell.test().orElse(null));
    document.put("difference", cell.difference());
    document.put("terms", cell.terms());
    document.put("rows", cell.rows());
    document.put("verdict", cell.verdict());
    return document;
  }

  private static Map<String, Object> point(String measure, ReportModel.Point point) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("measure", measure);
    document.put("minutes", point.minutes());
    document.put("windows", point.windows());
    document.put("error_p50", point.half());
    document.put("error_p90", point.nineTenths());
    document.put("error_max", point.worst());
    document.put("exact_share", point.exact());
    return document;
  }

  private static Map<String, Object> path(LedgerPath path) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", path.domain());
    document.put("path", path.path());
    document.put("bronze_version", path.bronzeVersion());
    document.put("rows", path.rows());
    document.put("dispositions", path.dispositions());
    document.put("unaccounted", path.unaccounted());
    document.put(
        "ranges",
        path.ranges().stream()
            .map(
                r -> {
                  Map<String, Object> range = new LinkedHashMap<>();
                  range.put("partition", r.partition());
                  range.put("first_offset", r.first());
                  range.put("last_offset", r.last());
                  range.put("rows", r.rows());
                  range.put("dispositions", r.dispositions());
                  range.put("gaps", r.gaps().stream().map(JsonDocument::gap).toList());
                  return range;
                })
            .toList());
    return document;
  }

  private static Map<String, Object> gap(ReportModel.Gap gap) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("first_offset", gap.first());
    document.put("last_offset", gap.last());
    document.put("cause", gap.cause());
    return document;
  }

  /** Several documents of {@link #text}, none of which can end the script they stand in. */
  static String inScript(List<? extends Object> documents) {
    return text(documents, false)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }
}
