package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import assay.core.contract.Contract;
import assay.core.rows.KeyHashes;
import assay.core.rows.SharedHashes;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The keys of a micro-batch, and those of them whose rows must be judged against each other: keys
 * that came more than once, stand already, or are deleted. Most rows of most micro-batches are of
 * none of them, and go past all sorting.
 */
final class MetKeys implements AutoCloseable {
  private final List<String> key;
  private final KeyHashes arrived = new KeyHashes();
  private final KeyHashes met = new KeyHashes();
  private final List<long[]> hashes;
  private final SharedHashes sharedArrived;

  // Known once all that stands was counted in.
  private SharedHashes sharedMet;
  private long standingRows;
  private long arrivedRows;

  /**
   * @param rows that came, with {@link EventParser#OPERATION}
   */
  MetKeys(Contract contract, Dataset<Row> rows) {
    this.key = contract.key();
    this.hashes = KeyHashes.collect(rows, key);
    for (long[] part : hashes) {
      for (long hash : part) {
        if (!arrived.add(hash)) {
          met.add(hash);
        }
      }
    }
    if (contract.source().tellsDeletes()) {
      meet(rows.where(not(col(EventParser.OPERATION).equalTo(EventParser.UPSERT))));
    }
    this.sharedArrived = new SharedHashes(rows.sparkSession(), arrived);
  }

  /** Counts in the rows that stand for keys that came: all of them, in one call. */
  void meetStanding(Dataset<Row> rows) {
    standingRows = meet(rows);
    for (long[] part : hashes) {
      arrivedRows += LongStream.of(part).filter(met::contains).count();
    }
    sharedMet = new SharedHashes(rows.sparkSession(), met);
  }

  private long meet(Dataset<Row> rows) {
    long count = 0;
    for (long[] part : KeyHashes.collect(rows, key)) {
      for (long hash : part) {
        met.add(hash);
      }
      count += part.length;
    }
    return count;
  }

  /** Those of the rows that are of a key that came. */
  Dataset<Row> ofArrived(Dataset<Row> rows) {
    return rows.where(sharedArrived.holds(key));
  }

  /** How many rows are to be judged, those that stand and those that came. */
  long rows() {
    return standingRows + arrivedRows;
  }

  /** How many of them came. */
  long arrivedRows() {
    return arrivedRows;
  }

  /** Those of the rows that are of a key that was met. */
  Dataset<Row> among(Dataset<Row> rows) {
    return rows.where(sharedMet.holds(key));
  }

  /** The others. */
  Dataset<Row> notAmong(Dataset<Row> rows) {
    return met.isEmpty() ? rows : rows.where(not(sharedMet.holds(key)));
  }

  @Override
  public void close() {
    sharedArrived.close();
    if (sharedMet != null) {
      sharedMet.close();
    }
  }
}
