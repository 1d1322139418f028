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
import java.util.List;
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
   * @param rows of bronze that it holds
   * @param version of its table
   */
  public record Built(String view, long rows, long version) {}

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
                        contract.domain() + " has no live view " + name, "give one of " + names()));
    long newest =
        tables
            .lastBatch()
            .orElseThrow(
                () ->
                    AssayException.failed(
                        "no live query of " + contract.domain() + " has read anything yet",
                        "run 'assay live', which builds the view on its way"));
    if (!view.table().exists()) {
      view.createTable(spark.createDataFrame(List.of(), new EventParser(contract).silverSchema()));
    }
    buildAnewBeside(view, newest);
    // What the query has read meanwhile, so that it need not make up for it.
    tables.lastBatch().ifPresent(last -> catchUp(view, last));
    return new Built(name, LiveView.rows(view.table().read()), view.table().version());
  }

  private List<String> names() {
    return tables.views().stream().map(LiveView::name).toList();
  }

  /** The query may commit to the view at any time, and then this must be worked out anew. */
  private void buildAnewBeside(LiveView view, long to) {
    for (int attempt = 1; ; attempt++) {
      try {
        buildAnew(view, to);
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
  private void buildAnew(LiveView view, long to) {
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

  /** What a person is told where a view could not be kept up. */
  static AssayException failed(LiveView view, RuntimeException cause) {
    String why = cause instanceof AssayException known ? known.getMessage() : String.valueOf(cause);
    return new AssayException(
        ErrorCode.FAILED,
        "the live view " + view.name() + " cannot be kept up to date: " + why,
        "mend what it names, then run 'assay live rebuild "
            + view.name()
            + "'; the other views of its domain go on",
        cause);
  }
}
