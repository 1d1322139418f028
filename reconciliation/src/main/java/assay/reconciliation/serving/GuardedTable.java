package assay.reconciliation.serving;

import assay.core.LakeTable;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/** Creates tables that several commands may need for the first time at once. */
public final class GuardedTable {
  /** While another command makes the table, Delta refuses a folder that is half there. */
  private static final RetryPolicy<Object> WHILE_ANOTHER_MAKES_IT =
      RetryPolicy.builder().withDelay(Duration.ofMillis(200)).withMaxAttempts(10).build();

  private GuardedTable() {}

  /** Creates a table that commits refuse each other in, where it is not there. */
  public static void create(LakeTable table, StructType schema) {
    create(table, schema, List.of(), LakeTable.GUARDED);
  }

  static void create(
      LakeTable table,
      StructType schema,
      List<String> partitionBy,
      Map<String, String> properties) {
    Failsafe.with(WHILE_ANOTHER_MAKES_IT)
        .run(
            () -> {
              if (!table.exists()) {
                table.createOrExtend(schema, partitionBy, properties);
              }
            });
  }
}
