package assay.views.sinks;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import assay.core.AssayException;
import assay.core.LakeTable;
import assay.core.RowChanges;
import assay.core.rows.KeptRows;
import assay.silver.EventParser;
import assay.views.live.LiveView;
import assay.views.live.ShownRows;
import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * The rows of a live view that changed between two versions of its table, each as the newer version
 * has it: its key and itself as JSON, the key alone where it is gone. Partials are only appended,
 * so that those which came tell what to look at. Where rows were put in the place of others, or it
 * is not known what came, everything counts as changed.
 */
final class ViewChanges implements Backlog {
  static final String VIEW = "assay-view";
  static final String VERSION = "assay-version";
  static final String TABLE = "assay-table";

  private static final String KEY = "_message_key";
  private static final String VALUE = "_message_value";

  /** NULL is a value of a key, and keys stay apart by microseconds. */
  private static final Map<String, String> JSON =
      Map.of("ignoreNullFields", "false", "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  private final String name;
  private final ShownRows shown;
  private final LakeTable table;
  private final Consumer<String> say;

  /**
   * @param say told what cannot be found out any more
   */
  ViewChanges(String name, ShownRows shown, Consumer<String> say) {
    this.name = name;
    this.shown = shown;
    this.table = shown.table();
    this.say = say;
  }

  /** Keys of other columns are those of other messages. */
  @Override
  public Optional<String> identity() {
    return table.exists()
        ? Optional.of(name + "(" + String.join(",", shown.key()) + ") " + table.id())
        : Optional.empty();
  }

  /** A row that a version showed may be gone in the next one that is sent. */
  @Override
  public boolean takesBack() {
    return true;
  }

  @Override
  public Optional<Outgoing> after(OptionalLong position, OptionalLong begun) {
    long newest = table.version();
    boolean unfinished = begun.isPresent() && !begun.equals(position);
    if (newest < 0 || (!unfinished && position.equals(OptionalLong.of(newest)))) {
      return Optional.empty();
    }
    if (unfinished && isShown(begun.getAsLong(), newest)) {
      try {
        return Optional.of(upTo(position, begun.getAsLong()));
      } catch (Exception e) {
        // Scala declares none of what it throws.
        if (!isOfMissingFile(e)) {
          throw e;
        }
      }
    }
    if (!shown.areOfToday(newest)) {
      throw AssayException.failed(
          "the live view of " + table.path() + " was accumulated under another definition",
          LiveView.BUILD_AGAIN);
    }
    return Optional.of(
        unfinished ? everything(List.of(position, begun), newest) : upTo(position, newest));
  }

  private boolean isShown(long version, long newest) {
    return version <= newest && table.reaches(version) && shown.areOfToday(version);
  }

  private Outgoing upTo(OptionalLong position, long to) {
    if (position.isPresent()) {
      RowChanges changes = table.changes(position.getAsLong(), to);
      if (changes.none()) {
        return Outgoing.nothing(to, table.committedAt(to));
      }
      if (changes.told() && !changes.restored() && !changes.removed()) {
        Optional<Dataset<Row>> appended = appended(changes, position.getAsLong(), to);
        if (appended.isPresent()) {
          return outgoing(appended.get(), to);
        }
      }
    }
    return everything(List.of(position), to);
  }

  /** What partials that came have touched; empty where that cannot be told from the rest. */
  private Optional<Dataset<Row>> appended(RowChanges changes, long sent, long to) {
    Optional<Dataset<Row>> added = table.readAdded(sent, to);
    if (added.isEmpty()) {
      // They were put together with others since.
      return shown.stayInTheirDay() && !shown.vanish()
          ? Optional.of(changed(shown.of(ofDays(table.readAt(to), days(changes)))))
          : Optional.empty();
    }
    if (shown.touchAll(added.get())) {
      return Optional.empty();
    }
    Dataset<Row> touched = added.get().select(columns(shown.apart())).distinct();
    Dataset<Row> all = table.readWithFiles(to);
    if (shown.stayInTheirDay()) {
      all = ofDays(all, days(changes));
    }
    Dataset<Row> concerned = matching(all, touched, shown.apart(), "left_semi");
    Dataset<Row> after = shown.of(concerned.drop(LakeTable.FILE));
    if (!shown.vanish()) {
      return Optional.of(changed(after));
    }
    Object[] names =
        changes.added().stream().map(path -> path.replaceFirst("^.*/", "")).toArray(Object[]::new);
    Dataset<Row> before =
        shown.of(concerned.where(not(col(LakeTable.FILE).isin(names))).drop(LakeTable.FILE));
    return Optional.of(changed(after).unionByName(gone(before, after)));
  }

  private static Set<String> days(RowChanges changes) {
    return changes.partitions().stream().flatMap(Optional::stream).collect(Collectors.toSet());
  }

  private static Dataset<Row> ofDays(Dataset<Row> partials, Set<String> days) {
    return partials.where(EventParser.EVENT_DATE + " IN " + LakeTable.dates(days));
  }

  /**
   * All that is shown, and what was shown before and is no more.
   *
   * @param sent versions of which something was sent, as far as there are any
   */
  private Outgoing everything(List<OptionalLong> sent, long to) {
    Dataset<Row> after = shown.of(table.readAt(to));
    Optional<Dataset<Row>> before = Optional.empty();
    List<Long> untold = new ArrayList<>();
    for (long version : sent.stream().flatMapToLong(OptionalLong::stream).toArray()) {
      Optional<Dataset<Row>> keys = keysAt(version);
      if (keys.isEmpty()) {
        untold.add(version);
      } else {
        before = Optional.of(before.map(other -> other.union(keys.get())).orElse(keys.get()));
      }
    }
    Dataset<Row> messages = changed(after);
    if (before.isPresent()) {
      try {
        Outgoing all = outgoing(messages.unionByName(gone(before.get().distinct(), after)), to);
        untold.forEach(this::sayUntold);
        return all;
      } catch (Exception e) {
        if (!isOfMissingFile(e)) {
          throw e;
        }
        untold.clear();
        sent.forEach(version -> version.ifPresent(untold::add));
      }
    }
    Outgoing shownNow = outgoing(messages, to);
    untold.forEach(this::sayUntold);
    return shownNow;
  }

  private void sayUntold(long version) {
    say.accept(
        ("version %d of %s cannot be read any more: all that the view shows is sent, but rows that"
                + " it showed then and shows no more are not told")
            .formatted(version, table.path()));
  }

  /** The keys that a version showed; empty where they cannot be told. */
  private Optional<Dataset<Row>> keysAt(long version) {
    if (version > table.version() || !table.reaches(version)) {
      return Optional.empty();
    }
    Dataset<Row> partials = table.readAt(version);
    if (shown.areOfToday(version)) {
      return Optional.of(shown.of(partials).select(columns(shown.key())));
    }
    return List.of(partials.columns()).containsAll(shown.key())
        ? Optional.of(partials.select(columns(shown.key())).distinct())
        : Optional.empty();
  }

  private static boolean isOfMissingFile(Throwable thrown) {
    return Stream.iterate(thrown, t -> t != null, Throwable::getCause)
        .anyMatch(
            t ->
                t instanceof FileNotFoundException
                    || (t instanceof SparkThrowable known
                        && known.getCondition() != null
                        && known.getCondition().startsWith("FAILED_READ_FILE")));
  }

  private Dataset<Row> changed(Dataset<Row> after) {
    Column[] all = columns(List.of(after.columns()));
    return after.select(
        to_json(struct(columns(shown.key())), JSON).as(KEY), to_json(struct(all), JSON).as(VALUE));
  }

  private Dataset<Row> gone(Dataset<Row> before, Dataset<Row> after) {
    return matching(
            before.select(columns(shown.key())),
            after.select(columns(shown.key())),
            shown.key(),
            "left_anti")
        .select(
            to_json(struct(columns(shown.key())), JSON).as(KEY),
            lit(null).cast("string").as(VALUE));
  }

  /**
   * Rows by whether others have the same values; NULL is one.
   *
   * @param others of these columns alone
   */
  private static Dataset<Row> matching(
      Dataset<Row> rows, Dataset<Row> others, List<String> names, String how) {
    String[] renamed =
        IntStream.range(0, names.size()).mapToObj(i -> "_other_" + i).toArray(String[]::new);
    Dataset<Row> right = others.toDF(renamed);
    Column same =
        IntStream.range(0, renamed.length)
            .mapToObj(i -> rows.col(names.get(i)).eqNullSafe(right.col(renamed[i])))
            .reduce(Column::and)
            .orElseThrow();
    return rows.join(right, same, how);
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(functions::col).toArray(Column[]::new);
  }

  private Outgoing outgoing(Dataset<Row> messages, long to) {
    List<Header> headers =
        List.of(
            Message.header(VIEW, name),
            Message.header(VERSION, Long.toString(to)),
            Message.header(TABLE, table.id()));
    KeptRows kept = new KeptRows(messages);
    try {
      long count = kept.rows().count();
      return new Outgoing(
          to,
          table.committedAt(to),
          count,
          Pieces.of(kept.rows(), count, row -> message(row, headers)),
          kept::close);
    } catch (Exception e) {
      kept.close();
      throw e;
    }
  }

  private static Message message(Row row, List<Header> headers) {
    return new Message(
        Message.utf8(row.getString(0)),
        row.isNullAt(1) ? null : Message.utf8(row.getString(1)),
        headers);
  }
}
