package assay.views.materialized;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableFiles;
import assay.core.contract.Definitions;
import assay.core.contract.ViewQuery;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * Refreshes materialized views, each in one commit that also names the versions of all that it was
 * made from. Views may be refreshed from several threads at once, each view from one.
 */
public final class MaterializedViews {
  static final String STAGE = "views";

  private final SparkSession spark;
  private final Lake lake;
  private final ViewSources sources;
  private final Clock clock;
  private final Steps steps;

  /**
   * The views of a lake.
   *
   * @param clock tells when a refresh begins and ends, and nothing that stands in a view
   */
  public MaterializedViews(
      SparkSession spark, Lake lake, Definitions definitions, Clock clock, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.sources = new ViewSources(spark, lake, definitions);
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * What {@link #refresh} would do now.
   *
   * @param asOf what {@code :as_of} stands for; its minute counts
   * @param full whether everything is to be computed anew
   */
  public RefreshPlan plan(ViewQuery view, Instant asOf, boolean full) {
    return new ViewRefresh(basis(view, asOf), full, steps).plan();
  }

  /**
   * Brings a view up to date. All that it reads is pinned before any of it is read.
   *
   * @throws AssayException where a table that it reads is not there, the query does not fit what it
   *     reads, or its policy is incremental and only a refresh in full would be right
   */
  public RefreshResult refresh(ViewQuery view, Instant asOf, boolean full) {
    Instant began = clock.instant();
    ViewBasis basis = basis(view, asOf);
    ViewRefresh refresh = new ViewRefresh(basis, full, steps);
    RefreshPlan plan = refresh.plan();
    if (plan.strategy() == Strategy.NONE) {
      return new RefreshResult(plan, -1, plan.version(), since(began));
    }
    if (plan.strategy() == Strategy.FULL
        && view.policy() == ViewQuery.Policy.INCREMENTAL
        && basis.isSameQuery()
        && !full) {
      throw AssayException.failed(
          "%s would be refreshed in full, which its policy forbids: %s"
              .formatted(view.query().table(), plan.reason()),
          "run 'assay views refresh "
              + view.name()
              + " --full' once, or write '-- policy: auto' in "
              + view.query().file());
    }
    LakeTable.Replaced made = refresh.run(began);
    steps.reached(STAGE, view.name() + " committed, " + plan.strategy().word());
    return new RefreshResult(plan, made.rows().orElse(-1), made.version(), since(began));
  }

  /** What stands in a view, and how far its sources have gone on since. */
  public ViewState state(ViewQuery view) {
    LakeTable table = new LakeTable(spark, lake.materializedView(view.name()));
    Optional<ViewOrigin> origin = ViewOrigin.of(table);
    if (origin.isEmpty()) {
      return ViewState.notMade(view.name());
    }
    long version = table.version();
    Instant committed = table.committedAt(version);
    Map<String, Long> behind = new TreeMap<>();
    sources
        .pin(view.query().reads())
        .forEach(
            (name, now) -> {
              long then =
                  Optional.ofNullable(origin.get().sources().get(name))
                      .filter(last -> last.id().equals(now.id()))
                      .map(last -> last.version())
                      .orElse(-1L);
              // A compaction is no news.
              boolean goneOn =
                  then != now.version()
                      && (then < 0 || sources.table(name).mayDiffer(then, now.version()));
              if (goneOn) {
                behind.put(
                    name.toString(),
                    Math.max(
                        0,
                        Duration.between(committed, sources.table(name).committedAt(now.version()))
                            .toSeconds()));
              }
            });
    return new ViewState(
        view.name(),
        Optional.of(origin.get().began()),
        origin.get().asOf(),
        Optional.of(origin.get().strategy()),
        origin.get().reason(),
        Duration.between(origin.get().began(), committed),
        new TableFiles(spark, table.path()).size(version).rows(),
        version,
        behind);
  }

  /** When a view was refreshed last, by its own commit; empty where it was never made. */
  public Optional<Instant> lastRefresh(ViewQuery view) {
    return ViewOrigin.of(new LakeTable(spark, lake.materializedView(view.name())))
        .map(ViewOrigin::began);
  }

  private ViewBasis basis(ViewQuery view, Instant asOf) {
    return new ViewBasis(spark, lake, sources, view, asOf);
  }

  private Duration since(Instant began) {
    return Duration.between(began, clock.instant());
  }
}
