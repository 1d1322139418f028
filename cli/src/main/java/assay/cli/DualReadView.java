package assay.cli;

import assay.reconciliation.Cause;
import assay.reconciliation.DualRead;
import assay.reconciliation.DualReads;
import assay.reconciliation.KeyDifference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Keys that were read on both sides, as people and programs read them. */
record DualReadView(DualReads reads) {
  /** So many keys are printed; `--json` has all of them. */
  private static final int PRINTED = 20;

  void print(Output output) {
    List<List<String>> views = new ArrayList<>();
    List<List<String>> keys = new ArrayList<>();
    for (DualRead read : reads.views()) {
      views.add(
          List.of(
              read.view(),
              Sizes.count(read.keys()),
              Sizes.count(read.differences().size()),
              String.format(Locale.ROOT, "%.3f %%", 100 * read.mismatchRate()),
              Sizes.count(read.unexplained())));
      for (KeyDifference d : read.differences().stream().limit(PRINTED).toList()) {
        keys.add(
            List.of(
                d.view(),
                d.key(),
                state(d),
                causes(d).isEmpty()
                    ? "unexplained"
                    : String.join(", ", causes(d)) + (d.explained() ? "" : ", and more")));
      }
    }
    output.table(Table.of(List.of("view", "keys", "that differ", "rate", "unexplained"), views));
    if (!keys.isEmpty()) {
      output.table(Table.of(List.of("view", "key", "differs in", "because of"), keys));
    }
  }

  private static String state(KeyDifference d) {
    if (d.control().isEmpty()) {
      return "silver has no row";
    }
    return d.test().isEmpty() ? "live has no row" : String.join(", ", d.columns());
  }

  private static List<String> causes(KeyDifference d) {
    return d.causes().stream().map(Cause::label).collect(Collectors.toList());
  }

  Map<String, Object> document() {
    return Map.of(
        "views",
        reads.views().stream().map(DualReadView::view).toList(),
        "not_compared",
        ProofView.documents(reads.missing()));
  }

  private static Map<String, Object> view(DualRead read) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("view", read.view());
    view.put("keys", read.keys());
    view.put("mismatched", read.differences().size());
    view.put("mismatch_rate", read.mismatchRate());
    view.put("unexplained", read.unexplained());
    view.put("alert", read.alerts());
    view.put("control_cut", read.controlCut());
    view.put("test_cut", read.testCut());
    view.put("differences", read.differences().stream().map(DualReadView::difference).toList());
    return view;
  }

  private static Map<String, Object> difference(KeyDifference d) {
    Map<String, Object> difference = new LinkedHashMap<>();
    difference.put("key", d.key());
    difference.put("columns", d.columns());
    difference.put("causes", causes(d));
    difference.put("explained", d.explained());
    difference.put("control", d.control());
    difference.put("test", d.test());
    return difference;
  }
}
