package assay.reconciliation;

import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.xxhash64;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition.Latest;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/** Compares `latest` live views with silver, row by row, for some of their keys. */
public final class DualReadStage {
  private static final String HASH = "__hash";
  private static final String LAST = "__last";
  private static final String CONTROL = "__control";
  private static final String TEST = "__test";
  private static final String PUT_RIGHT = "__put_right";
  private static final String CAUSES = "__causes";

  /** Hashes are looked at as numbers below this one. */
  private static final long HASHES = 1L << 31;

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;

  public DualReadStage(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
  }

  /**
   * Reads the keys in each `latest` live view of the domain that has the key's columns.
   *
   * @throws AssayException where there is no such view
   */
  public DualReads run(DualReadRequest request) {
    List<Latest> views =
        contract.keptViews().stream()
            .filter(v -> v instanceof Latest)
            .map(v -> (Latest) v)
            .filter(v -> v.by().containsAll(request.key().keySet()))
            .toList();
    if (views.isEmpty()) {
      throw AssayException.usage(
          contract.domain() + " has no live view `latest` " + by(request),
          "name columns that such a view is `by`, or compare cells: 'assay reconcile'");
    }
    List<DualRead> reads = new ArrayList<>();
    List<Uncompared> missing = new ArrayList<>();
    for (Latest view : views) {
      Uncompared.attempt(contract.domain(), view.name(), missing, () -> read(view, request))
          .ifPresent(reads::add);
    }
    return new DualReads(reads, missing);
  }

  private static String by(DualReadRequest request) {
    return request.key().isEmpty() ? "to read" : "by " + request.key().keySet();
  }

  /** The share that a view bears is one of many keys: of a single one it says nothing. */
  private static BigDecimal alertAbove(Latest latest, DualReadRequest request) {
    return request
        .alertAbove()
        .or(() -> request.key().isEmpty() ? latest.alertAbove() : Optional.empty())
        .orElse(BigDecimal.ONE);
  }

