package assay.gold;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableFiles;
import assay.core.TableSize;
import assay.core.Transaction;
import assay.core.contract.Contract;
import assay.core.contract.Definitions;
import assay.core.contract.GoldQuery;
import assay.core.contract.MetricSet;
import assay.core.sql.QueryRows;
import assay.core.sql.SqlQuery;
import assay.core.sql.TableName;
import assay.gold.GoldQueryPlan.Reason;
import assay.gold.QueryOrigin.Source;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.Metadata;

/**
 * Makes the gold tables that are queries, after those of the metric sets: each whole, in one commit
 * that also names the versions it was made from, and only where the outcome may be another one than
 * the last. One instance is one run: all of its queries read the same versions.
 */
public final class GoldQueryStage {
  private static final String STAGE = "gold";

  private final SparkSession spark;
  private final Lake lake;
  private final Definitions definitions;
  private final Steps steps;
  private final LocalDate asOf;
  private final QuerySources sources;
  private final Map<TableName, Source> pins = new TreeMap<>();
  private final Set<TableName> failed = new HashSet<>();
  private boolean pinned;

  public GoldQueryStage(
      SparkSession spark, Lake lake, Definitions definitions, Clock clock, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.definitions = definitions;
    this.steps = steps;
    this.asOf = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(1);
    this.sources = new QuerySources(spark, lake, definitions);
  }

  /**
   * What {@link #refresh} would do about each of these queries once the metric sets are refreshed.
   *
   * @param queries in the order of the definitions
   * @param metricSets what gold would do before
   */
  public List<GoldQueryPlan> plan(List<GoldQuery> queries, List<GoldPlan> metricSets) {
    Set<TableName> changing = new HashSet<>();
    Map<String, Long> silverVersions = new HashMap<>();
    for (GoldPlan plan : metricSets) {
      if (plan.reason() != GoldPlan.Reason.NOTHING) {
        changing.add(new TableName(Lake.Layer.GOLD, plan.metrics()));
      }
      domainOf(plan.metrics()).ifPresent(d -> silverVersions.put(d, plan.silverVersion()));
    }
    Map<TableName, Source> now = pinAll(silverVersions);
    List<GoldQueryPlan> plans = new ArrayList<>();
    for (GoldQuery query : queries) {
      GoldQueryPlan plan = decide(query, now, changing);
      if (plan.reason().makes()) {
        changing.add(query.query().table());
      }
      plans.add(plan);
    }
    return plans;
  }

  /** How much work a plan is. Which partitions a query leaves unread is not known before. */
  public GoldCost cost(GoldQueryPlan plan) {
    if (!plan.reason().makes()) {
      return GoldCost.NOTHING;
    }
    TableSize reads =
        plan.sources().entrySet().stream()
            .map(e -> new TableFiles(spark, path(e.getKey())).size(e.getValue()))
            .reduce(TableSize.NONE, TableSize::plus);
    TableSize replaces = new TableFiles(spark, lake.gold(plan.name())).size(plan.version());
    return new GoldCost(reads, replaces);
  }

  /**
   * Makes the table of a query, where its outcome may be another one than the last. The first call
   * decides which versions all of them read.
   *
   * @param query behind those whose tables it reads
   */
  public GoldQueryResult refresh(GoldQuery query) {
    if (!pinned) {
      pins.putAll(pinAll(Map.of()));
      pinned = true;
    }
    TableName table = query.query().table();
    try {
      refuseWhatCannotRun(query);
      GoldQueryPlan plan = decide(query, pins, Set.of());
      if (!plan.reason().makes()) {
        return new GoldQueryResult(
            plan.name(), plan.reason(), plan.sources(), plan.asOf(), 0, plan.version());
      }
      write(query);
      sources.pin(table, Map.of()).ifPresent(pin -> pins.put(table, pin));
      long version = pins.get(table).version();
      steps.reached(STAGE, plan.name() + " committed");
      long rows = new TableFiles(spark, lake.gold(plan.name())).size(version).rows();
      return new GoldQueryResult(
          plan.name(), plan.reason(), plan.sources(), plan.asOf(), rows, version);
    } catch (RuntimeException e) {
      failed.add(table);
      throw e;
    }
  }

