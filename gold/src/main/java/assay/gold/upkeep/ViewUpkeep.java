package assay.gold.upkeep;

import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.LakeCatalog;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.TableUpkeep;
import assay.core.TableUpkeep.Group;
import assay.core.contract.Definitions;
import assay.core.contract.ViewQuery;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * Keeps the files of materialized views few, and deletes those that no version needs when asked to.
 * No row changes, so that views over views take none of it for a change.
 *
 * <p>The partial aggregates beside a view are not put together here: a refresh merges their rows
 * once they are many files, and drops those that no window reaches any more. Fewer files of the
 * same rows would put that off.
 */
public final class ViewUpkeep {
  private final SparkSession spark;
  private final Lake lake;
  private final Definitions definitions;
  private final Clock clock;
  private final Steps steps;

  public ViewUpkeep(
      SparkSession spark, Lake lake, Definitions definitions, Clock clock, Steps steps) {
    this.spark = spark;
    this.lake = lake;
    this.definitions = definitions;
    this.clock = clock;
    this.steps = steps;
  }

  /** Whether there is a view, or what one has left. */
  public boolean any() {
    return !definitions.views().isEmpty() || !undefined().isEmpty();
  }

  /** What {@link #run} would do now; writes nothing. */
  public ViewUpkeepResult plan(MaintainRequest request) {
    return work(request, true);
  }

  /**
   * Does it. A compaction that meets a refresh ends the run; those before it stay, and are not done
   * again.
   */
  public ViewUpkeepResult run(MaintainRequest request) {
    return work(request, false);
  }

  private ViewUpkeepResult work(MaintainRequest request, boolean dryRun) {
    List<Compaction> compactions = new ArrayList<>();
    for (String table : existing(lake::materializedView)) {
      Optional<CompactionPlan> plan =
          CompactionPlanner.whole(table, List.of(mergeable(new TableUpkeep(spark, table))));
      plan.ifPresent(
          p -> compactions.add(new Compaction(p, dryRun ? OptionalLong.empty() : compact(p))));
    }
    List<Vacuumed> vacuumed = new ArrayList<>();
    request
        .vacuum()
        .map(asked -> new TableVacuum(spark, clock, steps, asked, dryRun))
        .ifPresent(
            vacuum ->
                Stream.of(existing(lake::materializedView), existing(lake::viewState))
                    .flatMap(List::stream)
                    .forEach(table -> vacuumed.add(vacuum.vacuum(table, List.of()))));
    return new ViewUpkeepResult(compactions, vacuumed, undefined());
  }

  /** The files that a compaction can put together: a partition with one small file has none. */
  private static Group mergeable(TableUpkeep files) {
    long small = 0;
    long bytes = 0;
    for (Group group : files.groupsOfPartitions()) {
      if (group.small() >= CompactionPlanner.FEW) {
        small += group.small();
        bytes += group.smallBytes();
      }
    }
    return new Group(Optional.empty(), small, bytes, small, bytes);
  }

  private OptionalLong compact(CompactionPlan plan) {
    return plan.done(new TableUpkeep(spark, plan.table()).compact(Optional.empty()), steps);
  }

  private List<String> existing(Function<String, String> path) {
    return definitions.views().stream()
        .map(ViewQuery::name)
        .map(path)
        .filter(table -> new LakeTable(spark, table).exists())
        .toList();
  }

  private List<String> undefined() {
    Set<String> defined =
        definitions.views().stream().map(ViewQuery::name).collect(Collectors.toSet());
    LakeCatalog catalog = new LakeCatalog(spark, lake);
    return Stream.concat(
            undefined(catalog, lake.folder(Layer.MATERIALIZED_VIEWS), defined),
            undefined(catalog, lake.viewStates(), defined))
        .toList();
  }

  private static Stream<String> undefined(LakeCatalog catalog, String folder, Set<String> defined) {
    return catalog.tablesIn(folder).stream()
        .filter(name -> !defined.contains(name))
        .sorted()
        .map(name -> folder + "/" + name);
  }
}
