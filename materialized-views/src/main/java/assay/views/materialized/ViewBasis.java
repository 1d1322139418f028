package assay.views.materialized;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.PlainTypes;
import assay.core.TableFiles;
import assay.core.TableVersion;
import assay.core.contract.ViewQuery;
import assay.core.sql.QueryRows;
import assay.core.sql.TableName;
import assay.views.materialized.RefreshPlanner.Situation;
import assay.views.materialized.RefreshPlanner.Ways;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a refresh goes on from: the versions that it reads, pinned when this is made, what stands in
 * the view and in its partial aggregates, and what its query is like. Each is looked up when it is
 * first asked for, and only once.
 */
final class ViewBasis {
  private final SparkSession spark;
  private final ViewSources sources;
  private final ViewQuery view;
  private final Instant asOf;
  private final Map<TableName, TableVersion> pins;
  private final LakeTable table;
  private final LakeTable partialsTable;
  private final Standing standing;
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
  record Standing(long version, Optional<ViewOrigin> origin) {
    private static Standing in(LakeTable table) {
      while (true) {
        long version = table.version();
        Optional<ViewOrigin> origin = version < 0 ? Optional.empty() : ViewOrigin.of(table);
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
  record Shape(Partials.Found found, Optional<String> partition, Optional<String> carried) {}

  /**
   * Pins what a view reads.
   *
   * @throws AssayException where one of the tables is not there
   */
  ViewBasis(SparkSession spark, Lake lake, ViewSources sources, ViewQuery view, Instant asOf) {
    this.spark = spark;
    this.sources = sources;
    this.view = view;
    this.asOf = asOf.truncatedTo(ChronoUnit.MINUTES);
    this.table = new LakeTable(spark, lake.materializedView(view.name()));
    this.partialsTable = new LakeTable(spark, lake.viewState(view.name()));
    this.standing = Standing.in(table);
    this.pins = sources.pin(view.query().reads());
    for (TableName read : view.query().reads()) {
      if (!pins.containsKey(read)) {
        throw AssayException.failed(
            view.query().table() + " reads " + read + ", which is not there yet",
            "run the stage that makes " + read + " first");
      }
    }
  }

  ViewQuery view() {
    return view;
  }

  /** The minute that {@code :as_of} stands for. */
  Instant asOf() {
    return asOf;
  }

  /** The same; empty where the query does not use it. */
  Optional<Instant> usedAsOf() {
    return view.query().usesAsOf() ? Optional.of(asOf) : Optional.empty();
  }

  Map<TableName, TableVersion> pins() {
    return pins;
  }

  LakeTable table() {
    return table;
  }

  LakeTable partialsTable() {
    return partialsTable;
  }

  Standing standing() {
    return standing;
  }

  /**
   * The partial aggregates of this query. They are looked for once: what is decided and what is
   * committed must go on from the same ones, or rows that another run added are added twice.
   */
  Standing standingPartials() {
    if (standingPartials.isEmpty()) {
      Standing found = Standing.in(partialsTable);
      standingPartials =
          Optional.of(
              new Standing(
                  found.version(),
                  found.origin().filter(o -> o.definition().equals(view.definition()))));
    }
    return standingPartials.get();
  }

  /** Whether this query made what stands in the view. */
  boolean isSameQuery() {
    return standing.origin().filter(o -> o.definition().equals(view.definition())).isPresent();
  }

  /** What the planner is to know. */
  Situation situation(boolean full) {
    Optional<ViewOrigin> last = standing.origin();
    boolean moved = last.filter(o -> o.asOf().equals(usedAsOf())).isEmpty();
    return new Situation(
        view.policy(),
        full,
        last.isPresent(),
        isSameQuery(),
        pins.keySet().stream().map(name -> change(name, last)).toList(),
        moved,
        this::ways);
  }

  /** What happened to a source since a table was made of it. */
  private SourceChange change(TableName name, Optional<ViewOrigin> since) {
    return SourceChange.of(
        name, sources.table(name), since.map(origin -> origin.sources().get(name)), pins.get(name));
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
    SourceChange change =
        standingPartials().origin().isPresent()
            ? change(source(), standingPartials().origin())
            : SourceChange.unknown("there are no partial aggregates of this query");
    if (isBehindPartials(found.partials().get())) {
      change = SourceChange.unknown(":as_of went back behind what partial aggregates are kept of");
    }
    came = change.kind() == SourceChange.Kind.APPENDED ? readAdded() : Optional.empty();
    return new Ways(
        Optional.of(change),
        "",
        came.isPresent(),
        found.partials().get().byPartition(),
        known.carried().isPresent(),
        this::allPartitions);
  }

  private Optional<Dataset<Row>> readAdded() {
    TableName source = source();
    long after = standingPartials().origin().orElseThrow().sources().get(source).version();
    return new LakeTable(session(), sources.table(source).path())
        .readAdded(after, pins.get(source).version());
  }

  /** The rows that came into the only source since the partial aggregates were made. */
  Dataset<Row> came() {
    return came.orElseThrow();
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

  /** The first bucket of time that the query can ask for; empty where it asks for all. */
  OptionalLong keptFrom(Partials partials) {
    return partials.window().map(w -> w.from(asOf)).orElse(OptionalLong.empty());
  }

  /** A session of the refresh's own, where it gives names to the tables that it reads. */
  SparkSession session() {
    if (session.isEmpty()) {
      session = Optional.of(spark.newSession());
    }
    return session.get();
  }

  Shape shape() {
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
    Dataset<Row> stored = stored(source);
    Dataset<Row> query = compute(stored, PlanTrees.markLiteral());
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

  /** The only table that the query reads, where it reads but one. */
  TableName source() {
    return view.query().reads().first();
  }

  /** The rows that stand in a pinned table. */
  Dataset<Row> stored(TableName name) {
    return sources.stored(session(), name, pins.get(name));
  }

  /** The rows of the query over all that it reads. */
  Dataset<Row> compute(String literal) {
    Map<TableName, Dataset<Row>> tables = new TreeMap<>();
    pins.keySet().forEach(name -> tables.put(name, sources.seen(session(), name, stored(name))));
    return rows().compute(session(), tables, literal);
  }

  /**
   * The rows of the query over its only source.
   *
   * @param stored all or some of what stands in it
   */
  Dataset<Row> compute(Dataset<Row> stored, String literal) {
    TableName source = source();
    return rows()
        .compute(session(), Map.of(source, sources.seen(session(), source, stored)), literal);
  }

  private QueryRows rows() {
    return new QueryRows(view.query(), view.partitionBy());
  }

  /** The partitions of the partial aggregates. */
  Set<String> partitionsOfPartials() {
    return new TableFiles(spark, partialsTable.path())
        .partitions(standingPartials().version(), Partials.PART);
  }

  private Set<Optional<String>> allPartitions() {
    TableName source = source();
    Set<Optional<String>> all = new HashSet<>();
    shape()
        .partition()
        .ifPresent(
            column ->
                new TableFiles(spark, sources.table(source).path())
                    .partitions(pins.get(source).version(), column)
                    .forEach(value -> all.add(Optional.of(value))));
    return all;
  }
}
