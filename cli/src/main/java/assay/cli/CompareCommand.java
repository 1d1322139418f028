package assay.cli;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.SparkSessions;
import assay.core.contract.Tolerance;
import assay.core.contract.ToleranceText;
import assay.reconciliation.compare.CompareRequest;
import assay.reconciliation.compare.Comparison;
import assay.reconciliation.compare.TableComparison;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two tables. */
@Command(
    name = "compare",
    description =
        "Compare any two tables: of the lake, Delta at a path, or Parquet and CSV of another system.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay compare exports/2001-01-02.csv gold.route_day --key event_date,origin,destination",
      "  assay compare /warehouse/totals@12 /warehouse/totals --key id --tolerance amount=0.1%",
      "",
      "A table of the lake is LAYER.NAME; a Delta table may end in @VERSION or @2001-01-31T08:00:00Z.",
      "Exit codes: 0 equal or within tolerance, 3 they differ, 4 one is not there or both are empty."
    })
final class CompareCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(index = "0", paramLabel = "A", description = "The control, such as the old batch.")
  private String control;

  @Parameters(index = "1", paramLabel = "B", description = "The test, which is held against it.")
  private String test;

  @Option(
      names = "--key",
      paramLabel = "COLUMN",
      split = ",",
      required = true,
      description = "The columns that tell one row from all others.")
  private List<String> key;

  @Option(
      names = "--measures",
      paramLabel = "COLUMN",
      split = ",",
      description = "The columns to compare. Default: all others")
  private List<String> measures = List.of();

  @Option(
      names = "--tolerance",
      paramLabel = "COLUMN=TOLERANCE",
      description =
          "As x=0.1%%,y=5. Default: 0, and 0.0001%% of floating point numbers. May be repeated")
  private List<String> tolerances = List.of();

  @Option(
      names = "--ignore-column",
      paramLabel = "COLUMN",
      split = ",",
      description = "A column to leave out. May be repeated")
  private List<String> ignored = List.of();

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description =
          "Compare only rows of both for which this is true, as event_date = '2001-01-02'.")
  private String where;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "10",
      description = "Show at most N rows of each kind. Default: ${DEFAULT-VALUE}")
  private int limit;

  @Override
  public Integer call() {
    CompareRequest request =
        new CompareRequest(
            control,
            test,
            key,
            measures,
            readTolerances(),
            ignored,
            Optional.ofNullable(where),
            limit);
    try (Progress progress = common.progress()) {
      progress.begin("compare " + control + " with " + test, 0);
      Comparison result =
          request.needsLake() ? inLake(request, progress) : alone(request, progress);
      progress.end(result.verdict());
      ComparisonView view = new ComparisonView(result);
      if (common.json()) {
        common.output().json(view.document());
      } else {
        view.print(common.output());
      }
      return result.failure().map(ErrorCode::exitCode).orElse(0);
    }
  }

  private Map<String, Tolerance> readTolerances() {
    Map<String, Tolerance> all = new LinkedHashMap<>();
    for (String written : tolerances) {
      ToleranceText.read(written)
          .forEach(
              (name, tolerance) -> {
                if (all.put(name, tolerance) != null) {
                  throw AssayException.usage(
                      "the tolerance of `" + name + "` is given twice", "give one");
                }
              });
    }
    return all;
  }

  private Comparison inLake(CompareRequest request, Progress progress) {
    try (Workspace workspace = new Workspace(common.settings())) {
      return new TableComparison(
              workspace.spark(),
              Optional.of(workspace.lake()),
              workspace.definitions().contracts(),
              progress)
          .run(request);
    }
  }

  /** Two paths need no lake; how to reach them may stand in the settings, where there are any. */
  private Comparison alone(CompareRequest request, Progress progress) {
    Map<String, String> settings =
        Files.exists(common.config()) ? common.settings().spark() : Map.of();
    SparkSession spark = SparkSessions.open("assay", settings);
    try {
      return new TableComparison(spark, Optional.empty(), List.of(), progress).run(request);
    } finally {
      spark.stop();
    }
  }
}
