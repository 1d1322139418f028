package assay.views.live;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.LakeTable.Later;
import assay.core.TableChange;
import assay.core.contract.Contract;
import assay.core.rows.KeptRows;
import assay.ingestion.Bronze;
import assay.silver.Cut;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.Silver;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Brings one view up to a micro-batch that its domain's query has behind it, from bronze and from
 * what was set aside of it: the rows were judged once, for all views, and are not judged again.
 * Each change of the view is one commit, so that readers never see half of it.
 */
public final class ViewBuild {
  private static final int ATTEMPTS = 5;

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final LiveTables tables;

  public ViewBuild(SparkSession spark, Lake lake, Contract contract) {
    this(spark, lake, lake, contract);
  }

  /**
   * @param written the root of the live tables
   */
  ViewBuild(SparkSession spark, Lake lake, Lake written, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.tables = new LiveTables(spark, written, contract);
  }

  /**
   * What a view was built to.
   *
   * @param rows of bronze that it was made of
   * @param filtered those of them that fail a rule of its filter, by rule
   * @param version of its table
   */
  public record Built(String view, long rows, Map<String, Long> filtered, long version) {
    public Built {
      filtered = Collections.unmodifiableMap(new TreeMap<>(filtered));
    }
  }

  /**
   * Builds a view again from bronze under today's contract, while its domain's query may run, which
   * then feeds it again.
   *
   * @throws AssayException where the domain has no such view, or no query has read anything yet
   */
  public Built rebuild(String name) {
    LiveView view =
        tables.views().stream()
            .filter(v -> v.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    AssayException.usage(
                        contract.domain() + " has no live view " + name,
                        "give one of " + contract.liveTables()));
    long begin =
        tables
            .lastBatch()
            .orElseThrow(
                () ->
                    AssayException.failed(
                        "no live query of " + contract.domain() + " has read anything yet",
                        "run 'assay live', which builds the view on its way"));
    if (!view.table().exists()) {
      view.createTable(tables.noRows());
    }
    Dataset<Row> partials = view.accumulate(judged(OptionalLong.empty(), begin));
    try (KeptRows kept = new KeptRows(partials)) {
      // The long part, before the view is looked at: the query may commit to it at any time.
      long rows = LiveView.rows(kept.rows());
      refuseOtherRows(view, rows, OptionalLong.empty(), begin);
      replace(view, kept.rows(), begin);
    }
    long version = view.table().version();
    Dataset<Row> built = view.table().readAt(version);
    return new Built(name, LiveView.rows(built), view.filtered(built), version);
  }

