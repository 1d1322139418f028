package assay.gold.upkeep;

import assay.core.Steps;
import assay.core.TableUpkeep;
import assay.core.TableUpkeep.Deletion;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Deletes the files of tables that no version of the last days needs, where nobody else does. */
final class TableVacuum {
  private final SparkSession spark;
  private final Clock clock;
  private final Steps steps;
  private final MaintainRequest.Vacuum asked;
  private final boolean dryRun;

  TableVacuum(
      SparkSession spark, Clock clock, Steps steps, MaintainRequest.Vacuum asked, boolean dryRun) {
    this.spark = spark;
    this.clock = clock;
    this.steps = steps;
    this.asked = asked;
    this.dryRun = dryRun;
  }

  /**
   * Vacuums one table.
   *
   * @param named versions that must stay readable, of this table or others
   */
  Vacuumed vacuum(String table, List<NamedVersion> named) {
    TableUpkeep files = new TableUpkeep(spark, table);
    Duration least = files.retention().deletedFiles();
    Duration retain = asked.retain().compareTo(least) < 0 ? least : asked.retain();
    Optional<String> leftAlone = whyLeftAlone(table, files, named, retain);
    Deletion deletion =
        leftAlone.isPresent() ? new Deletion(0, 0) : files.vacuumable(retain, clock);
    if (deletion.files() > 0 && !dryRun) {
      files.vacuum(retain, clock);
      steps.reached(MaintainStage.STAGE, "%s: %d files deleted".formatted(table, deletion.files()));
    }
    return new Vacuumed(table, deletion.files(), deletion.bytes(), leftAlone);
  }

  private Optional<String> whyLeftAlone(
      String table, TableUpkeep files, List<NamedVersion> named, Duration retain) {
    if (files.feedsChanges() && !asked.changeFeeds()) {
      return Optional.of(
          "its change data feed is on, and its readers need the files; --vacuum-cdf deletes them");
    }
    Instant cut = clock.instant().minus(retain);
    for (NamedVersion version : named) {
      Optional<Instant> superseded =
          version.table().equals(table) ? files.supersededAt(version.version()) : Optional.empty();
      if (superseded.filter(at -> at.isBefore(cut)).isPresent()) {
        return Optional.of(
            "%s still stands for its version %d, whose files would go: %s"
                .formatted(version.by(), version.version(), version.mend()));
      }
    }
    return Optional.empty();
  }
}
