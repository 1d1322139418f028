package assay.views.live;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Consumer;

/**
 * The rows that count for their keys, by a hash of the key: 28 bytes each, 37 to 112 with the empty
 * places. Keys that share a hash have an entry each: who asks must compare the keys themselves.
 * Holds the rows of the look-back and forgets older ones as it grows. Times are microseconds since
 * the epoch.
 */
final class StandingRows {
  private static final int LEAST = 1024;

  /** Marks a place whose row was taken back; no row came then. */
  private static final long TAKEN_BACK = SeenRows.NEVER + 1;

  private static final int BYTES = 3 * Long.BYTES + Integer.BYTES;

  /** Open addressing, at most three quarters full; a place is empty where its time is never. */
  private long[] hashes;

  private long[] at;
  private int[] partitions;
  private long[] offsets;
  private int held;
  private long forgotten = SeenRows.NEVER;

  StandingRows() {
    allocate(LEAST);
  }

  /**
   * A row that counts.
   *
   * @param hash of its key
   * @param at when it came
   */
  record Standing(long hash, long at, int partition, long offset) {}

  /** Rows on their way from a task, which would take many times as long one by one. */
  static final class Packed implements Serializable {
    private static final long serialVersionUID = 1;
    private static final int WIDTH = 4;

    private long[] values = new long[0];
    private int length;

    void add(long hash, long at, int partition, long offset) {
      if (length == values.length) {
        values = Arrays.copyOf(values, Math.max(64 * WIDTH, 2 * length));
      }
      values[length++] = hash;
      values[length++] = at;
      values[length++] = partition;
      values[length++] = offset;
    }

    /** Takes away the room that is left; for when all rows are in. */
    Packed trimmed() {
      values = Arrays.copyOf(values, length);
      return this;
    }

    int rows() {
      return length / WIDTH;
    }

    void each(Consumer<Standing> visitor) {
      for (int i = 0; i < length; i += WIDTH) {
        visitor.accept(new Standing(values[i], values[i + 1], (int) values[i + 2], values[i + 3]));
      }
    }
  }

  /**
   * Adds those that may be of a key and came at a time or later, and says whether there are any.
   */
  boolean find(long hash, long since, Collection<Standing> found) {
    boolean any = false;
    int mask = at.length - 1;
    for (int i = first(hash); at[i] != SeenRows.NEVER; i = (i + 1) & mask) {
      if (hashes[i] == hash && at[i] != TAKEN_BACK && at[i] >= since) {
        found.add(new Standing(hash, at[i], partitions[i], offsets[i]));
        any = true;
      }
    }
    return any;
  }

  void add(Standing row) {
    if (4L * (held + 1) > 3L * at.length) {
      grow();
    }
    int mask = at.length - 1;
    int place = first(row.hash());
    while (at[place] != SeenRows.NEVER) {
      place = (place + 1) & mask;
    }
    hashes[place] = row.hash();
    at[place] = row.at();
    partitions[place] = row.partition();
    offsets[place] = row.offset();
    held++;
  }

  /** Notes that a row does not count any more. */
  void takeBack(Standing row) {
    int mask = at.length - 1;
    for (int i = first(row.hash()); at[i] != SeenRows.NEVER; i = (i + 1) & mask) {
      if (partitions[i] == row.partition() && offsets[i] == row.offset()) {
        at[i] = TAKEN_BACK;
      }
    }
  }

  /** Rows that came before this are not asked for any more. */
  void forgetBefore(long micros) {
    forgotten = micros;
  }

  /** How much memory it takes. */
  long bytes() {
    return (long) BYTES * at.length;
  }

  /** How much memory so many rows take at most. */
  static long bytes(long rows) {
    return 4 * BYTES * rows;
  }

  private void grow() {
    long[] oldHashes = hashes;
    long[] oldAt = at;
    int[] oldPartitions = partitions;
    long[] oldOffsets = offsets;
    int kept = 0;
    for (long time : oldAt) {
      kept += isKept(time) ? 1 : 0;
    }
    int length = LEAST;
    while (length < 2 * (kept + 1)) {
      length *= 2;
    }
    allocate(length);
    for (int i = 0; i < oldAt.length; i++) {
      if (isKept(oldAt[i])) {
        add(new Standing(oldHashes[i], oldAt[i], oldPartitions[i], oldOffsets[i]));
      }
    }
  }

  private boolean isKept(long time) {
    return time != SeenRows.NEVER && time != TAKEN_BACK && time >= forgotten;
  }

  private void allocate(int length) {
    hashes = new long[length];
    at = new long[length];
    partitions = new int[length];
    offsets = new long[length];
    Arrays.fill(at, SeenRows.NEVER);
    held = 0;
  }

  /** Where the search for a hash begins. */
  private int first(long hash) {
    return (int) (hash ^ (hash >>> 32)) & (at.length - 1);
  }
}
