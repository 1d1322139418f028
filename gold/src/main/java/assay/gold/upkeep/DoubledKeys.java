package assay.gold.upkeep;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import assay.core.TableUpkeep.Group;
import assay.core.contract.Contract;
import assay.silver.EventParser;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Finds keys that stand in silver more than once. Silver looks for the row that stands among the
 * days that a correction reaches; rows of a key further apart do not meet there.
 */
final class DoubledKeys {
  static final int EXAMPLES = 20;

  private static final String ROWS = "_rows";

  private final Contract contract;

  DoubledKeys(Contract contract) {
    this.contract = contract;
  }

  /**
   * Reads all of silver.
   *
   * @param files of silver, for what the answer says was read
   */
  KeyCheck find(Dataset<Row> silver, List<Group> files) {
    Column[] key = contract.key().stream().map(name -> col(name)).toArray(Column[]::new);
    Dataset<Row> doubled =
        silver
            .groupBy(key)
            .agg(count(lit(1)).as(ROWS))
            .where(col(ROWS).gt(1))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long keys = doubled.count();
      return new KeyCheck(
          files.stream().mapToLong(Group::files).sum(),
          files.stream().mapToLong(Group::bytes).sum(),
          keys,
          keys == 0 ? List.of() : examples(silver, doubled.orderBy(key).limit(EXAMPLES)));
    } finally {
      doubled.unpersist();
    }
  }

  private List<DoubledKey> examples(Dataset<Row> silver, Dataset<Row> shown) {
    List<Column> columns = new ArrayList<>();
    contract.key().forEach(name -> columns.add(col(name).cast("string")));
    columns.add(col(EventParser.EVENT_DATE));
    columns.add(col(EventParser.PARTITION));
    columns.add(col(EventParser.OFFSET));
    List<Column> order = new ArrayList<>();
    contract.key().forEach(name -> order.add(col(name)));
    order.add(col(EventParser.EVENT_DATE));
    order.add(col(EventParser.PARTITION));
    order.add(col(EventParser.OFFSET));
    Map<Map<String, String>, List<DoubledKey.Place>> places = new LinkedHashMap<>();
    int keys = contract.key().size();
    for (Row row :
        silver
            .join(broadcast(shown), contract.key().toArray(String[]::new), "left_semi")
            .orderBy(order.toArray(Column[]::new))
            .select(columns.toArray(Column[]::new))
            .collectAsList()) {
      Map<String, String> values = new LinkedHashMap<>();
      for (int i = 0; i < keys; i++) {
        values.put(contract.key().get(i), row.getString(i));
      }
      LocalDate day = row.getLocalDate(keys);
      places
          .computeIfAbsent(values, k -> new ArrayList<>())
          .add(new DoubledKey.Place(day, row.getInt(keys + 1), row.getLong(keys + 2)));
    }
    return places.entrySet().stream().map(e -> new DoubledKey(e.getKey(), e.getValue())).toList();
  }
}
