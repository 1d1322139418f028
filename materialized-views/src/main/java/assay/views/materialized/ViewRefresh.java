package assay.views.materialized;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.PlainTypes;
import assay.core.Steps;
import assay.core.TableFiles;
import assay.core.TableReplacement;
import assay.core.TableReplacement.All;
import assay.core.TableReplacement.Nothing;
import assay.core.TableReplacement.Partitions;
import assay.core.TableReplacement.Scope;
import assay.core.TableVersion;
import assay.core.contract.ViewQuery;
import assay.core.contract.ViewQuery.Policy;
import assay.core.sql.QueryRows;
import assay.core.sql.SqlQuery;
import assay.core.sql.TableName;
import assay.views.materialized.RefreshPlanner.Decision;
import assay.views.materialized.RefreshPlanner.Situation;
import assay.views.materialized.RefreshPlanner.Ways;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;

/**
 * One refresh of one view. What it reads is pinned when it is made.
 *
 * <p>A view that is answered from partial aggregates has a table of them beside it, which is
 * written first, in a commit of its own that names the source's version. Killed between the two
 * commits, the next refresh finds partial aggregates that are newer than the view, goes on from
 * their version, and writes all of the view.
 */
final class ViewRefresh {
  /** Above this many files, partial aggregates are merged while they are written. */
  private static final int MOST_FILES = 200;

  /** And this many for each of their partitions, which has one at least however often they are. */
  private static final int MOST_FILES_OF_PARTITION = 2;

  private final SparkSession spark;
  private final ViewSources sources;
  private final ViewQuery view;
  private final Instant asOf;
  private final boolean full;
  private final Steps steps;
  private final Map<TableName, TableVersion> pins;
  private final LakeTable table;
  private final LakeTable partialsTable;
  private final long base;
  private final Optional<ViewOrigin> last;
  private final Decision decision;
  private Optional<Standing> standingPartials = Optional.empty();
  private Optional<Shape> shape = Optional.empty();
  private Optional<SparkSession> session = Optional.empty();
  private Optional<Dataset<Row>> came = Optional.empty();

  /**
   * What stands in a table that a view made.
   *
   * @param version -1 where there is no table
   * @param origin of that version; empty where no view made it
   */
  private record Standing(long version, Optional<ViewOrigin> origin) {
    static Standing in(LakeTable table) {
      while (true) {
        long version = table.version();
        Optional<ViewOrigin> origin = version < 0 ? Optional.empty() : property(table);
        // Otherwise a commit came in between, and the two may not belong together.
        if (table.version() == version) {
          return new Standing(version, origin);
        }
      }
    }
  }

  /**
   * What the query is like, over the pinned tables.
   *
   * @param partition the source's first partition column
   * @param carried the column of the result that carries it
   */
  private record Shape(
      Partials.Found found, Optional<String> partition, Optional<String> carried) {}

  ViewRefresh(
      SparkSession spark,
      Lake lake,
      ViewSources sources,
      ViewQuery view,
      Instant asOf,
      boolean full,
      Steps steps) {
    this.spark = spark;
    this.sources = sources;
    this.view = view;
    this.asOf = asOf.truncatedTo(ChronoUnit.MINUTES);
    this.full = full;
    this.steps = steps;
    this.table = new LakeTable(spark, lake.materializedView(view.name()));
    this.partialsTable = new LakeTable(spark, lake.viewState(view.name()));
    Standing standing = Standing.in(table);
    this.base = standing.version();
    this.last = standing.origin();
    this.pins = sources.pin(view.query().reads());
    for (TableName read : view.query().reads()) {
      if (!pins.containsKey(read)) {
        throw AssayException.failed(
            view.query().table() + " reads " + read + ", which is not there yet",
            "run the stage that makes " + read + " first");
      }
    }
    this.decision = RefreshPlanner.decide(situation());
  }

  /** What made a table; empty where no view did. */
  static Optional<ViewOrigin> origin(LakeTable table) {
    return table.exists() ? property(table) : Optional.empty();
  }

  private static Optional<ViewOrigin> property(LakeTable table) {
    return table.property(ViewOrigin.PROPERTY).map(ViewOrigin::of);
  }

  RefreshPlan plan() {
    Map<String, Long> versions = new TreeMap<>();
    pins.forEach((name, version) -> versions.put(name.toString(), version.version()));
    return new RefreshPlan(
        view.name(), decision.strategy(), decision.reason(), usedAsOf(), versions, base);
  }

