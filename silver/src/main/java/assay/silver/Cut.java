package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.ingestion.Bronze;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The point in bronze up to which a side has read.
 *
 * @param lastOffsets by Kafka partition, inclusive; a partition that is not named was not read
 */
public record Cut(Map<Integer, Long> lastOffsets) {
  public Cut {
    lastOffsets = Collections.unmodifiableMap(new TreeMap<>(lastOffsets));
  }

  /**
   * Whether the row at this position was not read, said in comparisons with literals, so that the
   * files of a table whose statistics rule it out are not opened.
   */
  public Column isBefore(Column partition, Column offset) {
    Column unread = not(partition.isin(lastOffsets.keySet().toArray()));
    for (Map.Entry<Integer, Long> entry : lastOffsets.entrySet()) {
      unread = unread.or(partition.equalTo(entry.getKey()).and(offset.gt(lit(entry.getValue()))));
    }
    return unread;
  }

  /** How many rows of bronze were not read. */
  public long pending(Dataset<Row> bronze) {
    return bronze.where(isBefore(col(Bronze.PARTITION), col(Bronze.OFFSET))).count();
  }

  /** For people and for tables: {@code 0:1199,1:1203}. */
  @Override
  public String toString() {
    return lastOffsets.entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
