package assay.reconciliation.report;

/** How a report is written. */
public enum ReportFormat {
  HTML,
  JSON,
  MARKDOWN,
  CSV;

  public String write(ReportModel report) {
    return switch (this) {
      case HTML -> new HtmlPage(report).write();
      case JSON -> JsonDocument.write(report);
      case MARKDOWN -> new MarkdownPage(report).write();
      case CSV -> CsvTable.write(report);
    };
  }
}