  /** Whether no table of this query is there. */
  boolean isFirst() {
    return !isSameQuery();
  }

  private boolean isSameQuery() {
    return last.filter(o -> o.definition().equals(view.definition())).isPresent();
  }

  private Optional<Instant> usedAsOf() {
    return view.query().usesAsOf() ? Optional.of(asOf) : Optional.empty();
  }

  private Situation situation() {
    List<SourceChange> changes =
        pins.entrySet().stream()
            .map(
                pin ->
                    SourceChange.of(
                        pin.getKey(),
                        sources.table(pin.getKey()),
                        last.map(origin -> origin.sources().get(pin.getKey())),
                        pin.getValue()))
            .toList();
    boolean moved = last.filter(o -> o.asOf().equals(usedAsOf())).isEmpty();
    return new Situation(
        view.policy(), full, last.isPresent(), isSameQuery(), changes, moved, this::ways);
  }

  private Ways ways() {
    Shape known = shape();
    Partials.Found found = known.found();
    if (found.partials().isEmpty()) {
      return new Ways(
          Optional.empty(),
          found.refusal(),
          false,
          false,
          known.carried().isPresent(),
          this::allPartitions);
    }
    TableName source = source();
    SourceChange change =
        standingPartials()
            .origin()
            .map(
                origin ->
                    SourceChange.of(
                        source,
                        sources.table(source),
                        Optional.ofNullable(origin.sources().get(source)),
                        pins.get(source)))
            .orElseGet(() -> SourceChange.unknown("there are no partial aggregates of this query"));
    if (isBehindPartials(found.partials().get())) {
      change = SourceChange.unknown(":as_of went back behind what partial aggregates are kept of");
    }
    came =
        new LakeTable(session(), sources.table(source).path())
            .readAdded(pins.get(source).version(), change.added());
    return new Ways(
        Optional.of(change),
        "",
        came.isPresent(),
        found.partials().get().byPartition(),
        known.carried().isPresent(),
        this::allPartitions);
  }

  private boolean isBehindPartials(Partials partials) {
    OptionalLong kept =
        standingPartials().origin().map(ViewOrigin::keptFrom).orElse(OptionalLong.empty());
    if (kept.isEmpty()) {
      return false;
    }
    OptionalLong from = keptFrom(partials);
    return from.isEmpty() || from.getAsLong() < kept.getAsLong();
  }

  private OptionalLong keptFrom(Partials partials) {
    return partials.window().map(w -> w.from(asOf)).orElse(OptionalLong.empty());
  }

  /**
   * The partial aggregates of this query. They are looked for once: what is decided and what is
   * committed must go on from the same ones, or rows that another run added are added twice.
   */
  private Standing standingPartials() {
    if (standingPartials.isEmpty()) {
      Standing standing = Standing.in(partialsTable);
      standingPartials =
          Optional.of(
              new Standing(
                  standing.version(),
                  standing.origin().filter(o -> o.definition().equals(view.definition()))));
    }
    return standingPartials.get();
  }

  /** A session of the refresh's own, where it gives names to the tables that it reads. */
  private SparkSession session() {
    if (session.isEmpty()) {
      session = Optional.of(spark.newSession());
    }
    return session.get();
  }

  private Shape shape() {
    if (shape.isEmpty()) {
      shape = Optional.of(look());
    }
    return shape.get();
  }

  private Shape look() {
    if (view.query().references().size() != 1) {
      String why =
          view.query().references().isEmpty()
              ? "the query reads no table"
              : "the query reads more than one table";
      return new Shape(
          new Partials.Found(Optional.empty(), why), Optional.empty(), Optional.empty());
    }
    TableName source = source();
    Optional<String> partition = sources.partitionColumn(source, pins.get(source));
    SparkSession session = session();
    Dataset<Row> stored = sources.stored(session, source, pins.get(source));
    Dataset<Row> query = compute(session, stored, PlanTrees.markLiteral());
    Optional<String> usable =
        partition.filter(p -> PlainTypes.isExactValue(stored.schema().apply(p).dataType()));
    Partials.Found found = Partials.of(query, usable);
    if (found.partials().isPresent()) {
      Optional<String> refusal =
          found.partials().get().window().flatMap(window -> window.refusal(asOf));
      if (refusal.isPresent()) {
        found = new Partials.Found(Optional.empty(), refusal.get());
      }
    }
    var plan = PlanTrees.analyzed(query);
    boolean oneLeaf = plan.collectLeaves().size() == 1;
    Optional<String> carried =
        oneLeaf
            ? usable.flatMap(p -> PlanTrees.carried(plan, p)).map(attribute -> attribute.name())
            : Optional.empty();
    return new Shape(found, usable, carried);
  }

