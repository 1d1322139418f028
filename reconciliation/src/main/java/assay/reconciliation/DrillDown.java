package assay.reconciliation;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.try_divide;
import static org.apache.spark.sql.functions.try_sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import assay.core.contract.MetricSet;
import assay.silver.EventParser;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Which values of which dimension carry a difference. It is told of each measure and dimension, and
 * that dimension explains best of which the smallest share of its values carries most of the
 * difference: two of 120 origins, say, rather than 40 of 110 destinations.
 */
public final class DrillDown {
  /** How many values of a dimension are named; the others are summed up as the rest. */
  static final int NAMED = 10;

  /** The verdict of a difference that does not count, because the contract ignores it. */
  public static final String IGNORED = CellComparison.IGNORED;

  /** What counts as most of a difference. */
  private static final double MOST = 0.8;

  /** How far {@code of_values} may be off, relative. */
  private static final double DEVIATION = 0.01;

  static final StructType SCHEMA =
      new StructType()
          .add(EvidenceTables.EVIDENCE_ID, StringType)
          .add("metrics", StringType)
          .add("day", DateType)
          .add("measure", StringType)
          .add("dimension", StringType)
          // NULL too where it is the rest: see place.
          .add("value", StringType)
          .add("difference", CellComparison.AMOUNT)
          .add("share", DoubleType)
          // 1 for the value that carries most; NULL for the rest.
          .add("place", IntegerType)
          // How many values the row stands for: more than one only for the rest.
          .add("values", LongType)
          // How many values carry most of the difference, and how many the day has, about.
          .add("carriers", LongType)
          .add("of_values", LongType);

  private static final String SIZE = "_size";
  private static final String TOTAL = "_total";
  private static final String BEFORE = "_before";

  private DrillDown() {}

  /**
   * A dimension's part in the difference of a measure.
   *
   * @param carriers how many of its values carry most of the difference
   * @param ofValues about how many it has in the cells that were compared
   * @param values those that carry most, largest first
   * @param rest the others, where there are any; its value is empty
   */
  public record Explanation(
      String metrics,
      String measure,
      String dimension,
      long carriers,
      long ofValues,
      List<Part> values,
      Optional<Part> rest) {
    public Explanation {
      values = List.copyOf(values);
    }

    /** For JSON. */
    public Map<String, Object> document() {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("metrics", metrics);
      document.put("measure", measure);
      document.put("dimension", dimension);
      document.put("carriers", carriers);
      document.put("of_values", ofValues);
      document.put("values", values.stream().map(Part::document).toList());
      rest.ifPresent(part -> document.put("rest", part.document()));
      return document;
    }

    /** The smaller, the better it explains; a dimension with one value explains nothing. */
    double concentration() {
      return ofValues <= 1 ? Double.MAX_VALUE : (double) carriers / ofValues;
    }
  }

  /**
   * A value's part in a difference.
   *
   * @param value empty where it is NULL
   * @param difference test less control
   * @param share of the sum of all differences without their signs, 0 to 1
   * @param values how many values it stands for
   */
  public record Part(Optional<String> value, BigDecimal difference, double share, long values) {
    Map<String, Object> document() {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("value", value.orElse(null));
      document.put("difference", difference);
      document.put("share", share);
      document.put("values", values);
      return document;
    }
  }

  /**
   * Stores which values carry the differences of some evidence.
   *
   * @param cells rows of {@link EvidenceTables#cells}, those of the evidence among them
   * @param control all cells of gold of these days: how many values a dimension has
   */
  static void store(
      EvidenceTables tables,
      MetricSet metrics,
      Dataset<Row> cells,
      Dataset<Row> control,
      Set<String> evidenceIds) {
    if (evidenceIds.isEmpty() || metrics.by().isEmpty()) {
      return;
    }
    Dataset<Row> differing =
        cells.where(col(EvidenceTables.EVIDENCE_ID).isin(evidenceIds.toArray()));
    Dataset<Row> rows =
        byValue(differing, List.of(EvidenceTables.EVIDENCE_ID, "metrics", "day"))
            .join(
                broadcast(valuesOf(control, metrics)),
                new String[] {"day", "dimension"},
                "left_outer")
            .select(Arrays.stream(SCHEMA.fieldNames()).map(functions::col).toArray(Column[]::new));
    EvidenceTables.appendOnce(tables.drillDown(), rows, evidenceIds);
  }

  /** About how many values each dimension has on each day, whether or not their cells differ. */
  private static Dataset<Row> valuesOf(Dataset<Row> control, MetricSet metrics) {
    List<Column> counts = new ArrayList<>();
    for (String dimension : metrics.by()) {
      counts.add(lit(dimension));
      counts.add(approx_count_distinct(col(dimension), DEVIATION));
    }
    return control
        .groupBy(col(EventParser.EVENT_DATE).as("day"))
        .agg(map(counts.toArray(Column[]::new)).as("counts"))
        .select(col("day"), explode(col("counts")).as(new String[] {"dimension", "of_values"}));
  }

