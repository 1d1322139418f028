package assay.cli;

import assay.core.AssayException;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;

/** Keeps a query from changing the lake: the stages alone write to it. */
final class ReadOnly {
  private ReadOnly() {}

  static void check(SparkSession spark, String query) {
    LogicalPlan plan;
    try {
      plan = spark.sessionState().sqlParser().parsePlan(query);
    } catch (ParseException e) {
      throw AssayException.usage(
          "the query cannot be read: "
              + e.getMessage().lines().filter(l -> !l.isBlank()).findFirst().orElse(""),
          "correct it and run it again");
    }
    String kind = plan.getClass().getSimpleName();
    boolean asks = kind.startsWith("Show") || kind.startsWith("Describe");
    if (!asks && plan.exists(ReadOnly::changes)) {
      throw AssayException.usage(
          "assay sql only reads, and this is " + kind, "ask with SELECT, SHOW or DESCRIBE");
    }
  }

  private static boolean changes(LogicalPlan node) {
    return node instanceof Command || node instanceof ParsedStatement;
  }
}
