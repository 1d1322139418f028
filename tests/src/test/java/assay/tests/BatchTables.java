package assay.tests;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the batch path's tables hold. Rows begin with partition and offset.
 *
 * @param exceptions each row ends with its disposition
 */
record BatchTables(
    Collection<List<Object>> silver,
    Collection<List<Object>> exceptions,
    Collection<List<Object>> quarantine) {

  /** Rows that are in one of both only, or not as often in both. */
  List<List<Object>> difference(BatchTables other) {
    List<List<Object>> difference = new ArrayList<>();
    Bag.difference(silver, other.silver).forEach((row, count) -> difference.add(row));
    Bag.difference(exceptions, other.exceptions).forEach((row, count) -> difference.add(row));
    Bag.difference(quarantine, other.quarantine).forEach((row, count) -> difference.add(row));
    return difference;
  }

  /** Rows by disposition. */
  Map<String, Long> ledger() {
    Map<String, Long> ledger = new TreeMap<>();
    ledger.put("loaded", (long) silver.size());
    ledger.put("quarantined", (long) quarantine.size());
    exceptions.forEach(row -> ledger.merge((String) row.get(row.size() - 1), 1L, Long::sum));
    return ledger;
  }
}
