package assay.views.live;

import java.util.Arrays;

/**
 * When rows came last, by the fingerprint of all their columns: 24 bytes each, 32 to 96 with the
 * empty places. Holds those of the look-back and forgets older ones as it grows. Times are
 * microseconds since the epoch.
 */
final class SeenRows {
  /** No row came. */
  static final long NEVER = Long.MIN_VALUE;

  private static final int LEAST = 1024;

  /**
   * Open addressing, at most three quarters full; a place is empty where its time is {@link
   * #NEVER}.
   */
  private long[] a;

  private long[] b;
  private long[] at;
  private int held;
  private long forgotten = NEVER;

  SeenRows() {
    allocate(LEAST);
  }

  /** When such a row came last, or {@link #NEVER}. */
  long last(long fingerprintA, long fingerprintB) {
    return at[place(fingerprintA, fingerprintB)];
  }

  /** Notes that a row came; a time before one that is known changes nothing. */
  void put(long fingerprintA, long fingerprintB, long micros) {
    if (4L * (held + 1) > 3L * at.length) {
      grow();
    }
    int place = place(fingerprintA, fingerprintB);
    if (at[place] == NEVER) {
      a[place] = fingerprintA;
      b[place] = fingerprintB;
      held++;
    }
    at[place] = Math.max(at[place], micros);
  }

  /** Rows that came before this are not asked for any more. */
  void forgetBefore(long micros) {
    forgotten = micros;
  }

  /** How many rows it holds, those that are to be forgotten and still there included. */
  int held() {
    return held;
  }

  /** How much memory it takes. */
  long bytes() {
    return 3L * Long.BYTES * at.length;
  }

  private void grow() {
    long[] oldA = a;
    long[] oldB = b;
    long[] oldAt = at;
    int kept = 0;
    for (long time : oldAt) {
      kept += time != NEVER && time >= forgotten ? 1 : 0;
    }
    int length = LEAST;
    while (length < 2 * (kept + 1)) {
      length *= 2;
    }
    allocate(length);
    for (int i = 0; i < oldAt.length; i++) {
      if (oldAt[i] != NEVER && oldAt[i] >= forgotten) {
        put(oldA[i], oldB[i], oldAt[i]);
      }
    }
  }

  private void allocate(int length) {
    a = new long[length];
    b = new long[length];
    at = new long[length];
    Arrays.fill(at, NEVER);
    held = 0;
  }

  /** Where the fingerprint is, or would be. */
  private int place(long fingerprintA, long fingerprintB) {
    int mask = at.length - 1;
    int place = (int) (fingerprintA ^ (fingerprintA >>> 32)) & mask;
    while (at[place] != NEVER && (a[place] != fingerprintA || b[place] != fingerprintB)) {
      place = (place + 1) & mask;
    }
    return place;
  }
}
