package assay.cli.demo;

import assay.reconciliation.Reconciliation;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a demo came to.
 *
 * @param kafkaRecords that the topic holds, as Kafka says
 * @param bronzeRows that the bronze table holds
 * @param microBatches in which they came
 * @param seconds by stage, in the order in which they first ran
 * @param settings the file with which other commands work on this lake
 */
record DemoOutcome(
    long kafkaRecords,
    long bronzeRows,
    long microBatches,
    Faults faults,
    Reconciliation proof,
    Map<String, Double> seconds,
    Path lake,
    Path settings) {
  DemoOutcome {
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
  }

  /** Whether every record of Kafka is in bronze once, and in one disposition on each path. */
  boolean ledgerAddsUp() {
    return kafkaRecords == bronzeRows
        && proof.ledgers().stream().allMatch(l -> l.addsUp() && l.bronze() == bronzeRows);
  }
}
