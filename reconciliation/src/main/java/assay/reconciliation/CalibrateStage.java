package assay.reconciliation;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.ingestion.Bronze;
import assay.reconciliation.Calibration.SamePath;
import assay.silver.EventParser;
import assay.silver.Silver;
import assay.views.live.BronzeReads;
import assay.views.live.CellPartials;
import assay.views.live.LiveReader;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Compares each path with itself: gold with what silver gives when all of it is aggregated at once,
 * and the live views with what bronze gives when all that they counted is accumulated at once. Any
 * difference is one of the machine, and none of the two paths'.
 */
public final class CalibrateStage {
  private static final String STAGE = "calibrate";
  private static final int EXAMPLES = 5;

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final Steps steps;

  public CalibrateStage(SparkSession spark, Lake lake, Contract contract, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.steps = steps;
  }

  /** Compares every live metric set of the domain. */
  public Calibration run() {
    List<SamePath> paths = new ArrayList<>();
    List<Calibration.ProposedTolerance> proposals = new ArrayList<>();
    for (MetricSet metrics : contract.liveMetrics()) {
      Pins pins = Pins.take(spark, lake, contract, metrics, OptionalLong.empty());
      paths.add(batchWithBatch(metrics, pins));
      steps.reached(STAGE, metrics.name() + ": batch compared with batch");
      paths.add(liveWithLive(metrics, pins));
      steps.reached(STAGE, metrics.name() + ": live compared with live");
      proposals.addAll(new ToleranceProposals(new EvidenceTables(spark, lake), metrics).propose());
    }
    return new Calibration(paths, proposals);
  }

  private SamePath batchWithBatch(MetricSet metrics, Pins pins) {
    Gold gold = new Gold(spark, lake, contract, metrics);
    Dataset<Row> silver = new Silver(spark, lake, contract).table().readAt(pins.silver().version());
    return compare(metrics, "batch", gold.table().readAt(pins.gold()), gold.aggregate(silver));
  }

  private SamePath liveWithLive(MetricSet metrics, Pins pins) {
    LiveView view = new LiveView(spark, lake, contract, metrics);
    Dataset<Row> shown = view.fold(view.table().readAt(pins.live()));
    Dataset<Row> again =
        new CellPartials(spark, contract, metrics)
            .evaluate(metrics.filter().passing(counted(pins)), Gold.grain(metrics));
    return compare(metrics, "live", exactWhereMayBe(metrics, shown, again), again);
  }

  /** The rows of bronze that the live path counted, read as it read them. */
  private Dataset<Row> counted(Pins pins) {
    LiveTables live = new LiveTables(spark, lake, contract);
    BronzeReads reads = live.reads();
    Dataset<Row> bronze =
        new LakeTable(spark, lake.bronze(contract.domain()))
            .readAt(pins.bronze())
            .where(not(pins.test().isBefore(col(Bronze.PARTITION), col(Bronze.OFFSET))));
    LiveReader reader = LiveReader.upTo(spark, lake, contract, reads, pins.testBatch());
    String[] position = {EventParser.PARTITION, EventParser.OFFSET};
    Dataset<Row> setAside =
        live.exceptions(pins.testBatch())
            .select(col(EventParser.PARTITION), col(EventParser.OFFSET));
    return reader
        .read(bronze)
        .where(not(col(EventParser.FAILS)))
        .join(setAside, position, "left_anti");
  }

  /** No two sketches err alike: an estimate that one of these rows may give is as good as exact. */
  private static Dataset<Row> exactWhereMayBe(
      MetricSet metrics, Dataset<Row> shown, Dataset<Row> again) {
    List<String> sketches =
        metrics.measures().stream()
            .filter(m -> m instanceof Measure.Sketch)
            .map(Measure::name)
            .toList();
    if (sketches.isEmpty()) {
      return shown;
    }
    List<Column> bounds = new ArrayList<>(List.of(CellJoin.grainColumns(Gold.grain(metrics))));
    for (String name : sketches) {
      bounds.add(col(name).as("__exact_" + name));
      bounds.add(col(name + CellPartials.LOWEST));
      bounds.add(col(name + CellPartials.HIGHEST));
    }
    Dataset<Row> exact =
        CellJoin.onGrain(
            Gold.grain(metrics), shown, again.select(bounds.toArray(Column[]::new)), "left_outer");
    for (String name : sketches) {
      Column within =
          col(name).between(col(name + CellPartials.LOWEST), col(name + CellPartials.HIGHEST));
      exact =
          exact.withColumn(
              name,
              when(coalesce(within, lit(false)), col("__exact_" + name)).otherwise(col(name)));
    }
    return exact;
  }

  private static SamePath compare(
      MetricSet metrics, String path, Dataset<Row> one, Dataset<Row> other) {
    CellJoin join = new CellJoin(metrics);
    StructType types = one.schema();
    Dataset<Row> joined = join.join(one, other);
    Column differs =
        join.differs(types).or(col(CellJoin.IN_CONTROL).gt(1)).or(col(CellJoin.IN_TEST).gt(1));
    Row counts = joined.agg(count(lit(1)), count_if(differs)).head();
    List<String> examples =
        counts.getLong(1) == 0
            ? List.of()
            : joined.where(differs).limit(EXAMPLES).collectAsList().stream()
                .map(row -> nameOf(metrics, row))
                .toList();
    return new SamePath(metrics.name(), path, counts.getLong(0), counts.getLong(1), examples);
  }

  private static String nameOf(MetricSet metrics, Row row) {
    return (row.getAs(EventParser.EVENT_DATE) + " " + CellJoin.nameOf(metrics.by(), row)).strip();
  }
}
