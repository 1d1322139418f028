package assay.reconciliation.serving;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.types.DataTypes.BooleanType;
import static org.apache.spark.sql.types.DataTypes.DateType;
import static org.apache.spark.sql.types.DataTypes.DoubleType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.TimestampType;
import static org.apache.spark.sql.types.DataTypes.createArrayType;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.LakeTable.Later;
import assay.core.TableChange;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The table {@code ops/stages}: a row a change, only ever appended. It is the truth about where a
 * metric set stands; the serving tables follow it.
 */
public final class StageTable {
  static final StructType SCHEMA =
      new StructType()
          .add("metrics", StringType)
          .add("number", LongType)
          .add("change", StringType)
          .add("stage", StringType)
          .add("canary_share", DoubleType)
          .add("pinned", StringType)
          .add("half_open", BooleanType)
          .add("since", DateType)
          .add("through", DateType)
          .add("who", StringType)
          .add("why", StringType)
          .add("evidence_ids", createArrayType(StringType))
          .add("contract_hash", StringType)
          .add("at", TimestampType);

  private static final int ATTEMPTS = 5;

  private final SparkSession spark;
  private final LakeTable table;
  private final Map<String, Standing> known = new TreeMap<>();
  private long knownVersion = -1;

  public StageTable(SparkSession spark, Lake lake) {
    this.spark = spark;
    this.table = new LakeTable(spark, lake.stages());
  }

  /** Where a metric set stands now. The table is read again only where it changed. */
  public Standing standing(String metrics) {
    long version = table.version();
    if (version != knownVersion) {
      known.clear();
      changesAt(version).forEach(s -> known.put(s.metrics(), s));
      knownVersion = version;
    }
    return known.getOrDefault(metrics, Standing.first(metrics));
  }

  /** All changes of all metric sets, in their order. */
  public List<Standing> changes() {
    return changesAt(table.version());
  }

  private List<Standing> changesAt(long version) {
    return version < 0
        ? List.of()
        : table.readAt(version).orderBy(col("metrics"), col("number")).collectAsList().stream()
            .map(StageTable::standing)
            .toList();
  }

  /**
   * Adds a change to those of its metric set that are known.
   *
   * @throws AssayException with {@code TRY_AGAIN} where another one came first
   */
  void append(Standing next) {
    String appId = "assay.stages." + next.metrics();
    Dataset<Row> row = spark.createDataFrame(List.of(row(next)), SCHEMA).coalesce(1);
    GuardedTable.create(table, SCHEMA);
    for (int attempt = 1; ; attempt++) {
      long base = table.version();
      long last = table.lastTransactionAt(base, appId).orElse(0);
      if (last != next.number() - 1) {
        throw new AssayException(
            ErrorCode.TRY_AGAIN,
            "the stage of %s was changed at the same time: it has change %d, this would be change %d"
                .formatted(next.metrics(), last, next.number()),
            "look at 'assay serving status', then run the same command again if it still applies");
      }
      try {
        table.commit(
            base,
            TableChange.exchange(Optional.of(row), Optional.empty(), Map.of(appId, next.number())),
            Later.REFUSE);
        return;
      } catch (AssayException e) {
        // A change of another metric set is none of ours.
        if (e.code() != ErrorCode.TRY_AGAIN || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static Row row(Standing standing) {
    Position position = standing.position();
    return RowFactory.create(
        standing.metrics(),
        standing.number(),
        standing.change().label(),
        position.stage().label(),
        position.share() / 100.0,
        position.pinned().map(Side::label).orElse(null),
        position.halfOpen(),
        standing.since().orElse(null),
        standing.through().orElse(null),
        standing.who(),
        standing.why(),
        standing.evidenceIds(),
        standing.contractHash(),
        standing.at().truncatedTo(ChronoUnit.MICROS));
  }

  private static Standing standing(Row row) {
    return new Standing(
        row.getAs("metrics"),
        row.<Long>getAs("number"),
        Standing.Change.of(row.getAs("change")),
        new Position(
            Stage.of(row.getAs("stage")),
            (int) Math.round(row.<Double>getAs("canary_share") * 100),
            Optional.<String>ofNullable(row.getAs("pinned")).map(Side::of),
            row.<Boolean>getAs("half_open")),
        Optional.ofNullable(row.getAs("since")),
        Optional.ofNullable(row.getAs("through")),
        row.getAs("who"),
        row.getAs("why"),
        new ArrayList<>(row.<String>getList(row.fieldIndex("evidence_ids"))),
        row.getAs("contract_hash"),
        row.getAs("at"));
  }
}
