package assay.reconciliation.compare;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.inline;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import assay.reconciliation.compare.Comparison.MeasureCounts;
import assay.reconciliation.compare.Comparison.RowCounts;
import assay.reconciliation.compare.Comparison.RowKey;
import assay.reconciliation.compare.Comparison.ValueDifference;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/** Compares rows one by one, by a full join on the key in which NULL is a value like any other. */
final class RowComparison {
  private static final String CONTROL = "control_";
  private static final String TEST = "test_";
  private static final String IN = "in";
  private static final String KEY = "key_";
  private static final String STATE = "state_";
  private static final String VALUE = "value_";

  private static final int EQUAL = 0;
  private static final int WITHIN = 1;
  private static final int BEYOND = 2;

  private final ComparedColumns columns;
  private final int limit;

  RowComparison(ComparedColumns columns, int limit) {
    this.columns = columns;
    this.limit = limit;
  }

  /** How the rows that were read compare; those of all others are equal. */
  record Outcome(
      RowCounts counts,
      List<MeasureCounts> measures,
      List<ValueDifference> largest,
      List<RowKey> onlyInControl,
      List<RowKey> onlyInTest) {}

  /**
   * Joins and compares.
   *
   * @param control rows of {@link SideRows#rows}, no two of one key
   */
  Outcome compare(Dataset<Row> control, Dataset<Row> test) {
    Dataset<Row> compared = judge(join(control, test)).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Row counts = count(compared);
      List<MeasureCounts> measures = new ArrayList<>();
      for (ComparedColumn measure : columns.measures()) {
        measures.add(
            new MeasureCounts(
                measure.name(),
                measure.spokenTolerance(),
                counts.<Long>getAs(of(measure, EQUAL)),
                counts.<Long>getAs(of(measure, WITHIN)),
                counts.<Long>getAs(of(measure, BEYOND))));
      }
      RowCounts rows =
          new RowCounts(
              counts.getLong(0),
              counts.getLong(1),
              counts.getLong(2),
              counts.getLong(3),
              counts.getLong(4));
      return new Outcome(
          rows,
          measures,
          rows.within() + rows.beyond() > 0 ? largest(compared) : List.of(),
          rows.onlyInControl() > 0 ? keys(compared.where(only(CONTROL, TEST))) : List.of(),
          rows.onlyInTest() > 0 ? keys(compared.where(only(TEST, CONTROL))) : List.of());
    } finally {
      compared.unpersist();
    }
  }

  private Dataset<Row> join(Dataset<Row> control, Dataset<Row> test) {
    Column sameKey =
        columns.key().stream().map(c -> c.equal(CONTROL, TEST)).reduce(Column::and).orElseThrow();
    return prefixed(control, CONTROL).join(prefixed(test, TEST), sameKey, "full_outer");
  }

  private static Dataset<Row> prefixed(Dataset<Row> side, String prefix) {
    List<Column> renamed = new ArrayList<>(List.of(lit(true).as(prefix + IN)));
    for (String name : side.columns()) {
      renamed.add(col(name).as(prefix + name));
    }
    return side.select(renamed.toArray(Column[]::new));
  }

  private Dataset<Row> judge(Dataset<Row> joined) {
    Column both = both();
    List<Column> selected = new ArrayList<>(List.of(col(CONTROL + IN), col(TEST + IN)));
    for (ComparedColumn key : columns.key()) {
      selected.add(
          coalesce(col(CONTROL + key.text()), col(TEST + key.text())).as(KEY + key.place()));
    }
    for (ComparedColumn measure : columns.measures()) {
      selected.add(
          when(not(both), lit(null))
              .when(measure.equal(CONTROL, TEST), EQUAL)
              .when(measure.within(CONTROL, TEST), WITHIN)
              .otherwise(BEYOND)
              .as(STATE + measure.place()));
      Column difference = measure.difference(CONTROL, TEST);
      selected.add(
          struct(
                  col(CONTROL + measure.text()).as("control"),
                  col(TEST + measure.text()).as("test"),
                  difference.cast(DataTypes.StringType).as("difference"),
                  abs(difference.try_cast(DataTypes.DoubleType)).as("size"))
              .as(VALUE + measure.place()));
    }
    return joined.select(selected.toArray(Column[]::new));
  }

  private static Column both() {
    return col(CONTROL + IN).isNotNull().and(col(TEST + IN).isNotNull());
  }

  private static Column only(String side, String other) {
    return col(side + IN).isNotNull().and(col(other + IN).isNull());
  }

  private Row count(Dataset<Row> compared) {
    Column worst =
        greatest(
            Stream.concat(
                    Stream.of(lit(EQUAL), lit(EQUAL)),
                    columns.measures().stream().map(m -> col(STATE + m.place())))
                .toArray(Column[]::new));
    List<Column> counts =
        new ArrayList<>(
            List.of(
                count_if(only(TEST, CONTROL)),
                count_if(both().and(worst.equalTo(EQUAL))),
                count_if(both().and(worst.equalTo(WITHIN))),
                count_if(both().and(worst.equalTo(BEYOND)))));
    for (ComparedColumn measure : columns.measures()) {
      for (int state : List.of(EQUAL, WITHIN, BEYOND)) {
        counts.add(count_if(col(STATE + measure.place()).equalTo(state)).as(of(measure, state)));
      }
    }
    return compared.agg(count_if(only(CONTROL, TEST)), counts.toArray(Column[]::new)).head();
  }

  private static String of(ComparedColumn measure, int state) {
    return "count_" + measure.place() + "_" + state;
  }

  private List<ValueDifference> largest(Dataset<Row> compared) {
    if (limit == 0) {
      return List.of();
    }
    Column[] values =
        columns.measures().stream()
            .map(
                m ->
                    struct(
                        lit(m.place()).as("place"),
                        col(STATE + m.place()).as("state"),
                        col(VALUE + m.place()).as("value")))
            .toArray(Column[]::new);
    Column[] order =
        Stream.concat(
                Stream.of(col("state").desc(), col("value.size").desc_nulls_last()),
                Arrays.stream(keyColumns()))
            .toArray(Column[]::new);
    return compared
        .where(both())
        .select(
            Stream.concat(Arrays.stream(keyColumns()), Stream.of(inline(array(values))))
                .toArray(Column[]::new))
        .where(col("state").gt(EQUAL))
        .withColumn("rank", row_number().over(Window.partitionBy("place").orderBy(order)))
        .where(col("rank").leq(limit))
        .orderBy("place", "rank")
        .collectAsList()
        .stream()
        .map(this::difference)
        .toList();
  }

  private ValueDifference difference(Row row) {
    int place = row.<Integer>getAs("place");
    Row value = row.getAs("value");
    String measure =
        columns.measures().stream()
            .filter(m -> m.place() == place)
            .map(ComparedColumn::name)
            .findFirst()
            .orElseThrow();
    return new ValueDifference(
        key(row),
        measure,
        Optional.ofNullable(value.getString(0)),
        Optional.ofNullable(value.getString(1)),
        Optional.ofNullable(value.getString(2)).flatMap(RowComparison::number),
        row.<Integer>getAs("state") == WITHIN);
  }

  /** Empty for NaN and the infinite, which are no differences that can be written as a number. */
  private static Optional<BigDecimal> number(String text) {
    boolean finite = !text.endsWith("NaN") && !text.endsWith("Infinity");
    return finite ? Optional.of(new BigDecimal(text).stripTrailingZeros()) : Optional.empty();
  }

  private List<RowKey> keys(Dataset<Row> rows) {
    return rows.select(keyColumns()).orderBy(keyColumns()).limit(limit).collectAsList().stream()
        .map(this::key)
        .toList();
  }

  private RowKey key(Row row) {
    return new RowKey(
        columns.key().stream()
            .map(c -> Optional.ofNullable(row.<String>getAs(KEY + c.place())))
            .toList());
  }

  private Column[] keyColumns() {
    return columns.key().stream().map(c -> col(KEY + c.place())).toArray(Column[]::new);
  }
}
