package assay.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.CommitInfo;
import org.apache.spark.sql.delta.actions.FileAction;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.delta.actions.SetTransaction;
import scala.Option;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What the commits of a table did, as they stand in its log, one by one. Commits that only
 * rearrange files change no row.
 */
final class TableCommits {
  private final DeltaLog log;

  TableCommits(DeltaLog log) {
    this.log = log;
  }

  /** Whether versions after {@code after} up to {@code to} changed any row, or may have. */
  boolean changedRows(long after, long to) {
    return any(after, to, TableCommits::changesRows).orElse(true);
  }

  /** The same of rows and columns. */
  boolean mayDiffer(long after, long to) {
    return any(after, to, a -> changesRows(a) || a instanceof Metadata).orElse(true);
  }

  /** See {@link LakeTable#changes}. */
  RowChanges changes(long after, long to) {
    if (after > to) {
      return RowChanges.UNTOLD;
    }
    boolean[] restored = {false};
    boolean[] removed = {false};
    Set<String> added = new HashSet<>();
    Set<Optional<String>> partitions = new HashSet<>();
    Optional<Boolean> told =
        any(
            after,
            to,
            action -> {
              if (action instanceof CommitInfo info && info.operation().equals("RESTORE")) {
                restored[0] = true;
              } else if (action instanceof FileAction file && file.dataChange()) {
                partitions.add(firstPartition(file));
                removed[0] |= action instanceof RemoveFile;
                if (action instanceof AddFile) {
                  added.add(file.path());
                }
              }
              return false;
            });
    return told.isEmpty()
        ? RowChanges.UNTOLD
        : new RowChanges(true, restored[0], removed[0], added, partitions);
  }

  /**
   * The files that came with rows in the versions after {@code after} up to {@code to}; empty where
   * one of them is gone again, or the log no longer tells.
   */
  Optional<List<AddFile>> filesAdded(long after, long to) {
    Map<String, AddFile> added = new LinkedHashMap<>();
    Optional<Boolean> gone =
        any(
            after,
            to,
            action -> {
              if (action instanceof AddFile file && file.dataChange()) {
                added.put(file.path(), file);
              }
              return action instanceof RemoveFile file && added.containsKey(file.path());
            });
    return gone.filter(any -> !any).map(none -> List.copyOf(added.values()));
  }

  /** The value of the first partition column; empty for NULL and where there is none. */
  private Optional<String> firstPartition(FileAction file) {
    return TableCommit.firstPartition(log.unsafeVolatileSnapshot().metadata(), file);
  }

  /** See {@link LakeTable#partitionsChanged}. */
  Optional<Set<String>> partitionsChanged(String partitionColumn, long after, long to) {
    Set<String> changed = new TreeSet<>();
    return any(
            after,
            to,
            action -> {
              if (action instanceof FileAction file && file.dataChange()) {
                changed.add(file.partitionValues().apply(partitionColumn));
              }
              return false;
            })
        .map(none -> changed);
  }

  /**
   * All of version 0. Its commit is read as it stands: it has no checksum made from the one before,
   * and without one Delta works out a version by a job.
   */
  List<Action> first() {
    List<Action> actions = new ArrayList<>();
    any(-1, 0, action -> !actions.add(action));
    return actions;
  }

  /** See {@link LakeTable#numbersByVersion}. */
  NavigableMap<Long, Map<String, Long>> numbersByVersion(long to, String prefix) {
    NavigableMap<Long, Map<String, Long>> byVersion = new TreeMap<>();
    Iterator<Tuple2<Object, scala.collection.immutable.Seq<Action>>> commits =
        log.getChanges(0, to, Option.empty(), false);
    while (commits.hasNext()) {
      Tuple2<Object, scala.collection.immutable.Seq<Action>> commit = commits.next();
      Map<String, Long> numbers = new TreeMap<>();
      for (Action action : CollectionConverters.asJava(commit._2())) {
        if (action instanceof SetTransaction number && number.appId().startsWith(prefix)) {
          numbers.put(number.appId(), number.version());
        }
      }
      byVersion.put((Long) commit._1(), numbers);
    }
    return byVersion;
  }

  private static boolean changesRows(Action action) {
    return action instanceof FileAction file && file.dataChange();
  }

  /**
   * Whether one of the actions of the versions after {@code after} up to {@code to}, in their
   * order, is looked for. Commits are read up to the one that holds it.
   *
   * @return empty where the log no longer tells of all of them
   */
  private Optional<Boolean> any(long after, long to, Predicate<Action> isLookedFor) {
    if (after >= to) {
      return Optional.of(false);
    }
    // Without failing on gaps, so that a first commit other than the next one tells
    // that the log was cleaned up to there.
    Iterator<Tuple2<Object, scala.collection.immutable.Seq<Action>>> commits =
        log.getChanges(after + 1, to, Option.empty(), false);
    long expected = after + 1;
    while (commits.hasNext()) {
      Tuple2<Object, scala.collection.immutable.Seq<Action>> commit = commits.next();
      if ((Long) commit._1() != expected++) {
        return Optional.empty();
      }
      if (CollectionConverters.asJava(commit._2()).stream().anyMatch(isLookedFor)) {
        return Optional.of(true);
      }
    }
    return expected == to + 1 ? Optional.of(false) : Optional.empty();
  }
}
