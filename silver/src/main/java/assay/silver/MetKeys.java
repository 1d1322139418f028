package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import assay.core.contract.Contract;
import assay.core.contract.Source;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The keys of a micro-batch, and those of them whose rows must be judged against each other: keys
 * that came more than once, stand already, or are deleted. Most rows of most micro-batches are of
 * none of them, and go past all sorting.
 */
final class MetKeys {
  private final List<String> key;
  private final KeyHashes arrived = new KeyHashes();
  private final KeyHashes met = new KeyHashes();
  private long standing;
  private final List<long[]> hashes;

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
    if (contract.source().format() == Source.Format.DEBEZIUM) {
      meet(rows.where(not(col(EventParser.OPERATION).equalTo(EventParser.UPSERT))));
    }
  }

  /** Counts in the rows that stand for keys that came. */
  void meetStanding(Dataset<Row> rows) {
    standing += meet(rows);
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
    return rows.where(arrived.holds(key));
  }

  /** How many rows are to be judged, those that stand and those that came. */
  long rows() {
    long rows = standing;
    for (long[] part : hashes) {
      for (long hash : part) {
        rows += met.contains(hash) ? 1 : 0;
      }
    }
    return rows;
  }

  /** Those of the rows that are of a key that was met. */
  Dataset<Row> among(Dataset<Row> rows) {
    return rows.where(met.holds(key));
  }

  /** The others. */
  Dataset<Row> notAmong(Dataset<Row> rows) {
    return met.isEmpty() ? rows : rows.where(not(met.holds(key)));
  }
}
