package assay.cli;

import assay.ingestion.Gap;
import assay.reconciliation.Ledger;
import assay.reconciliation.LedgerRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is to be said of a ledger beside its sums: gaps in the offsets, and rows that are wrong. */
final class LedgerView {
  private LedgerView() {}

  /** Prints what there is. */
  static void print(Output output, List<Ledger> ledgers) {
    List<List<String>> gaps = new ArrayList<>();
    Set<String> told = new TreeSet<>();
    for (Ledger ledger : ledgers) {
      for (LedgerRange range : ledger.ranges()) {
        range
            .missing()
            .forEach(
                (cause, offsets) -> {
                  // Gaps are of bronze, whichever path has come to them first.
                  String partition = range.range().partition() + "";
                  if (told.add(ledger.domain() + " " + partition + " " + cause)) {
                    gaps.add(
                        List.of(
                            ledger.domain(),
                            partition,
                            cause,
                            Sizes.count(offsets),
                            newest(range, cause)));
                  }
                });
      }
    }
    if (!gaps.isEmpty()) {
      output.table(
          Table.of(List.of("domain", "partition", "no record", "offsets", "the last"), gaps));
    }
    List<List<String>> wrong = new ArrayList<>();
    for (Ledger ledger : ledgers) {
      ledger.findings().forEach(f -> wrong.add(List.of(ledger.path(), f.where(), f.what())));
    }
    if (!wrong.isEmpty()) {
      output.table(Table.of(List.of("path", "rows", "what is wrong"), wrong));
    }
  }

  private static String newest(LedgerRange range, String cause) {
    return range.gaps().stream()
        .filter(gap -> gap.cause().label().equals(cause))
        .reduce((first, second) -> second)
        .map(gap -> gap.range().first() + "-" + gap.range().last())
        .orElse("");
  }

  /** What a JSON document says of it beside the sums. */
  static Map<String, Object> details(Ledger ledger) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("ranges", ledger.ranges().stream().map(LedgerView::document).toList());
    details.put("findings", ledger.findings());
    return details;
  }

  private static Map<String, Object> document(LedgerRange range) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("partition", range.range().partition());
    document.put("first_offset", range.range().first());
    document.put("last_offset", range.range().last());
    document.put("rows", range.rows());
    document.put("dispositions", range.dispositions());
    document.put("missing", range.missing());
    document.put("gaps", range.gaps().stream().map(LedgerView::document).toList());
    return document;
  }

  private static Map<String, Object> document(Gap gap) {
    Map<String, Object> document = new TreeMap<>();
    document.put("first_offset", gap.range().first());
    document.put("last_offset", gap.range().last());
    document.put("cause", gap.cause().label());
    return document;
  }
}
