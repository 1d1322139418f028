package assay.cli;

import assay.silver.Disposition;
import assay.silver.SilverResult;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Prints what runs of silver did, and sums them up for {@code ops/runs}. */
final class SilverResults {
  private SilverResults() {}

  static RunSummary summary(SilverResult result) {
    Map<String, Long> rows = new TreeMap<>();
    rows.put("read", result.rows());
    rows.put(Disposition.LOADED, result.loaded());
    rows.put(Disposition.SUPERSEDED, result.superseded());
    rows.put(Disposition.DUPLICATE, result.duplicate());
    rows.put(Disposition.DELETED, result.deleted());
    rows.put(Disposition.QUARANTINED, result.quarantined());
    result.warned().forEach((rule, failed) -> rows.put("warn." + rule, failed));
    return new RunSummary(
        result.rows() + " rows read, " + result.loaded() + " loaded",
        rows,
        Map.of("silver", result.version()));
  }

  static void print(CommonOptions common, String name, List<SilverResult> results) {
    if (common.json()) {
      common.output().json(Map.of(name, results));
      return;
    }
    List<String> header =
        List.of(
            "domain",
            "read",
            "loaded",
            "superseded",
            "duplicate",
            "deleted",
            "quarantined",
            "version");
    common
        .output()
        .table(
            Table.of(
                header,
                results.stream()
                    .map(
                        r ->
                            List.of(
                                r.domain(),
                                r.rows() + "",
                                r.loaded() + "",
                                r.superseded() + "",
                                r.duplicate() + "",
                                r.deleted() + "",
                                r.quarantined() + "",
                                r.version() + ""))
                    .toList()));
  }
}