  private DualRead read(Latest latest, DualReadRequest request) {
    LiveView view =
        new LiveTables(spark, lake, contract)
            .views().stream().filter(v -> v.name().equals(latest.name())).findFirst().orElseThrow();
    Pins pins = Pins.ofView(spark, lake, contract, view);
    Dataset<Row> silver =
        latest
            .filter()
            .passing(new Silver(spark, lake, contract).table().readAt(pins.silver().version()));
    Dataset<Row> partials = view.table().readAt(pins.live());
    Dataset<Row> keys =
        keys(latest, request, silver, partials).persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> rows = onKeys(latest, silver, keys).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Dataset<Row> control = lastOf(latest, rows, CONTROL);
      Dataset<Row> test = shown(latest, view, partials, keys);
      Dataset<Row> both =
          CellJoin.onGrain(latest.by(), control, test, "full_outer")
              .where(not(col(CONTROL).eqNullSafe(col(TEST))));
      List<KeyDifference> differences =
          both.isEmpty() ? List.of() : differences(latest, pins, rows, keys, both);
      return new DualRead(
          latest.name(),
          keys.count(),
          differences,
          pins.control().toString(),
          pins.test().toString(),
          alertAbove(latest, request));
    } finally {
      rows.unpersist();
      keys.unpersist();
    }
  }

  /** The keys to read: always the same ones of the same tables, and spread over all there are. */
  private Dataset<Row> keys(
      Latest latest, DualReadRequest request, Dataset<Row> silver, Dataset<Row> partials) {
    Column[] by = CellJoin.grainColumns(latest.by());
    Dataset<Row> all = silver.select(by).unionByName(partials.select(by));
    if (!request.key().isEmpty()) {
      Column wanted =
          request.key().entrySet().stream()
              .map(e -> col(e.getKey()).cast(DataTypes.StringType).equalTo(e.getValue()))
              .reduce(Column::and)
              .orElseThrow();
      return all.where(wanted).distinct();
    }
    // Of the least hashes alone, so that not all keys need to be told apart.
    double share = 2.0 * request.sample() / Math.max(1, silver.count());
    Column hash = pmod(xxhash64(by), lit(HASHES));
    Column least = share < 1 ? col(HASH).lt((long) Math.ceil(share * HASHES)) : lit(true);
    Column named =
        latest.by().stream().map(c -> col(c).isNotNull()).reduce(Column::or).orElseThrow();
    return all.where(named)
        .withColumn(HASH, hash)
        .where(least)
        .distinct()
        .orderBy(Stream.concat(Stream.of(col(HASH)), Arrays.stream(by)).toArray(Column[]::new))
        .limit(request.sample())
        .drop(HASH);
  }

  private static Dataset<Row> onKeys(Latest latest, Dataset<Row> rows, Dataset<Row> keys) {
    return CellJoin.onGrain(latest.by(), rows, functions.broadcast(keys), "left_semi");
  }

  /** The row of each key that stands last, by the order of silver, as one column. */
  private Dataset<Row> lastOf(Latest latest, Dataset<Row> rows, String name) {
    Column[] order =
        Stream.concat(
                contract.orderBy().stream(), Stream.of(EventParser.PARTITION, EventParser.OFFSET))
            .map(functions::col)
            .toArray(Column[]::new);
    return rows.groupBy(CellJoin.grainColumns(latest.by()))
        .agg(max_by(struct(shown()), struct(order)).as(name));
  }

  private Dataset<Row> shown(
      Latest latest, LiveView view, Dataset<Row> partials, Dataset<Row> keys) {
    Dataset<Row> ofKeys = onKeys(latest, partials, keys);
    if (contract.source().tellsDeletes()) {
      // They are of no key and take all that stood before.
      ofKeys =
          ofKeys.unionByName(
              partials.where(col(EventParser.OPERATION).equalTo(EventParser.TRUNCATE)));
    }
    Stream<Column> by = latest.by().stream().map(functions::col);
    return view.fold(ofKeys)
        .select(Stream.concat(by, Stream.of(struct(shown()).as(TEST))).toArray(Column[]::new));
  }

  private Column[] shown() {
    return CellJoin.grainColumns(shownNames());
  }

  private List<String> shownNames() {
    return Stream.concat(contract.allColumnNames().stream(), Stream.of(EventParser.EVENT_DATE))
        .toList();
  }

  private List<KeyDifference> differences(
      Latest latest, Pins pins, Dataset<Row> rows, Dataset<Row> keys, Dataset<Row> both) {
    Dataset<Row> oneSided =
        onKeys(
                latest,
                latest
                    .filter()
                    .passing(
                        new RowDifferences(spark, lake, contract, contract.enrich(), pins)
                            .find(lit(true))),
                keys)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Dataset<Row> causes =
          oneSided
              .groupBy(CellJoin.grainColumns(latest.by()))
              .agg(array_distinct(collect_list(col(RowDifferences.CAUSE))).as(CAUSES));
      Dataset<Row> putRight = lastOf(latest, putRight(rows, oneSided), PUT_RIGHT);
      Dataset<Row> withCauses = CellJoin.onGrain(latest.by(), both, causes, "left_outer");
      return CellJoin.onGrain(latest.by(), withCauses, putRight, "left_outer")
          .withColumn(LAST, col(PUT_RIGHT).eqNullSafe(col(TEST)))
          .withColumn(CONTROL + "_json", to_json(col(CONTROL)))
          .withColumn(TEST + "_json", to_json(col(TEST)))
          .collectAsList()
          .stream()
          .map(row -> difference(latest, pins, row))
          .sorted(Comparator.comparing(KeyDifference::explained).thenComparing(KeyDifference::key))
          .toList();
    } finally {
      oneSided.unpersist();
    }
  }

  /** The rows that the live path has counted: silver's, with those that differ put right. */
  private Dataset<Row> putRight(Dataset<Row> rows, Dataset<Row> oneSided) {
    String[] position = {EventParser.PARTITION, EventParser.OFFSET};
    String[] columns =
        Stream.of(
                contract.allColumnNames().stream(),
                Stream.of(EventParser.EVENT_DATE),
                Stream.of(position))
            .flatMap(names -> names)
            .toArray(String[]::new);
    Dataset<Row> taken =
        oneSided
            .where(col(RowDifferences.SIGN).equalTo(-1))
            .select(col(EventParser.PARTITION), col(EventParser.OFFSET));
    return rows.join(taken, position, "left_anti")
        .selectExpr(columns)
        .unionByName(oneSided.where(col(RowDifferences.SIGN).equalTo(1)).selectExpr(columns));
  }

  private KeyDifference difference(Latest latest, Pins pins, Row row) {
    List<String> causes =
        row.isNullAt(row.fieldIndex(CAUSES)) ? List.of() : row.getList(row.fieldIndex(CAUSES));
    // What stands of a stream of deletes depends on more than which rows count.
    boolean explained =
        contract.source().tellsDeletes()
            ? !causes.isEmpty() || !pins.control().equals(pins.test())
            : !causes.isEmpty() && row.<Boolean>getAs(LAST);
    return new KeyDifference(
        latest.name(),
        CellJoin.nameOf(latest.by(), row),
        text(row, CONTROL + "_json"),
        text(row, TEST + "_json"),
        differing(row.getAs(CONTROL), row.getAs(TEST)),
        causes.stream().map(Cause::of).sorted().toList(),
        explained);
  }

  private List<String> differing(Row control, Row test) {
    return shownNames().stream()
        .filter(
            name ->
                control == null
                    || test == null
                    || !Objects.equals(control.getAs(name), test.getAs(name)))
        .toList();
  }

  private static String text(Row row, String column) {
    return row.getAs(column) == null ? "" : row.getAs(column);
  }
}
