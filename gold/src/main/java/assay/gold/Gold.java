package assay.gold;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.contract.RowFilter;
import assay.silver.EventParser;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;

/** The gold table of a metric set: exact, one row a cell, recomputed by the day. */
public final class Gold {
  private static final String BASIS = "assay.basis";
  private static final String GENERATION = "assay.generation";

  private static final DecimalType TOTAL = new DecimalType(38, 10);

  private final LakeTable table;
  private final Contract contract;
  private final MetricSet metrics;

  public Gold(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this.table = new LakeTable(spark, lake.gold(metrics.name()));
    this.contract = contract;
    this.metrics = metrics;
  }

  public LakeTable table() {
    return table;
  }

  /** The columns that name a cell: the day, then the dimensions. */
  public static List<String> grain(MetricSet metrics) {
    return Stream.concat(Stream.of(EventParser.EVENT_DATE), metrics.by().stream()).toList();
  }

  /**
   * What gold's rows were made of, kept in the table's own schema so that it changes in the same
   * commit as they do.
   *
   * @param basis the definition of the metric set and the silver table it was computed from
   * @param generation grows each time gold is made anew; part of the transaction's id, because
   *     versions of another silver table are not comparable
   */
  record Origin(String basis, long generation) {}

  /** The version of silver that a version of gold was computed from. */
  public OptionalLong silverVersionAt(long goldVersion) {
    Optional<Origin> origin = originAt(goldVersion);
    return origin.isPresent()
        ? table.lastTransactionAt(goldVersion, transactionId(origin.get().generation()))
        : OptionalLong.empty();
  }

  /**
   * The version of silver that gold stands for; empty where there is no gold, or where it would be
   * made anew because its definition or silver is another one.
   */
  OptionalLong silverVersionNow(LakeTable silver) {
    if (!table.exists()) {
      return OptionalLong.empty();
    }
    long version = table.version();
    return isOfToday(version, silver) ? silverVersionAt(version) : OptionalLong.empty();
  }

  /** Whether a version was computed under today's definition, from this silver. */
  public boolean isOfToday(long goldVersion, LakeTable silver) {
    return originAt(goldVersion)
        .filter(origin -> origin.basis().equals(basis(silver, silver.read())))
        .isPresent();
  }

  Optional<Origin> originAt(long goldVersion) {
    StructType schema = table.schemaAt(goldVersion);
    // A query may have made a table of this name before.
    if (schema.getFieldIndex(EventParser.EVENT_DATE).isEmpty()) {
      return Optional.empty();
    }
    Metadata metadata = schema.apply(EventParser.EVENT_DATE).metadata();
    return metadata.contains(BASIS)
        ? Optional.of(new Origin(metadata.getString(BASIS), metadata.getLong(GENERATION)))
        : Optional.empty();
  }

  /**
   * What gold would be computed from now: the definition, the silver table, and the types that the
   * columns come out with, which follow those of silver.
   *
   * @param rows of silver
   */
  String basis(LakeTable silver, Dataset<Row> rows) {
    Stream<String> definition =
        Stream.concat(
            Stream.of(silver.id(), contract.zone().getId(), String.join(",", metrics.by())),
            metrics.measures().stream().map(m -> m.name() + "=" + m.batchSql()));
    Stream<String> filter =
        metrics.filter().isEmpty() ? Stream.of() : Stream.of(metrics.filter().definition());
    Stream<String> types =
        Arrays.stream(aggregate(rows).schema().fields())
            .map(field -> field.name() + ":" + field.dataType().catalogString());
    return Stream.of(definition, filter, types)
        .flatMap(part -> part)
        .collect(Collectors.joining(";"));
  }

  String transactionId(long generation) {
    return "assay.gold." + metrics.name() + "." + generation;
  }

  Dataset<Row> withOrigin(Dataset<Row> cells, Origin origin) {
    Metadata metadata =
        new MetadataBuilder()
            .putString(BASIS, origin.basis())
            .putLong(GENERATION, origin.generation())
            .build();
    return cells.withColumn(
        EventParser.EVENT_DATE,
        functions.col(EventParser.EVENT_DATE).as(EventParser.EVENT_DATE, metadata));
  }

  /**
   * Rows of silver to cells of the metric set: the definition of gold.
   *
   * @param silver whole days
   */
  public Dataset<Row> aggregate(Dataset<Row> silver) {
    org.apache.spark.sql.Column[] by =
        grain(metrics).stream().map(functions::col).toArray(org.apache.spark.sql.Column[]::new);
    List<org.apache.spark.sql.Column> measures =
        metrics.measures().stream().map(Gold::exact).toList();
    return metrics
        .filter()
        .passing(silver)
        .groupBy(by)
        .agg(
            measures.get(0), measures.stream().skip(1).toArray(org.apache.spark.sql.Column[]::new));
  }

  /**
   * How many rows fail each rule of the metric set's filter, by rule. The columns that the rules
   * name are read for it, and no others.
   */
  Map<String, Long> filtered(Dataset<Row> silver) {
    List<RowFilter.Condition> rules = metrics.filter().rules();
    Map<String, Long> filtered = new TreeMap<>();
    if (!rules.isEmpty()) {
      List<org.apache.spark.sql.Column> counts = metrics.filter().countFailing();
      Row counted = silver.select(counts.toArray(org.apache.spark.sql.Column[]::new)).head();
      for (int i = 0; i < rules.size(); i++) {
        filtered.put(rules.get(i).name(), counted.getLong(i));
      }
    }
    return filtered;
  }

  /**
   * The sum over all cells, by day, of each measure that sums up, in the order of the contract; a
   * day without cells is left out, and a sum without a value is empty.
   *
   * @param version of gold
   */
  Map<LocalDate, Map<String, Optional<BigDecimal>>> totals(long version, Set<LocalDate> days) {
    List<Measure> additive = metrics.measures().stream().filter(Measure::additive).toList();
    Map<LocalDate, Map<String, Optional<BigDecimal>>> totals = new TreeMap<>();
    if (additive.isEmpty() || days.isEmpty()) {
      return totals;
    }
    List<org.apache.spark.sql.Column> sums =
        additive.stream()
            .map(m -> functions.try_sum(functions.col(m.name())).try_cast(TOTAL).as(m.name()))
            .toList();
    List<Row> rows =
        table
            .readAt(version)
            .where(functions.col(EventParser.EVENT_DATE).isin(days.toArray()))
            .groupBy(functions.col(EventParser.EVENT_DATE))
            .agg(sums.get(0), sums.stream().skip(1).toArray(org.apache.spark.sql.Column[]::new))
            .collectAsList();
    for (Row row : rows) {
      Map<String, Optional<BigDecimal>> ofDay = new LinkedHashMap<>();
      for (Measure measure : additive) {
        BigDecimal total = row.getAs(measure.name());
        ofDay.put(measure.name(), Optional.ofNullable(total).map(Gold::plain));
      }
      totals.put(row.getLocalDate(0), ofDay);
    }
    return totals;
  }

  /** Without zeros at the end, and without an exponent. */
  private static BigDecimal plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  private static org.apache.spark.sql.Column exact(Measure measure) {
    return functions.expr(measure.batchSql()).as(measure.name());
  }
}
