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
  private final Comparator<Standing<C>> place;
  private final Map<Position, Disposition> dispositions = new TreeMap<>();
  private final Map<Object, Standing<C>> standing = new HashMap<>();

  /**
   * What stands for a key: its row, or the delete that took it away.
   *
   * @param orderedBy the columns whose {@code order_by} it counts with, which a delete may have
   *     taken over from the row it deleted
   */
  private record Standing<C>(Reading<C> reading, C orderedBy) {
    Standing(Reading<C> reading) {
      this(reading, reading.columns());
    }

    boolean isDelete() {
      return reading.operation() == Operation.DELETE;
    }
  }

  private BatchPath(Comparator<C> orderBy) {
    this.place =
        Comparator.comparing((Standing<C> s) -> s.orderedBy(), orderBy)
            .thenComparing(s -> s.reading().row().position());
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

  private void judge(Reading<C> reading) {
    if (reading.fails()) {
      put(reading, Disposition.QUARANTINED);
    } else if (reading.operation() == Operation.TRUNCATE) {
      standing.values().forEach(stands -> put(stands.reading(), Disposition.SUPERSEDED));
      standing.clear();
      put(reading, Disposition.DELETED);
    } else {
      meet(reading);
    }
  }

  private void meet(Reading<C> reading) {
    Standing<C> next = new Standing<>(reading);
    Standing<C> stands = standing.get(reading.key());
    if (stands == null) {
      stand(next);
    } else if (isDuplicate(next, stands)) {
      put(reading, Disposition.DUPLICATE);
    } else if (next.isDelete() && !reading.ordered()) {
      put(stands.reading(), Disposition.SUPERSEDED);
      stand(new Standing<>(reading, stands.orderedBy()));
    } else if (place.compare(next, stands) > 0) {
      put(stands.reading(), Disposition.SUPERSEDED);
      stand(next);
    } else {
      put(reading, Disposition.SUPERSEDED);
    }
  }

  private static <C> boolean isDuplicate(Standing<C> next, Standing<C> stands) {
    return next.isDelete()
        ? stands.isDelete() && !next.reading().ordered()
        : !stands.isDelete() && stands.reading().columns().equals(next.reading().columns());
  }

  private void stand(Standing<C> next) {
    standing.put(next.reading().key(), next);
    put(next.reading(), next.isDelete() ? Disposition.DELETED : Disposition.LOADED);
  }

  private void put(Reading<C> reading, Disposition disposition) {
    dispositions.put(reading.row().position(), disposition);
  }
}
