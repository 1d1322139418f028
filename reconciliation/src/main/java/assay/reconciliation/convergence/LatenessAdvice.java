package assay.reconciliation.convergence;

import java.time.Duration;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What evidence says about how long a domain's stream should wait for rows.
 *
 * @param current the contract's allowed lateness
 * @param from the first day that was looked at
 * @param to the last, inclusive
 * @param rows of silver on those days that the stream has read
 * @param curves how the live numbers became final
 * @param candidates by allowed lateness, shortest first
 * @param suggested the shortest candidate that leaves {@link #LEFT} of all rows or less to be late;
 *     empty where none does
 */
public record LatenessAdvice(
    String domain,
    Duration current,
    LocalDate from,
    LocalDate to,
    long rows,
    List<Curve> curves,
    List<Candidate> candidates,
    Optional<Duration> suggested) {
  /** The share of windows that must have settled for a number to be called final. */
  public static final double SETTLED = 0.999;

  /** The share of rows that may be late under what is suggested. */
  public static final double LEFT = 0.001;

  public LatenessAdvice {
    curves = List.copyOf(curves);
    candidates = List.copyOf(candidates);
  }

  /**
   * How a measure became final.
   *
   * @param points by age, youngest first
   */
  public record Curve(String metrics, String measure, List<Point> points) {
    public Curve {
      points = List.copyOf(points);
    }

    /** The least age at which {@link #SETTLED} of the windows stay within tolerance. */
    public Optional<Integer> finalAfterMinutes() {
      return points.stream()
          .filter(p -> p.settledShare() >= SETTLED)
          .map(Point::minutes)
          .findFirst();
    }
  }

  /**
   * All days together at one age of windows.
   *
   * @param windows of cells that had closed so long ago
   * @param exactShare of them that showed the final value
   * @param settledShare of them that stayed within tolerance of it from there on
   * @param errorP90 on the worst day
   * @param errorMax on the worst day
   */
  public record Point(
      int minutes,
      long windows,
      double exactShare,
      double settledShare,
      double errorP90,
      double errorMax) {}

  /**
   * One allowed lateness.
   *
   * @param late rows that it would leave out
   * @param metrics what that does to the metric sets
   */
  public record Candidate(Duration lateness, long late, List<Touched> metrics, Cost cost) {
    public Candidate {
      metrics = List.copyOf(metrics);
    }
  }

  /**
   * A metric set under a candidate.
   *
   * @param cells of its days
   * @param touched those of which a row would be late
   * @param missing by measure that sums rows: the share of its total, each row without its sign,
   *     that would be late; from 0 to 1
   */
  public record Touched(String metrics, long cells, long touched, Map<String, Double> missing) {
    public Touched {
      missing = Collections.unmodifiableMap(new TreeMap<>(missing));
    }
  }

  /**
   * What a candidate costs more than today's allowed lateness; below zero what it saves.
   *
   * @param open how much longer a window takes rows
   * @param afterClose for how long a day takes rows after its grace is over, when upkeep has put
   *     its files together; not compared with today
   * @param partialRows rows of live tables, at most
   * @param lookBackRows fingerprints in the look-back, at any time on average
   */
  public record Cost(
      Duration open,
      Duration afterClose,
      long partialRows,
      long partialBytes,
      long lookBackRows,
      long lookBackBytes) {}

  /** The least age at which all measures of all metric sets are final; empty where one is not. */
  public Optional<Integer> finalAfterMinutes() {
    List<Optional<Integer>> all = curves.stream().map(Curve::finalAfterMinutes).toList();
    return all.stream().allMatch(Optional::isPresent)
        ? all.stream().flatMap(Optional::stream).max(Integer::compare)
        : Optional.empty();
  }
}