  private TableName source() {
    return view.query().reads().first();
  }

  private Set<Optional<String>> allPartitions() {
    TableName source = source();
    Optional<String> partition = shape().partition();
    Set<Optional<String>> all = new HashSet<>();
    partition.ifPresent(
        column ->
            new TableFiles(spark, sources.table(source).path())
                .partitions(pins.get(source).version(), column)
                .forEach(value -> all.add(Optional.of(value))));
    return all;
  }

  /**
   * Does what the plan says.
   *
   * @return the version of the view
   */
  long run(Instant began) {
    boolean partials =
        decision.partials()
            && view.policy() != Policy.FULL
            && shape().found().partials().isPresent();
    if (partials) {
      return fromPartials(shape().found().partials().get(), began);
    }
    return decision.strategy() == Strategy.PARTITION ? byPartition(began) : inFull(began);
  }

  private long inFull(Instant began) {
    SparkSession session = session();
    Map<TableName, Dataset<Row>> tables = new TreeMap<>();
    pins.forEach(
        (name, pin) ->
            tables.put(name, sources.seen(session, name, sources.stored(session, name, pin))));
    Dataset<Row> rows =
        new QueryRows(view.query(), view.partitionBy())
            .compute(session, tables, SqlQuery.literal(asOf));
    return write(rows, new All(view.partitionBy()), began);
  }

  private long byPartition(Instant began) {
    SparkSession session = session();
    String column = shape().carried().orElseThrow();
    Set<Optional<String>> touched = decision.change().partitions();
    Dataset<Row> anew = compute(session, touchedRows(session), SqlQuery.literal(asOf));
    if (view.partitionBy().stream().findFirst().filter(column::equals).isPresent()) {
      return write(anew, new Partitions(touched), began);
    }
    DataType type = anew.schema().apply(column).dataType();
    Dataset<Row> others =
        new LakeTable(session, table.path())
            .readAt(base)
            .where(not(isOneOf(col("`" + column + "`"), type, touched)));
    return write(others.unionByName(anew), new All(view.partitionBy()), began);
  }

  /** The rows of the only source that stand in partitions in which rows changed. */
  private Dataset<Row> touchedRows(SparkSession session) {
    TableName source = source();
    String column = shape().partition().orElseThrow();
    Dataset<Row> stored = sources.stored(session, source, pins.get(source));
    return stored.where(
        isOneOf(
            col("`" + column + "`"),
            stored.schema().apply(column).dataType(),
            decision.change().partitions()));
  }

  /** Never NULL, whatever the column holds. */
  private static Column isOneOf(Column column, DataType type, Set<Optional<String>> values) {
    Object[] present =
        values.stream()
            .flatMap(Optional::stream)
            .sorted()
            .map(value -> lit(value).cast(type))
            .toArray();
    Column isPresent = column.isNotNull().and(column.isin(present));
    return values.contains(Optional.empty()) ? column.isNull().or(isPresent) : isPresent;
  }

  private long fromPartials(Partials partials, Instant began) {
    Standing standing = standingPartials();
    SparkSession session = session();
    // The view holds what the partial aggregates held: what changes in one changes in the other.
    boolean inStep =
        standing
            .origin()
            .filter(o -> last.filter(l -> l.sources().equals(o.sources())).isPresent())
            .isPresent();
    long version =
        switch (decision.strategy()) {
          case ADDITIVE -> add(session, partials, began);
          case PARTITION -> replaceTouched(session, began);
          default -> rebuild(partials, began);
        };
    steps.reached(
        MaterializedViews.STAGE, view.name() + " partial aggregates of version " + version);
    Dataset<Row> kept = new LakeTable(session, partialsTable.path()).readAt(version);
    Optional<String> column = shape().carried();
    boolean partOfView =
        inStep
            && decision.strategy() != Strategy.FULL
            && !view.query().usesAsOf()
            && column.isPresent()
            && view.partitionBy().stream().findFirst().equals(column);
    if (partOfView) {
      Set<Optional<String>> touched = decision.change().partitions();
      DataType type = kept.schema().apply(Partials.PART).dataType();
      Dataset<Row> rows = kept.where(isOneOf(col(Partials.PART), type, touched));
      return write(partials.answer(rows, asOf), new Partitions(touched), began);
    }
    return write(partials.answer(kept, asOf), new All(view.partitionBy()), began);
  }

