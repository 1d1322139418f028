package assay.views.live;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;

/**
 * Walks over the rows of keys, each as they came, and adds to each whether it stands at the end. A
 * row meets the one that stands when it comes, where that came no more than the look-back before
 * it: the one with the higher place stands from then on, and the other one does not. Rows come out
 * in another order.
 */
final class KeyWalk implements Iterator<InternalRow> {
  private final Iterator<InternalRow> rows;
  private final int ingestedAt;
  private final int place;
  private final int number;
  private final long within;

  /** Held until another row takes its place or its key ends; null where no key has begun. */
  private InternalRow standing;

  private InternalRow next;

  /**
   * A walk.
   *
   * @param rows by key, then as they came
   * @param ingestedAt the column that says when a row came, in microseconds
   * @param place the column with its place among the rows of its key, an int
   * @param number the column that counts the rows of its key from 1, an int
   * @param within the look-back, inclusive, in microseconds
   */
  KeyWalk(Iterator<InternalRow> rows, int ingestedAt, int place, int number, long within) {
    this.rows = rows;
    this.ingestedAt = ingestedAt;
    this.place = place;
    this.number = number;
    this.within = within;
  }

  @Override
  public boolean hasNext() {
    while (next == null && rows.hasNext()) {
      // The engine uses the row again for the next one.
      meet(rows.next().copy());
    }
    if (next == null && standing != null) {
      next = with(standing, true);
      standing = null;
    }
    return next != null;
  }

  private void meet(InternalRow row) {
    boolean alone =
        standing == null
            || row.getInt(number) == 1
            || row.getLong(ingestedAt) - standing.getLong(ingestedAt) > within;
    if (alone) {
      next = standing == null ? null : with(standing, true);
      standing = row;
    } else if (row.getInt(place) > standing.getInt(place)) {
      next = with(standing, false);
      standing = row;
    } else {
      next = with(row, false);
    }
  }

  private static InternalRow with(InternalRow row, boolean stands) {
    return new JoinedRow(row, new GenericInternalRow(new Object[] {stands}));
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    InternalRow row = next;
    next = null;
    return row;
  }
}
