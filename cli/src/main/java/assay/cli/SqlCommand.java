package assay.cli;

import assay.core.AssayException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers a query over the lake. */
@Command(
    name = "sql",
    description =
        "Answer a query over bronze, silver, quarantine, live, gold, materialized_views, serving,"
            + " reconciliation, ops.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay sql \"SHOW TABLES IN gold\"",
      "  assay sql --csv \"SELECT * FROM gold.route_day WHERE event_date = '2001-01-02'\""
    })
final class SqlCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Option(names = "--csv", description = "Print the result as CSV.")
  private boolean csv;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most N rows. Default: ${DEFAULT-VALUE}")
  private int limit;

  @Option(
      names = "--consumer",
      paramLabel = "NAME",
      description = "Who asks: serving.METRICS is the table that this consumer reads.")
  private String consumer;

  @Parameters(paramLabel = "QUERY", description = "One SELECT, SHOW or DESCRIBE.")
  private String query;

  @Override
  public Integer call() {
    if (limit < 0) {
      throw AssayException.usage("--limit " + limit + " is below zero", "give 0 or more");
    }
    if (csv && common.json()) {
      throw AssayException.usage("--csv and --json exclude each other", "give one of them");
    }
    try (Workspace workspace = new Workspace(common.settings())) {
      QueryResult result = answer(workspace);
      if (common.json()) {
        common.output().json(result.documents());
      } else if (csv) {
        common.output().csv(result.table());
      } else {
        common.output().table(result.table());
      }
      if (result.cut()) {
        Progress.toStandardError().say("Only the first " + limit + " rows; --limit N shows more.");
      }
      return 0;
    }
  }

  private QueryResult answer(Workspace workspace) {
    SparkSession spark = workspace.spark();
    ReadOnly.check(spark, query);
    for (String view : workspace.registerTables()) {
      Progress.toStandardError()
          .say("live." + view + " was accumulated under another definition and is left out.");
    }
    if (consumer != null) {
      workspace.registerServing(consumer);
    }
    try {
      return QueryResult.of(spark.sql(query), limit);
    } catch (Exception e) {
      // A checked exception that Scala code throws without saying so.
      if (!(e instanceof AnalysisException)) {
        throw e;
      }
      throw AssayException.usage(
          e.getMessage().lines().findFirst().orElse("the query cannot be read"),
          "correct the query; SHOW TABLES IN gold (or bronze, silver, quarantine, live,"
              + " serving, reconciliation, ops) tells what there is");
    }
  }
}