  private long add(SparkSession session, Partials partials, Instant began) {
    if (decision.change().added().isEmpty()) {
      return standingPartials().version();
    }
    ViewOrigin before = standingPartials().origin().orElseThrow();
    Dataset<Row> added = partialsOf(session, came.orElseThrow()).compute(before.keptFrom());
    if (!areManyFiles(partials)) {
      return writePartials(added, new Nothing(), before.keptFrom(), began);
    }
    OptionalLong keptFrom = keptFrom(partials);
    Dataset<Row> all =
        new LakeTable(session, partialsTable.path())
            .readAt(standingPartials().version())
            .unionByName(added);
    Dataset<Row> wanted =
        keptFrom.isEmpty()
            ? all
            : all.where(partials.window().orElseThrow().bucketIsKept(keptFrom.getAsLong()));
    return writePartials(
        partials.merge(wanted), new All(partialsPartitioning(partials)), keptFrom, began);
  }

  private boolean areManyFiles(Partials partials) {
    long version = standingPartials().version();
    long files = partialsTable.filesAt(version);
    if (files <= MOST_FILES || !partials.byPartition()) {
      return files > MOST_FILES;
    }
    int partitions =
        new TableFiles(spark, partialsTable.path()).partitions(version, Partials.PART).size();
    return files > MOST_FILES + (long) MOST_FILES_OF_PARTITION * partitions;
  }

  private long replaceTouched(SparkSession session, Instant began) {
    ViewOrigin before = standingPartials().origin().orElseThrow();
    Dataset<Row> anew = partialsOf(session, touchedRows(session)).compute(before.keptFrom());
    return writePartials(
        anew, new Partitions(decision.change().partitions()), before.keptFrom(), began);
  }

  private long rebuild(Partials partials, Instant began) {
    OptionalLong keptFrom = keptFrom(partials);
    return writePartials(
        partials.compute(keptFrom), new All(partialsPartitioning(partials)), keptFrom, began);
  }

  /** The same query over some of the rows. */
  private Partials partialsOf(SparkSession session, Dataset<Row> stored) {
    Dataset<Row> query = compute(session, stored, PlanTrees.markLiteral());
    return Partials.of(query, shape().partition()).partials().orElseThrow();
  }

  /** The rows of the query over its only source. */
  private Dataset<Row> compute(SparkSession session, Dataset<Row> stored, String literal) {
    TableName source = source();
    return new QueryRows(view.query(), view.partitionBy())
        .compute(session, Map.of(source, sources.seen(session, source, stored)), literal);
  }

  private static List<String> partialsPartitioning(Partials partials) {
    return partials.byPartition() ? List.of(Partials.PART) : List.of();
  }

  private long writePartials(Dataset<Row> rows, Scope scope, OptionalLong keptFrom, Instant began) {
    return replace(
        partialsTable, standingPartials().version(), rows, scope, origin(began, keptFrom));
  }

  private long write(Dataset<Row> rows, Scope scope, Instant began) {
    return replace(table, base, rows, scope, origin(began, OptionalLong.empty()));
  }

  private ViewOrigin origin(Instant began, OptionalLong keptFrom) {
    return new ViewOrigin(
        view.definition(),
        usedAsOf(),
        pins,
        decision.strategy(),
        decision.reason(),
        began,
        keptFrom);
  }

  private static long replace(
      LakeTable table, long base, Dataset<Row> rows, Scope scope, ViewOrigin origin) {
    long against = base;
    if (against < 0) {
      // Without an origin: a crash before the rows leaves a table that no query has made.
      table.createOrExtend(
          TableReplacement.schemaOf(rows),
          scope instanceof All all ? all.partitionBy() : List.of(),
          LakeTable.GUARDED);
      against = table.version();
    }
    return table.replace(against, new TableReplacement(rows, scope, origin.property()));
  }
}
