package assay.cli;

import assay.reconciliation.Calibration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Each path compared with itself, and the tolerances that follow. */
record CalibrationView(Calibration result) {

  void print(Output output) {
    List<List<String>> paths = new ArrayList<>();
    for (Calibration.SamePath path : result.paths()) {
      paths.add(
          List.of(
              path.metrics(),
              path.path() + " with itself",
              Sizes.count(path.cells()),
              Sizes.count(path.differing()),
              String.join("; ", path.examples())));
    }
    output.table(Table.of(List.of("metrics", "compared", "cells", "differing", "such as"), paths));
    List<List<String>> proposals = new ArrayList<>();
    for (Calibration.ProposedTolerance p : result.proposals()) {
      proposals.add(
          List.of(
              p.metrics(),
              p.measure(),
              p.now().orElse(""),
              p.proposed(),
              p.days() + "",
              Sizes.count(p.differing()),
              p.largest().toPlainString(),
              String.format(Locale.ROOT, "%.4f %%", 100 * p.largestShare())));
    }
    if (proposals.isEmpty()) {
      output.line("No day is proven yet, from which a tolerance could be told.");
      return;
    }
    output.table(
        Table.of(
            List.of(
                "metrics",
                "measure",
                "tolerance",
                "proposed",
                "days",
                "cells that differed",
                "largest",
                "largest, relative"),
            proposals));
  }

  Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("paths", result.paths().stream().map(CalibrationView::path).toList());
    document.put("tolerances", result.proposals().stream().map(CalibrationView::proposal).toList());
    return document;
  }

  private static Map<String, Object> path(Calibration.SamePath path) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", path.metrics());
    document.put("path", path.path());
    document.put("cells", path.cells());
    document.put("differing", path.differing());
    document.put("examples", path.examples());
    return document;
  }

  private static Map<String, Object> proposal(Calibration.ProposedTolerance p) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", p.metrics());
    document.put("measure", p.measure());
    p.now().ifPresent(now -> document.put("tolerance", now));
    document.put("proposed", p.proposed());
    document.put("but_for_share", p.but());
    document.put("days", p.days());
    document.put("differing", p.differing());
    document.put("largest", p.largest());
    document.put("largest_relative", p.largestShare());
    return document;
  }
}
