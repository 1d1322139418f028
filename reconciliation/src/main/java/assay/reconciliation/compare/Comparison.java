package assay.reconciliation.compare;

import assay.core.ErrorCode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * The outcome of comparing two tables.
 *
 * @param reached the last rung of the ladder that was climbed
 * @param problems what keeps the two from being compared, in a person's words; they end the ladder
 * @param buckets of key hashes that either side has; 0 below {@link Rung#HASHES}
 * @param differing those of {@code buckets} whose rows are not the same
 * @param rowsRead rows of both sides in {@code differing}, which were read and compared one by one
 * @param counts empty below {@link Rung#HASHES}
 * @param measures in the order compared; empty below {@link Rung#HASHES}
 * @param largest of each measure the largest differences, those beyond tolerance first
 * @param onlyInControl keys of some rows that the other side lacks
 * @param doubled some keys that more than one row of a side has
 */
public record Comparison(
    Side control,
    Side test,
    List<String> key,
    Rung reached,
    List<String> problems,
    long buckets,
    long differing,
    long rowsRead,
    Optional<RowCounts> counts,
    List<MeasureCounts> measures,
    List<ValueDifference> largest,
    List<RowKey> onlyInControl,
    List<RowKey> onlyInTest,
    List<DoubledKey> doubled) {
  public Comparison {
    key = List.copyOf(key);
    problems = List.copyOf(problems);
    measures = List.copyOf(measures);
    largest = List.copyOf(largest);
    onlyInControl = List.copyOf(onlyInControl);
    onlyInTest = List.copyOf(onlyInTest);
    doubled = List.copyOf(doubled);
  }

  /** Cheap to dear. */
  public enum Rung {
    SCHEMA,
    KEYS,
    HASHES,
    ROWS
  }

  /**
   * One of the two tables.
   *
   * @param name as it was asked for
   * @param what it was found to be, with its version
   * @param rows that met the condition; 0 where the ladder ended at {@link Rung#SCHEMA}
   * @param doubledKeys how many keys more than one of them has
   */
  public record Side(String name, String what, long rows, long doubledKeys) {}

  /**
   * Rows by how they compare. A row is within tolerance where all of its measures are equal or
   * within, and one at least is not equal.
   */
  public record RowCounts(
      long onlyInControl, long onlyInTest, long equal, long within, long beyond) {}

  /** Rows of both sides by how one measure compares. */
  public record MeasureCounts(
      String measure, String tolerance, long equal, long within, long beyond) {}

  /** The values of a key, as text; an empty one is NULL. */
  public record RowKey(List<Optional<String>> values) {
    public RowKey {
      values = List.copyOf(values);
    }
  }

  /**
   * A key that is not unique.
   *
   * @param side the table's name
   */
  public record DoubledKey(String side, RowKey key, long rows) {}

  /**
   * One value that is not the same on both sides.
   *
   * @param control as text; empty for NULL
   * @param difference test less control; empty where there is none, as between texts or with NULL
   */
  public record ValueDifference(
      RowKey key,
      String measure,
      Optional<String> control,
      Optional<String> test,
      Optional<BigDecimal> difference,
      boolean withinTolerance) {}

  /** {@code MATCH}, {@code TOLERATED}, {@code DIVERGED} or {@code INCONCLUSIVE}. */
  public String verdict() {
    if (counts.isEmpty()) {
      return "DIVERGED";
    }
    RowCounts rows = counts.get();
    if (control.rows() == 0 && test.rows() == 0) {
      return "INCONCLUSIVE";
    }
    if (rows.onlyInControl() + rows.onlyInTest() + rows.beyond() > 0) {
      return "DIVERGED";
    }
    return rows.within() > 0 ? "TOLERATED" : "MATCH";
  }

  /** Why the command must not end with 0; empty where all rows are equal or within tolerance. */
  public Optional<ErrorCode> failure() {
    return switch (verdict()) {
      case "DIVERGED" -> Optional.of(ErrorCode.DIVERGED);
      case "INCONCLUSIVE" -> Optional.of(ErrorCode.INCONCLUSIVE);
      default -> Optional.empty();
    };
  }
}
