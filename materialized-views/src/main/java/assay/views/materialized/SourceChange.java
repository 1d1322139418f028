package assay.views.materialized;

import assay.core.LakeTable;
import assay.core.RowChanges;
import assay.core.TableVersion;
import assay.core.sql.TableName;
import java.util.Optional;
import java.util.Set;

/**
 * What happened to a table that a view reads, from the version that was read last to the one that
 * is pinned now.
 *
 * @param words for the reason of a plan
 * @param partitions values of the table's first partition column in which rows came or went
 */
record SourceChange(Kind kind, String words, Set<Optional<String>> partitions) {

  enum Kind {
    /** Every row is as it was. */
    NONE,
    /** Rows only came. */
    APPENDED,
    /** Rows went as well. */
    CHANGED,
    /** The log does not tell, or it is another table. */
    UNKNOWN
  }

  SourceChange {
    partitions = Set.copyOf(partitions);
  }

  static SourceChange none() {
    return new SourceChange(Kind.NONE, "nothing that it reads changed", Set.of());
  }

  static SourceChange unknown(String words) {
    return new SourceChange(Kind.UNKNOWN, words, Set.of());
  }

  /**
   * Reads it from the table's log, and from nothing where the version is the same.
   *
   * @param then the version that was read last; empty where none was
   */
  static SourceChange of(
      TableName name, LakeTable table, Optional<TableVersion> then, TableVersion now) {
    if (then.isEmpty()) {
      return unknown(name + " was not read before");
    }
    TableVersion last = then.get();
    if (!last.id().equals(now.id())) {
      return unknown(name + " was made anew");
    }
    if (!last.columns().equals(now.columns())) {
      return unknown("the columns of " + name + " changed");
    }
    if (now.version() < last.version()) {
      return unknown(name + " went back behind version " + last.version());
    }
    if (now.version() == last.version()) {
      return none();
    }
    RowChanges changes = table.changes(last.version(), now.version());
    if (!changes.told()) {
      return unknown(
          "the log of %s does not reach back to version %d".formatted(name, last.version()));
    }
    if (changes.none()) {
      return none();
    }
    if (changes.restored()) {
      return unknown("an earlier version of " + name + " was restored");
    }
    return changes.removed()
        ? new SourceChange(Kind.CHANGED, "rows of " + name + " changed", changes.partitions())
        : new SourceChange(Kind.APPENDED, "rows of " + name + " only came", changes.partitions());
  }
}
