package assay.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.SetTransaction;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What a version of a table holds, taken from the checksum that its commit left. Delta itself goes
 * by the checksum for few questions, and works the version out from the whole log for the others,
 * in a job of some 0.3 seconds; that is done here only where the checksum does not tell.
 */
final class VersionState {
  private VersionState() {}

  /** The files. */
  static List<AddFile> files(Snapshot snapshot) {
    return knownFiles(snapshot).orElseGet(() -> snapshot.allFiles().collectAsList());
  }

  /**
   * The same; empty where a job would be needed. A checksum names the files of a table that has no
   * more than {@code spark.databricks.delta.allFilesInCrc.thresholdNumFiles}.
   */
  static Optional<List<AddFile>> knownFiles(Snapshot snapshot) {
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    return checksum.isDefined() && checksum.get().allFiles().isDefined()
        ? Optional.of(List.copyOf(CollectionConverters.asJava(checksum.get().allFiles().get())))
        : Optional.empty();
  }

  static long fileCount(Snapshot snapshot) {
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    return checksum.isDefined() ? checksum.get().numFiles() : snapshot.numOfFiles();
  }

  /** The highest number that each id has committed. */
  static Map<String, Long> numbers(Snapshot snapshot) {
    Map<String, Long> numbers = new TreeMap<>();
    Option<VersionChecksum> checksum = snapshot.checksumOpt();
    if (checksum.isDefined() && checksum.get().setTransactions().isDefined()) {
      for (SetTransaction number :
          CollectionConverters.asJava(checksum.get().setTransactions().get())) {
        numbers.put(number.appId(), number.version());
      }
    } else {
      CollectionConverters.asJava(snapshot.transactions())
          .forEach((appId, number) -> numbers.put(appId, (Long) number));
    }
    return numbers;
  }
}
