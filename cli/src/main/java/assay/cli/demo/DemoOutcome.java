package assay.cli.demo;

import assay.reconciliation.Ledger;
import assay.reconciliation.Reconciliation;
import assay.silver.Disposition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a demo came to.
 *
 * @param kafkaRecords that the topic holds, as Kafka says
 * @param bronzeRows that the bronze table holds
 * @param bronzePositions that they have in Kafka, each counted once
 * @param microBatches in which they came
 * @param flights that were produced, made faults left out
 * @param seconds by stage, in the order in which they first ran
 * @param settings the file with which other commands work on this lake
 */
record DemoOutcome(
    long kafkaRecords,
    long bronzeRows,
    long bronzePositions,
    long microBatches,
    long flights,
    Faults faults,
    Reconciliation proof,
    Map<String, Double> seconds,
    Path lake,
    Path settings) {
  DemoOutcome {
    seconds = Collections.unmodifiableMap(new LinkedHashMap<>(seconds));
  }

  /**
   * What does not agree with what was produced. Both paths may judge a row wrongly in the same way,
   * and then agree: the demo knows how many rows of each kind it made.
   */
  List<String> surprises() {
    List<String> surprises = new ArrayList<>();
    for (Ledger ledger : proof.ledgers()) {
      boolean batch = ledger.path().equals("batch");
      expect(surprises, ledger, Disposition.QUARANTINED, faults.quarantined());
      if (batch) {
        expect(surprises, ledger, Disposition.LOADED, flights);
        expect(surprises, ledger, Disposition.SUPERSEDED, faults.corrections());
        expect(surprises, ledger, Disposition.DUPLICATE, faults.repeats());
      } else if (ledger.dispositions().getOrDefault(Disposition.LATE, 0L) == 0) {
        surprises.add(ledger.path() + ": no row is late, and some flights were");
      }
    }
    return surprises;
  }

  private static void expect(
      List<String> surprises, Ledger ledger, String disposition, long expected) {
    long found = ledger.dispositions().getOrDefault(disposition, 0L);
    if (found != expected) {
      surprises.add(
          "%s: %d rows are %s, and %d were made"
              .formatted(ledger.path(), found, disposition, expected));
    }
  }

  /** Whether every record of Kafka is in bronze once, and in one disposition on each path. */
  boolean ledgerAddsUp() {
    return kafkaRecords == bronzeRows
        && bronzePositions == bronzeRows
        && proof.ledgers().stream().allMatch(l -> l.addsUp() && l.bronze() == bronzeRows);
  }
}
