package assay.views.materialized;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import assay.core.LakeTable;
import assay.core.LakeTable.Replaced;
import assay.core.Steps;
import assay.core.TableReplacement;
import assay.core.TableReplacement.All;
import assay.core.TableReplacement.Nothing;
import assay.core.TableReplacement.Partitions;
import assay.core.TableReplacement.Scope;
import assay.core.contract.ViewQuery;
import assay.core.contract.ViewQuery.Policy;
import assay.core.rows.KeptRows;
import assay.core.sql.SqlQuery;
import assay.core.sql.TableName;
import assay.views.materialized.RefreshPlanner.Decision;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;

/**
 * One refresh of one view: the decision, and the work.
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

  private final ViewBasis basis;
  private final ViewQuery view;
  private final Decision decision;
  private final Steps steps;

  ViewRefresh(ViewBasis basis, boolean full, Steps steps) {
    this.basis = basis;
    this.view = basis.view();
    this.decision = RefreshPlanner.decide(basis.situation(full));
    this.steps = steps;
  }

  RefreshPlan plan() {
    Map<String, Long> versions = new TreeMap<>();
    basis.pins().forEach((name, version) -> versions.put(name.toString(), version.version()));
    return new RefreshPlan(
        view.name(),
        decision.strategy(),
        decision.reason(),
        basis.usedAsOf(),
        versions,
        basis.standing().version());
  }

  /**
   * Does what the plan says.
   *
   * @param began for the origin of what is written
   */
  Replaced run(Instant began) {
    boolean partials =
        decision.partials()
            && view.policy() != Policy.FULL
            && basis.shape().found().partials().isPresent();
    if (partials) {
      return fromPartials(basis.shape().found().partials().get(), began);
    }
    return decision.strategy() == Strategy.PARTITION ? byPartition(began) : inFull(began);
  }

  private Replaced inFull(Instant began) {
    return write(basis.compute(SqlQuery.literal(basis.asOf())), new All(view.partitionBy()), began);
  }

  private Replaced byPartition(Instant began) {
    String column = basis.shape().carried().orElseThrow();
    Set<Optional<String>> touched = decision.change().partitions();
    Dataset<Row> anew = basis.compute(touchedRows(), SqlQuery.literal(basis.asOf()));
    if (isFirstPartition(column)) {
      return write(anew, new Partitions(touched), began);
    }
    DataType type = anew.schema().apply(column).dataType();
    Dataset<Row> others =
        new LakeTable(basis.session(), basis.table().path())
            .readAt(basis.standing().version())
            .where(not(isOneOf(col("`" + column + "`"), type, touched)));
    return write(others.unionByName(anew), new All(view.partitionBy()), began);
  }

  /** Whether the view is partitioned by a column first. */
  private boolean isFirstPartition(String column) {
    return view.partitionBy().stream().findFirst().filter(column::equals).isPresent();
  }

  /** The rows of the only source that stand in partitions in which rows changed. */
  private Dataset<Row> touchedRows() {
    TableName source = basis.source();
    String column = basis.shape().partition().orElseThrow();
    Dataset<Row> stored = basis.stored(source);
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

  private Replaced fromPartials(Partials partials, Instant began) {
    return switch (decision.strategy()) {
      case ADDITIVE ->
          decision.change().kind() == SourceChange.Kind.NONE
              ? answer(partials, readStanding(), began)
              : add(partials, began);
      case PARTITION -> replaceTouched(partials, began);
      default -> rebuild(partials, began);
    };
  }

  private Replaced add(Partials partials, Instant began) {
    OptionalLong keptBefore = basis.standingPartials().origin().orElseThrow().keptFrom();
    try (KeptRows added = new KeptRows(partialsOf(basis.came()).compute(keptBefore))) {
      Dataset<Row> all = readStanding().unionByName(added.rows());
      if (areManyFiles(partials)) {
        OptionalLong keptFrom = basis.keptFrom(partials);
        Dataset<Row> wanted =
            keptFrom.isEmpty()
                ? all
                : all.where(partials.window().orElseThrow().bucketIsKept(keptFrom.getAsLong()));
        writePartials(partials.merge(wanted), wholly(partials), keptFrom, began);
      } else {
        writePartials(added.rows(), new Nothing(), keptBefore, began);
      }
      return answer(partials, all, began);
    }
  }

  private Replaced replaceTouched(Partials partials, Instant began) {
    OptionalLong keptBefore = basis.standingPartials().origin().orElseThrow().keptFrom();
    Set<Optional<String>> touched = decision.change().partitions();
    try (KeptRows anew = new KeptRows(partialsOf(touchedRows()).compute(keptBefore))) {
      Dataset<Row> standing = readStanding();
      Dataset<Row> others = standing.where(not(isOfPartition(standing, touched)));
      writePartials(anew.rows(), new Partitions(touched), keptBefore, began);
      return answer(partials, others.unionByName(anew.rows()), began);
    }
  }

  private Replaced rebuild(Partials partials, Instant began) {
    OptionalLong keptFrom = basis.keptFrom(partials);
    long version = writePartials(partials.compute(keptFrom), wholly(partials), keptFrom, began);
    return write(
        partials.answer(readPartials(version), basis.asOf()), new All(view.partitionBy()), began);
  }

  /**
   * Writes the answer that follows from partial aggregates: where the view held what they held
   * before, what changes in one changes in the other.
   */
  private Replaced answer(Partials partials, Dataset<Row> kept, Instant began) {
    Optional<ViewOrigin> last = basis.standing().origin();
    boolean inStep =
        basis
            .standingPartials()
            .origin()
            .filter(o -> last.filter(l -> l.sources().equals(o.sources())).isPresent())
            .isPresent();
    Optional<String> column = basis.shape().carried();
    boolean partOfView =
        inStep && !view.query().usesAsOf() && column.filter(this::isFirstPartition).isPresent();
    if (!partOfView) {
      return write(partials.answer(kept, basis.asOf()), new All(view.partitionBy()), began);
    }
    Set<Optional<String>> touched = decision.change().partitions();
    Dataset<Row> rows = kept.where(isOfPartition(kept, touched));
    return write(partials.answer(rows, basis.asOf()), new Partitions(touched), began);
  }

  private static Column isOfPartition(Dataset<Row> partials, Set<Optional<String>> values) {
    DataType type = partials.schema().apply(Partials.PART).dataType();
    return isOneOf(col(Partials.PART), type, values);
  }

  private Dataset<Row> readStanding() {
    return readPartials(basis.standingPartials().version());
  }

  private Dataset<Row> readPartials(long version) {
    return new LakeTable(basis.session(), basis.partialsTable().path()).readWhole(version);
  }

  private boolean areManyFiles(Partials partials) {
    long version = basis.standingPartials().version();
    long files = basis.partialsTable().filesAt(version);
    if (files <= MOST_FILES || !partials.byPartition()) {
      return files > MOST_FILES;
    }
    int partitions = basis.partitionsOfPartials().size();
    return files > MOST_FILES + (long) MOST_FILES_OF_PARTITION * partitions;
  }

  /** The same query over some of the rows. */
  private Partials partialsOf(Dataset<Row> stored) {
    Dataset<Row> query = basis.compute(stored, PlanTrees.markLiteral());
    return Partials.of(query, basis.shape().partition()).partials().orElseThrow();
  }

  private static All wholly(Partials partials) {
    return new All(partials.byPartition() ? List.of(Partials.PART) : List.of());
  }

  /**
   * @return the version that was made
   */
  private long writePartials(Dataset<Row> rows, Scope scope, OptionalLong keptFrom, Instant began) {
    long version =
        replace(
                basis.partialsTable(),
                basis.standingPartials().version(),
                rows,
                scope,
                origin(began, keptFrom))
            .version();
    steps.reached(
        MaterializedViews.STAGE, view.name() + " partial aggregates of version " + version);
    return version;
  }

  private Replaced write(Dataset<Row> rows, Scope scope, Instant began) {
    return replace(
        basis.table(),
        basis.standing().version(),
        rows,
        scope,
        origin(began, OptionalLong.empty()));
  }

  private ViewOrigin origin(Instant began, OptionalLong keptFrom) {
    return new ViewOrigin(
        view.definition(),
        basis.usedAsOf(),
        basis.pins(),
        decision.strategy(),
        decision.reason(),
        began,
        keptFrom);
  }

  private static Replaced replace(
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