  /** Puts partials up to a micro-batch, and those of what was read since, where others were. */
  private void replace(LiveView view, Dataset<Row> partials, long begin) {
    for (int attempt = 1; ; attempt++) {
      long version = view.table().version();
      // Not before what the view holds in this version.
      long to = tables.lastBatch().orElse(begin);
      refuseOtherGeneration(view, OptionalLong.of(begin), to);
      Dataset<Row> all =
          to == begin
              ? partials
              : partials.unionByName(view.accumulate(judged(OptionalLong.of(begin), to)));
      try {
        view.table()
            .commit(
                version,
                TableChange.rebuild(
                    all, partials.schema(), Map.of(view.transactionId(), to), view.properties()),
                Later.REFUSE);
        return;
      } catch (AssayException e) {
        if (e.code() != ErrorCode.TRY_AGAIN || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Adds what the view has not read yet.
   *
   * @param to the micro-batch to reach; nothing happens where the view is there
   */
  void catchUp(LiveView view, long to) {
    LakeTable table = view.table();
    long version = table.version();
    OptionalLong last = view.lastBatch(version);
    if (last.isPresent() && last.getAsLong() >= to) {
      return;
    }
    refuseOtherGeneration(view, last, to);
    try (KeptRows partials = new KeptRows(view.accumulate(judged(last, to)))) {
      refuseOtherRows(view, LiveView.rows(partials.rows()), last, to);
      table.commit(
          version,
          TableChange.exchange(
              Optional.of(partials.rows()), Optional.empty(), Map.of(view.transactionId(), to)),
          Later.REFUSE);
    }
  }

  private void refuseOtherGeneration(LiveView view, OptionalLong last, long to) {
    if (last.isPresent() && !Generation.of(last).equals(Generation.of(OptionalLong.of(to)))) {
      throw new AssayException(
          ErrorCode.TRY_AGAIN,
          "the live views of " + contract.domain() + " are being built anew",
          "run 'assay replay "
              + contract.domain()
              + "' to its end first; "
              + view.name()
              + " is among what it builds");
    }
  }

  /** Rows that count today and did not then, or the other way round, have no disposition. */
  private void refuseOtherRows(LiveView view, long rows, OptionalLong after, long to) {
    long before = after.isPresent() ? countedUpTo(after) : 0;
    long counted = countedUpTo(OptionalLong.of(to)) - before;
    if (rows != counted) {
      throw AssayException.failed(
          ("the live query counted %,d rows that %s is to hold, and %,d of them count under today's"
                  + " contract and reference tables")
              .formatted(counted, view.name(), rows),
          "run 'assay replay " + contract.domain() + "', which judges all rows anew");
    }
  }

  private long countedUpTo(OptionalLong batch) {
    Row read = tables.reads().upTo(batch).agg(sum(col(BronzeReads.ROWS))).head();
    return (read.isNullAt(0) ? 0 : read.getLong(0)) - tables.exceptions(batch).count();
  }

  /**
   * The rows of the micro-batches after one, up to another, that did not fail, and those of before
   * that were taken back there.
   */
  private Dataset<Row> judged(OptionalLong after, long to) {
    Cut upTo = tables.reads().cut(OptionalLong.of(to));
    Dataset<Row> bronze =
        new LakeTable(spark, lake.bronze(contract.domain()))
            .required("the live view cannot be built again without bronze")
            .read()
            .where(not(upTo.isBefore(col(Bronze.PARTITION), col(Bronze.OFFSET))));
    if (after.isPresent()) {
      Cut from = tables.reads().cut(after);
      bronze = bronze.where(from.isBefore(col(Bronze.PARTITION), col(Bronze.OFFSET)));
    }
    LiveReader reader = LiveReader.upTo(spark, lake, contract, tables.reads(), OptionalLong.of(to));
    Dataset<Row> setAside =
        tables
            .exceptions(OptionalLong.of(to))
            .selectExpr(
                EventParser.PARTITION + " AS _of_partition",
                EventParser.OFFSET + " AS _of_offset",
                Disposition.COLUMN + " AS _set_aside");
    Dataset<Row> judged =
        reader
            .read(bronze)
            .where(not(col(EventParser.FAILS)))
            .join(
                setAside,
                col(EventParser.PARTITION)
                    .equalTo(col("_of_partition"))
                    .and(col(EventParser.OFFSET).equalTo(col("_of_offset"))),
                "left_outer")
            .withColumn(Disposition.COLUMN, coalesce(col("_set_aside"), lit(Disposition.COUNTED)));
    return contract.adjusts() ? withTakenBack(judged, after, to) : judged;
  }

  private Dataset<Row> withTakenBack(Dataset<Row> judged, OptionalLong after, long to) {
    Dataset<Row> rows = select(judged, false);
    if (after.isEmpty()) {
      return rows;
    }
    Cut from = tables.reads().cut(after);
    Dataset<Row> takenBack =
        tables
            .exceptions(OptionalLong.of(to))
            .where(col(Silver.BATCH_ID).gt(after.getAsLong()))
            .where(col(Disposition.COLUMN).equalTo(Disposition.SUPERSEDED))
            .where(not(from.isBefore(col(EventParser.PARTITION), col(EventParser.OFFSET))))
            .withColumn(EventParser.OPERATION, lit(EventParser.UPSERT));
    return rows.unionByName(select(takenBack, true));
  }

  private Dataset<Row> select(Dataset<Row> judged, boolean takenBack) {
    List<Column> columns =
        Stream.concat(
                new EventParser(contract).silverColumns().stream(),
                Stream.of(EventParser.OPERATION, Disposition.COLUMN))
            .map(functions::col)
            .toList();
    return judged
        .select(columns.toArray(Column[]::new))
        .withColumn(LiveView.TAKEN_BACK, lit(takenBack));
  }

  /** What a person is told where a view could not be kept up. */
  static AssayException failed(LiveView view, Throwable cause) {
    return new AssayException(
        ErrorCode.FAILED,
        "the live view " + view.name() + " cannot be kept up to date: " + why(cause),
        "mend what it names, then run 'assay live rebuild "
            + view.name()
            + "'; the other views of its domain go on",
        cause);
  }

  /** What went wrong, in few words. */
  static String why(Throwable cause) {
    return cause instanceof AssayException known ? known.getMessage() : String.valueOf(cause);
  }
}
