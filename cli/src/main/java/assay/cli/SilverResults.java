package assay.cli;

import assay.silver.Disposition;
import assay.silver.SilverResult;
import java.util.List;
import java.util.Map;

/** Prints what runs of silver did, and sums them up for {@code ops/runs}. */
final class SilverResults {
  private SilverResults() {}

  static RunSummary summary(SilverResult result) {
    return new RunSummary(
        result.rows() + " rows read, " + result.loaded() + " loaded",
        Map.of(
            "read",
            result.rows(),
            Disposition.LOADED,
            result.loaded(),
            Disposition.SUPERSEDED,
            result.superseded(),
            Disposition.DUPLICATE,
            result.duplicate(),
            Disposition.DELETED,
            result.deleted(),
            Disposition.QUARANTINED,
            result.quarantined()),
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
