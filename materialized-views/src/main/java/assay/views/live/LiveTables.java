package assay.views.live;

import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Sink;
import assay.silver.Disposition;
import assay.silver.EventParser;
import assay.silver.Silver;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The tables of the live path that a domain's views share. */
public final class LiveTables {
  /** 128 bits over all columns of a row, in two halves. */
  static final String FINGERPRINT_A = "_fingerprint_a";

  static final String FINGERPRINT_B = "_fingerprint_b";

  static final StructType SEEN_SCHEMA =
      new StructType()
          .add(FINGERPRINT_A, LongType)
          .add(FINGERPRINT_B, LongType)
          .add(EventParser.INGESTED_AT, TimestampType)
          .add(Silver.BATCH_ID, LongType);

  /** A hash of a row's key, where the row counted when it came. */
  static final String KEY_HASH = "_key_hash";

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;

  public LiveTables(SparkSession spark, Lake lake, Contract contract) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
  }

  /** Rows that no view counts, with their disposition and the micro-batch that judged them. */
  public LakeTable exceptions() {
    return new LakeTable(spark, lake.liveExceptions(contract.domain()));
  }

  /**
   * Those of {@link #exceptions} that belong to a view.
   *
   * @param lastBatch that the view holds, see {@link LiveView#lastBatch}
   */
  public Dataset<Row> exceptions(OptionalLong lastBatch) {
    return exceptions().read().where(Generation.upTo(lastBatch));
  }

  public BronzeReads reads() {
    return new BronzeReads(new LakeTable(spark, lake.liveReads(contract.domain())));
  }

  public List<LiveView> views() {
    return Stream.concat(
            contract.liveMetrics().stream().map(m -> new LiveView(spark, lake, contract, m)),
            contract.keptViews().stream().map(v -> LiveView.of(spark, lake, contract, v)))
        .toList();
  }

  /**
   * What a live view shows.
   *
   * @param name as in {@code live.NAME}: a view's, a metric set's by window, or that of a view
   *     which only ranks another's rows
   */
  public ShownRows shown(String name) {
    for (LiveView view : views()) {
      if (view.name().equals(name)) {
        return view.shown();
      }
      if (name.equals(view.name() + Sink.WINDOWS)) {
        return view.shownByWindow().orElseThrow();
      }
    }
    return contract.liveViews().stream()
        .filter(v -> v.name().equals(name))
        .map(v -> (LiveDefinition.Top) v)
        .map(top -> view(top.of()).shown(new TopRows(top, contract)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no live view " + name));
  }

  private LiveView view(String name) {
    return views().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  /** The newest micro-batch that any of the views holds. */
  public OptionalLong lastBatch() {
    return views().stream()
        .filter(view -> view.table().exists())
        .map(view -> view.lastBatch(view.table().version()))
        .flatMapToLong(OptionalLong::stream)
        .max();
  }

  /** The view that holds it; any where there is none. */
  LiveView newestView() {
    return views().stream()
        .max(
            Comparator.comparingLong(
                view ->
                    view.table().exists() ? view.lastBatch(view.table().version()).orElse(-1) : -1))
        .orElseThrow();
  }

  /** Rows of the look-back; where the contract adjusts also which of them counted, and where. */
  StructType seenSchema() {
    return contract.adjusts()
        ? SEEN_SCHEMA
            .add(KEY_HASH, LongType)
            .add(EventParser.PARTITION, IntegerType)
            .add(EventParser.OFFSET, LongType)
        : SEEN_SCHEMA;
  }

  LakeTable seen() {
    return new LakeTable(spark, lake.liveSeen(contract.domain()));
  }

  void createTables() {
    createShared();
    Dataset<Row> noRows = noRows();
    views().forEach(view -> view.createTable(noRows));
  }

  /** Judged rows, of which there are none. */
  Dataset<Row> noRows() {
    StructType schema =
        new EventParser(contract)
            .silverSchema()
            .add(EventParser.OPERATION, StringType)
            .add(Disposition.COLUMN, StringType);
    return spark.createDataFrame(
        List.of(), contract.adjusts() ? schema.add(LiveView.TAKEN_BACK, BooleanType) : schema);
  }

  /** Creates the tables that the views share. */
  void createShared() {
    StructType rows = new EventParser(contract).silverSchema();
    LakeTable reads = reads().table();
    reads.createOrExtend(BronzeReads.SCHEMA, List.of(), reads.streamed(Map.of()));
    seen().createOrExtend(seenSchema(), List.of(), seen().streamed(Map.of()));
    exceptions()
        .createOrExtend(
            rows.add(Disposition.COLUMN, StringType).add(Silver.BATCH_ID, LongType),
            List.of(),
            exceptions().streamed(Map.of(LakeTable.WIDENING, "true")));
  }
}
