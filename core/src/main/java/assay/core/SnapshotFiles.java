package assay.core;

import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.AddFile;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The files of a version. Those of a table with few files (see {@code
 * spark.databricks.delta.allFilesInCrc.thresholdNumFiles}) stand in the checksum that each commit
 * leaves, and no job runs for them; otherwise the engine works out the version from its log.
 */
final class SnapshotFiles {
  private SnapshotFiles() {}

  static List<AddFile> all(Snapshot snapshot) {
    return known(snapshot).orElseGet(() -> snapshot.allFiles().collectAsList());
  }

  /** Empty where a job would be needed. */
  static Optional<List<AddFile>> known(Snapshot snapshot) {
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    return checksum.isDefined() && checksum.get().allFiles().isDefined()
        ? Optional.of(List.copyOf(CollectionConverters.asJava(checksum.get().allFiles().get())))
        : Optional.empty();
  }

  static long count(Snapshot snapshot) {
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    return checksum.isDefined() ? checksum.get().numFiles() : snapshot.numOfFiles();
  }
}
