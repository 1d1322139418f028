package assay.core.rows;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;

/**
 * A set of keys, told by a hash of 64 bits, that each task asks without a join. Where two keys
 * share a hash both are in the set: who asks must do with some rows too many. Sixteen to thirty-two
 * bytes a key. Public for the code that Spark generates.
 */
public final class KeyHashes implements Serializable {
  private static final long serialVersionUID = 1;
  private static final int LEAST = 16;

  /** Open addressing, at most half full; 0 is an empty place. */
  private long[] table = new long[LEAST];

  private int held;
  private boolean holdsZero;

  /** The hashes of the keys of rows, as often as they come, in parts. */
  public static List<long[]> collect(Dataset<Row> rows, List<String> key) {
    FlatMapFunction<Iterator<InternalRow>, long[]> pack =
        part -> {
          long[] hashes = new long[LEAST];
          int length = 0;
          while (part.hasNext()) {
            if (length == hashes.length) {
              hashes = Arrays.copyOf(hashes, 2 * length);
            }
            hashes[length++] = part.next().getLong(0);
          }
          return List.of(Arrays.copyOf(hashes, length)).iterator();
        };
    return rows.select(hash(key))
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(pack)
        .collect();
  }

  /** Adds a hash, and says whether it was not there before. */
  public boolean add(long hash) {
    if (hash == 0) {
      boolean isNew = !holdsZero;
      holdsZero = true;
      return isNew;
    }
    if (2 * (held + 1) > table.length) {
      grow();
    }
    int place = place(hash);
    if (table[place] == hash) {
      return false;
    }
    table[place] = hash;
    held++;
    return true;
  }

  /** Whether a key with this hash is in the set. */
  public boolean contains(long hash) {
    return hash == 0 ? holdsZero : table[place(hash)] == hash;
  }

  public boolean isEmpty() {
    return held == 0 && !holdsZero;
  }

  static Column hash(List<String> key) {
    return functions.xxhash64(key.stream().map(functions::col).toArray(Column[]::new));
  }

  private void grow() {
    long[] old = table;
    table = new long[2 * old.length];
    for (long hash : old) {
      if (hash != 0) {
        table[place(hash)] = hash;
      }
    }
  }

  /** Where the hash is, or would be. */
  private int place(long hash) {
    int mask = table.length - 1;
    int place = (int) (hash ^ (hash >>> 32)) & mask;
    while (table[place] != 0 && table[place] != hash) {
      place = (place + 1) & mask;
    }
    return place;
  }
}