  /**
   * Over several days at once, the best explanation of each measure first.
   *
   * @param evidenceIds of the days; those whose drill-down was not stored are left out
   */
  public static List<Explanation> over(
      SparkSession spark, EvidenceTables tables, Collection<String> evidenceIds) {
    if (!tables.drillDown().exists()) {
      return List.of();
    }
    Dataset<Row> ids =
        broadcast(
            spark
                .createDataset(List.copyOf(evidenceIds), Encoders.STRING())
                .toDF(EvidenceTables.EVIDENCE_ID));
    String[] id = {EvidenceTables.EVIDENCE_ID};
    Dataset<Row> values =
        tables
            .drillDown()
            .read()
            .join(ids, id, "left_semi")
            .groupBy("metrics", "dimension")
            .agg(max("of_values").as("of_values"));
    List<Row> rows =
        byValue(tables.cells().read().join(ids, id, "left_semi"), List.of("metrics"))
            .join(broadcast(values), new String[] {"metrics", "dimension"})
            .orderBy(
                col("metrics"), col("measure"), col("dimension"), col("place").asc_nulls_last())
            .collectAsList();
    Map<List<String>, List<Row>> grouped = new LinkedHashMap<>();
    for (Row row : rows) {
      grouped
          .computeIfAbsent(
              List.of(row.getAs("metrics"), row.getAs("measure"), row.getAs("dimension")),
              key -> new ArrayList<>())
          .add(row);
    }
    return grouped.values().stream()
        .map(DrillDown::explanation)
        .sorted(
            Comparator.comparing(Explanation::metrics)
                .thenComparing(Explanation::measure)
                .thenComparingDouble(Explanation::concentration)
                .thenComparingLong(Explanation::carriers))
        .toList();
  }

  private static Explanation explanation(List<Row> rows) {
    Row any = rows.get(0);
    List<Part> named = new ArrayList<>();
    Optional<Part> rest = Optional.empty();
    for (Row row : rows) {
      Part part =
          new Part(
              Optional.ofNullable(row.getAs("value")),
              row.<BigDecimal>getAs("difference").stripTrailingZeros(),
              row.<Double>getAs("share"),
              row.<Long>getAs("values"));
      if (row.getAs("place") == null) {
        rest = Optional.of(part);
      } else {
        named.add(part);
      }
    }
    long carriers = any.<Long>getAs("carriers");
    return new Explanation(
        any.getAs("metrics"),
        any.getAs("measure"),
        any.getAs("dimension"),
        carriers,
        // It is an estimate, and of one day.
        Math.max(any.getAs("of_values") == null ? 0 : any.<Long>getAs("of_values"), carriers),
        named,
        rest);
  }

  /**
   * A row a value that is named, and one for the rest, with {@code place}, {@code share}, {@code
   * values} and {@code carriers}.
   *
   * @param cells of {@link EvidenceTables#CELLS}
   * @param group columns within whose values differences are added up
   */
  private static Dataset<Row> byValue(Dataset<Row> cells, List<String> group) {
    List<String> dimension = new ArrayList<>(group);
    dimension.addAll(List.of("measure", "dimension"));
    Column[] of = dimension.stream().map(functions::col).toArray(Column[]::new);
    List<Column> exploded = new ArrayList<>(group.stream().map(functions::col).toList());
    exploded.addAll(
        List.of(
            col("measure"),
            col("difference"),
            explode(col(EvidenceTables.DIMENSIONS)).as(new String[] {"dimension", "value"})));
    WindowSpec all = Window.partitionBy(of);
    WindowSpec ordered = all.orderBy(col(SIZE).desc(), col("value").asc_nulls_last());
    Column before = sum(SIZE).over(ordered.rowsBetween(Window.unboundedPreceding(), -1));
    return cells
        .where(col("difference").notEqual(0).and(col("verdict").notEqual(IGNORED)))
        .select(exploded.toArray(Column[]::new))
        .groupBy(with(of, col("value")))
        .agg(
            amount(try_sum(col("difference"))).as("difference"),
            amount(try_sum(abs(col("difference")))).as(SIZE))
        .withColumn("place", row_number().over(ordered))
        .withColumn(TOTAL, sum(SIZE).over(all))
        .withColumn(BEFORE, coalesce(before, lit(0)))
        .withColumn("carriers", count_if(col(BEFORE).lt(col(TOTAL).multiply(lit(MOST)))).over(all))
        .withColumn("place", when(col("place").leq(NAMED), col("place")))
        .withColumn("value", when(col("place").isNotNull(), col("value")))
        .groupBy(with(of, col("place")))
        .agg(
            max("value").as("value"),
            amount(try_sum(col("difference"))).as("difference"),
            try_divide(sum(SIZE).cast(DoubleType), max(TOTAL).cast(DoubleType)).as("share"),
            count(lit(1)).as("values"),
            max("carriers").as("carriers"));
  }

  private static Column[] with(Column[] columns, Column one) {
    return Stream.concat(Arrays.stream(columns), Stream.of(one)).toArray(Column[]::new);
  }

  private static Column amount(Column sum) {
    return coalesce(sum.try_cast(CellComparison.AMOUNT), lit(0).cast(CellComparison.AMOUNT));
  }
}
