package assay.tests.oracle;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * "The batch path" of the page.
 *
 * @param <C> the contract's columns
 */
public final class BatchPath<C> {
  private final Comparator<Reading<C>> place;
  private final Map<Position, Disposition> dispositions = new TreeMap<>();

  /** By key the row that stands, or the delete that took it away. */
  private final Map<Object, Reading<C>> standing = new HashMap<>();

  private BatchPath(Comparator<C> orderBy) {
    this.place =
        Comparator.comparing((Reading<C> r) -> r.columns(), orderBy)
            .thenComparing(r -> r.row().position());
  }

  /**
   * Judges rows.
   *
   * @param readings in the order of bronze
   * @param orderBy the contract's {@code order_by}
   */
  public static <C> Map<Position, Disposition> judge(
      List<Reading<C>> readings, Comparator<C> orderBy) {
    BatchPath<C> path = new BatchPath<>(orderBy);
    readings.forEach(path::judge);
    return path.dispositions;
  }

  private void judge(Reading<C> next) {
    if (next.fails()) {
      put(next, Disposition.QUARANTINED);
    } else if (next.operation() == Operation.TRUNCATE) {
      standing.values().forEach(stands -> put(stands, Disposition.SUPERSEDED));
      standing.clear();
      put(next, Disposition.DELETED);
    } else {
      meet(next);
    }
  }

  private void meet(Reading<C> next) {
    Reading<C> stands = standing.get(next.key());
    if (stands == null) {
      stand(next);
    } else if (isDuplicate(next, stands)) {
      put(next, Disposition.DUPLICATE);
    } else if (isReset(next) || isReset(stands) || place.compare(next, stands) > 0) {
      put(stands, Disposition.SUPERSEDED);
      stand(next);
    } else {
      put(next, Disposition.SUPERSEDED);
    }
  }

  private static <C> boolean isDuplicate(Reading<C> next, Reading<C> stands) {
    return isReset(next)
        ? isDelete(stands)
        : next.operation() == stands.operation() && next.columns().equals(stands.columns());
  }

  private static boolean isDelete(Reading<?> reading) {
    return reading.operation() == Operation.DELETE;
  }

  /** A delete that no value places among the rows of its key: it counts by when it came. */
  private static boolean isReset(Reading<?> reading) {
    return isDelete(reading) && !reading.ordered();
  }

  private void stand(Reading<C> next) {
    standing.put(next.key(), next);
    put(next, isDelete(next) ? Disposition.DELETED : Disposition.LOADED);
  }

  private void put(Reading<C> reading, Disposition disposition) {
    dispositions.put(reading.row().position(), disposition);
  }
}
