package assay.views.live;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.LakeTable.Later;
import assay.core.TableChange;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import assay.silver.Cut;
import assay.silver.EventParser;
import assay.silver.EventReader;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Brings one view up to a micro-batch that its domain's query has behind it, from bronze and from
 * what was set aside of it: the rows were judged once, for all views, and are not judged again.
 * Each change of the view is one commit, so that readers never see half of it.
 */
final class ViewBuild {
  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final LiveTables tables;

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
   * Adds what the view has not read yet.
   *
   * @param to the micro-batch to reach; nothing happens where the view is there
   */
  void catchUp(LiveView view, long to) {
    LakeTable table = view.table();
    long version = table.version();
    OptionalLong last = view.lastBatch(version);
    if (last.isEmpty() || last.getAsLong() < to) {
      table.commit(
          version,
          TableChange.exchange(
              Optional.of(view.accumulate(counted(last, to))),
              Optional.empty(),
              Map.of(view.transactionId(), to)),
          Later.REFUSE);
    }
  }

  /** Puts what bronze holds up to a micro-batch in the place of all that the view holds. */
  void buildAnew(LiveView view, long to) {
    LakeTable table = view.table();
    long version = table.version();
    Dataset<Row> partials = view.accumulate(counted(OptionalLong.empty(), to));
    table.commit(
        version,
        TableChange.rebuild(
            partials, partials.schema(), Map.of(view.transactionId(), to), view.properties()),
        Later.REFUSE);
  }

  /** The rows that were counted in the micro-batches after one, up to another. */
  private Dataset<Row> counted(OptionalLong after, long to) {
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
    EventReader reader =
        EventReader.at(spark, lake, contract, tables.reads().referenceVersions(to));
    Dataset<Row> setAside =
        tables
            .exceptions(OptionalLong.of(to))
            .select(EventParser.PARTITION, EventParser.OFFSET)
            .as("_set_aside");
    Dataset<Row> read =
        reader
            .read(bronze)
            .where(
                not(col(EventParser.FAILS))
                    .and(col(EventParser.OPERATION).equalTo(EventParser.UPSERT)));
    return read.join(
        setAside,
        read.col(EventParser.PARTITION)
            .equalTo(col("_set_aside." + EventParser.PARTITION))
            .and(read.col(EventParser.OFFSET).equalTo(col("_set_aside." + EventParser.OFFSET))),
        "left_anti");
  }

  /** The newest micro-batch whose rows are all judged, which a view may be brought up to. */
  static OptionalLong newest(LiveTables tables) {
    return tables.lastBatch();
  }

  /** What a person is told where a view could not be kept up. */
  static AssayException failed(LiveView view, RuntimeException cause) {
    String why =
        cause instanceof AssayException known ? known.getMessage() : String.valueOf(cause);
    return new AssayException(
        ErrorCode.FAILED,
        "the live view " + view.name() + " cannot be kept up to date: " + why,
        "mend what it names, then run 'assay live rebuild "
            + view.name()
            + "'; the other views of its domain go on",
        cause);
  }
}
