package assay.reconciliation;

import assay.core.ErrorCode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * What comparing each path with itself came to, and which tolerances the evidence of real days asks
 * for.
 */
public record Calibration(List<SamePath> paths, List<ProposedTolerance> proposals) {
  public Calibration {
    paths = List.copyOf(paths);
    proposals = List.copyOf(proposals);
  }

  /**
   * A path compared with itself.
   *
   * @param path {@code batch} or {@code live}
   * @param cells that either run has
   * @param differing cells that are not the same in both: zero, or the comparison proves nothing
   * @param examples some of those, as {@code 2001-01-01 origin=SEA}
   */
  public record SamePath(
      String metrics, String path, long cells, long differing, List<String> examples) {
    public SamePath {
      examples = List.copyOf(examples);
    }
  }

  /**
   * What a measure's tolerance may be.
   *
   * @param now what the contract says; empty where it says nothing
   * @param days of which there is evidence without anything unexplained
   * @param differing cells of these days that were not the same
   * @param largest difference, without sign
   * @param largestShare of the greater of the two values, from 0 to 1
   * @param proposed what bears all but a share of the cells of these days
   * @param but that share, a ratio
   */
  public record ProposedTolerance(
      String metrics,
      String measure,
      Optional<String> now,
      long days,
      long differing,
      BigDecimal largest,
      double largestShare,
      String proposed,
      BigDecimal but) {}

  /** The outcomes of several domains as one. */
  public static Calibration all(List<Calibration> results) {
    return new Calibration(
        results.stream().flatMap(r -> r.paths().stream()).toList(),
        results.stream().flatMap(r -> r.proposals().stream()).toList());
  }

  /** Why the command must not end with 0; empty where each path agrees with itself. */
  public Optional<ErrorCode> failure() {
    return paths.stream().anyMatch(path -> path.differing() > 0)
        ? Optional.of(ErrorCode.DIVERGED)
        : Optional.empty();
  }
}
