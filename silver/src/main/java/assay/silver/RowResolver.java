package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.not;

import assay.core.contract.Contract;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** Judges rows and hands what comes of them to a {@link SilverWrite}. */
final class RowResolver implements AutoCloseable {
  /** The place of the mixed keys' rows among the counts. */
  private static final int MIXED = 7;

  private final Dataset<Row> judged;
  private final Row counts;

  /**
   * @param rows see {@link KeyHistory#judge}, with {@link Judged#ORIGIN} and {@link Judged#WAS}
   */
  RowResolver(Contract contract, List<Arrival> truncates, Dataset<Row> rows) {
    KeyHistory history = new KeyHistory(contract, truncates);
    Dataset<Row> first = history.judge(rows).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Row counted = count(first);
      boolean mixed = counted.getLong(MIXED) > 0;
      this.judged = mixed ? judgedAnew(history, first) : first;
      this.counts = mixed ? count(judged) : counted;
      if (mixed) {
        first.unpersist();
      }
    } catch (RuntimeException e) {
      first.unpersist();
      throw e;
    }
  }

  private static Dataset<Row> judgedAnew(KeyHistory history, Dataset<Row> judged) {
    Column mixed = col(KeyHistory.MIXED);
    return judged
        .where(not(mixed))
        .unionByName(history.judgeMixed(judged.where(mixed)))
        .persist(StorageLevel.MEMORY_AND_DISK());
  }

  private static Row count(Dataset<Row> judged) {
    return judged
        .agg(
            count_if(Judged.comesToSilver()),
            count_if(Judged.leavesSilver()),
            count_if(Judged.comesToExceptions()),
            count_if(Judged.leavesExceptions()),
            count_if(Judged.comesToExceptions().and(Judged.is(Disposition.SUPERSEDED))),
            count_if(Judged.comesToExceptions().and(Judged.is(Disposition.DUPLICATE))),
            count_if(Judged.comesToExceptions().and(Judged.is(Disposition.DELETED))),
            count_if(col(KeyHistory.MIXED)))
        .head();
  }

  /** What became of the rows. */
  SilverResult result(String domain) {
    return new SilverResult(
        domain, 0, loaded(), superseded(), replaced(), duplicate(), deleted(), 0, Map.of(), -1);
  }

  private long loaded() {
    return counts.getLong(0);
  }

  /** Rows that lose their place in silver; they are among the superseded. */
  private long replaced() {
    return counts.getLong(1);
  }

  private long superseded() {
    return counts.getLong(4);
  }

  private long duplicate() {
    return counts.getLong(5);
  }

  private long deleted() {
    return counts.getLong(6);
  }

  /**
   * Hands over what changes.
   *
   * @param silverColumns names of silver's columns
   */
  void writeTo(SilverWrite write, List<String> silverColumns) {
    if (loaded() > 0) {
      write.load(judged.where(Judged.comesToSilver()).selectExpr(names(silverColumns)));
    }
    if (replaced() > 0) {
      write.unload(judged.where(Judged.leavesSilver()));
    }
    if (counts.getLong(2) > 0) {
      write.setAside(
          judged
              .where(Judged.comesToExceptions())
              .withColumn(Disposition.COLUMN, col(KeyHistory.OUTCOME)));
    }
    if (counts.getLong(3) > 0) {
      write.takeBack(judged.where(Judged.leavesExceptions()));
    }
  }

  private static String[] names(List<String> columns) {
    return columns.stream().map(name -> "`" + name + "`").toArray(String[]::new);
  }

  @Override
  public void close() {
    judged.unpersist();
  }
}