  private void refuseWhatCannotRun(GoldQuery query) {
    for (TableName read : query.query().reads()) {
      if (failed.contains(read)) {
        throw AssayException.failed(
            query.query().table() + " reads " + read + ", which could not be made in this run",
            "mend " + read + " first, then run 'assay gold' again");
      }
      if (!pins.containsKey(read)) {
        throw AssayException.failed(
            query.query().table() + " reads " + read + ", which is not there yet",
            "run 'assay silver', then 'assay gold' for the domain that it comes from");
      }
    }
  }

  private GoldQueryPlan decide(
      GoldQuery query, Map<TableName, Source> now, Set<TableName> changing) {
    LakeTable table = new LakeTable(spark, lake.gold(query.name()));
    long version = table.version();
    Optional<QueryOrigin> origin =
        version < 0 ? Optional.empty() : QueryOrigin.of(table.schemaAt(version), query);
    Map<String, Long> versions = new TreeMap<>();
    query.query().reads().stream()
        .filter(now::containsKey)
        .forEach(read -> versions.put(read.toString(), now.get(read).version()));
    Optional<LocalDate> day = query.query().usesAsOf() ? Optional.of(asOf) : Optional.empty();
    return new GoldQueryPlan(
        query.name(), reason(query, origin, day, now, changing), versions, day, version);
  }

  private Reason reason(
      GoldQuery query,
      Optional<QueryOrigin> origin,
      Optional<LocalDate> day,
      Map<TableName, Source> now,
      Set<TableName> changing) {
    Set<TableName> reads = query.query().reads();
    if (reads.stream().anyMatch(read -> !now.containsKey(read) && !changing.contains(read))) {
      return Reason.MISSING;
    }
    if (origin.isEmpty()) {
      return Reason.FIRST_RUN;
    }
    if (!origin.get().definition().equals(query.definition())) {
      return Reason.OTHER_QUERY;
    }
    boolean changed =
        reads.stream()
            .anyMatch(
                read ->
                    changing.contains(read)
                        || differ(read, origin.get().sources().get(read), now.get(read)));
    if (changed) {
      return Reason.SOURCES;
    }
    return origin.get().asOf().equals(day) ? Reason.NOTHING : Reason.DAY;
  }

  private boolean differ(TableName table, Source then, Source now) {
    return then == null
        || !then.id().equals(now.id())
        || new LakeTable(spark, table.path(lake)).mayDiffer(then.version(), now.version());
  }

  /** Every table that a query reads, at one moment. */
  private Map<TableName, Source> pinAll(Map<String, Long> silverVersions) {
    Map<TableName, Source> all = new TreeMap<>();
    definitions.goldQueries().stream()
        .flatMap(query -> query.query().reads().stream())
        .distinct()
        .forEach(table -> sources.pin(table, silverVersions).ifPresent(pin -> all.put(table, pin)));
    return all;
  }

  private void write(GoldQuery query) {
    Map<TableName, Source> read = new TreeMap<>();
    query.query().reads().forEach(table -> read.put(table, pins.get(table)));
    Optional<LocalDate> day = query.query().usesAsOf() ? Optional.of(asOf) : Optional.empty();
    SparkSession session = spark.newSession();
    Map<TableName, Dataset<Row>> tables = new TreeMap<>();
    read.forEach((table, source) -> tables.put(table, sources.read(session, table, source)));
    Dataset<Row> rows =
        QueryRows.withMetadata(
            new QueryRows(query.query(), query.partitionBy())
                .compute(session, tables, SqlQuery.literal(asOf)),
            Metadata.empty());
    LakeTable table = new LakeTable(spark, lake.gold(query.name()));
    if (!table.exists()) {
      // Without an origin: a crash before the rows leaves a table that no query has made.
      table.createOrExtend(rows.schema(), query.partitionBy());
    }
    Transaction transaction = new Transaction("assay.gold." + query.name(), table.version() + 1);
    QueryOrigin origin = new QueryOrigin(query.definition(), day, read);
    table.replaceAll(
        QueryRows.withMetadata(rows, origin.metadata()), query.partitionBy(), transaction);
  }

  private Optional<String> domainOf(String metrics) {
    return definitions.contracts().stream()
        .filter(c -> c.metrics().stream().map(MetricSet::name).anyMatch(metrics::equals))
        .map(Contract::domain)
        .findFirst();
  }

  private String path(String table) {
    return TableName.of(List.of(table.split("\\."))).orElseThrow().path(lake);
  }
}
