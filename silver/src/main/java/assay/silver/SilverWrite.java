package assay.silver;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import assay.core.LakeTable;
import assay.core.TableChange;
import assay.core.TableChange.Gone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * The one place where silver and the tables beside it are written.
 *
 * <p>Quarantine and exceptions go first, then silver, whose commit names the versions of the two.
 * Readers take those versions and no later ones, so that a crash between two of the commits leaves
 * rows that nobody takes; the next run writes over them, since it too begins at the versions that
 * silver names. Silver's own commit lands only on the version that the rows were judged against: of
 * two runs at once one is told to try again, and judges anew.
 */
final class SilverWrite {
  /** So many rows fill files by themselves, and are not worth another shuffle. */
  private static final long MANY = 500_000;

  static final List<String> POSITION = List.of(EventParser.PARTITION, EventParser.OFFSET);

  private final Silver silver;
  private final SilverState state;
  private final long batch;
  private final Optional<String> run;
  private final Consumer<String> reached;
  private final List<Dataset<Row>> toSilver = new ArrayList<>();
  private final List<Dataset<Row>> outOfSilver = new ArrayList<>();
  private final List<Dataset<Row>> toExceptions = new ArrayList<>();
  private final List<Dataset<Row>> outOfExceptions = new ArrayList<>();
  private final List<Dataset<Row>> toQuarantine = new ArrayList<>();
  private final List<Dataset<Row>> outOfQuarantine = new ArrayList<>();

  /**
   * @param state that the rows were judged against
   * @param batch the micro-batch of silver's query that rows beside silver are marked with
   * @param run that rows in quarantine are marked with
   * @param reached is told of each commit
   */
  SilverWrite(
      Silver silver,
      SilverState state,
      long batch,
      Optional<String> run,
      Consumer<String> reached) {
    this.run = run;
    this.silver = silver;
    this.state = state;
    this.batch = batch;
    this.reached = reached;
  }

  /** Rows with silver's columns. */
  void load(Dataset<Row> rows) {
    toSilver.add(rows);
  }

  /** Rows of silver, with their files. */
  void unload(Dataset<Row> rows) {
    outOfSilver.add(place(rows));
  }

  /** Rows with silver's columns, the operation and {@link Disposition#COLUMN}. */
  void setAside(Dataset<Row> rows) {
    toExceptions.add(rows.withColumn(Silver.BATCH_ID, lit(batch)));
  }

  /** Rows of the exceptions, with their files. */
  void takeBack(Dataset<Row> rows) {
    outOfExceptions.add(place(rows));
  }

  /** Rows with the columns of {@link Silver#QUARANTINE_SCHEMA} but the micro-batch and the run. */
  void quarantine(Dataset<Row> rows) {
    toQuarantine.add(
        rows.withColumn(Silver.BATCH_ID, lit(batch))
            .withColumn(Silver.RUN, lit(run.orElse(null)).cast("string")));
  }

  /** Rows of quarantine, with their files. */
  void release(Dataset<Row> rows) {
    outOfQuarantine.add(place(rows));
  }

  /**
   * Makes the three tables anew of all rows that were handed over, under today's schemas.
   *
   * @return the version of silver
   */
  long rebuild(Map<String, Long> numbers) {
    Map<String, Long> all = new LinkedHashMap<>(numbers);
    all.put(
        silver.quarantineId(),
        rebuild(
            "quarantine", silver.quarantine(), toQuarantine, Silver.QUARANTINE_SCHEMA, Map.of()));
    all.put(
        silver.exceptionsId(),
        rebuild(
            "exceptions", silver.exceptions(), toExceptions, silver.exceptionsSchema(), Map.of()));
    return rebuild("silver", silver.table(), toSilver, silver.schema(), all);
  }

  private long rebuild(
      String name,
      LakeTable table,
      List<Dataset<Row>> rows,
      StructType schema,
      Map<String, Long> numbers) {
    boolean beside = numbers.isEmpty();
    long version =
        table.commit(
            beside ? table.version() : state.version(),
            TableChange.rebuild(union(rows).orElseThrow(), schema, numbers, Map.of()),
            beside ? LakeTable.Later.UNDO : LakeTable.Later.REFUSE);
    reached.accept(name + " committed");
    return version;
  }

  /**
   * Commits.
   *
   * @param rows about how many
   * @param numbers of silver's commit beside the versions it names
   * @return the version of silver
   */
  long commit(long rows, Map<String, Long> numbers) {
    Map<String, Long> all = new LinkedHashMap<>(numbers);
    all.put(
        silver.quarantineId(),
        commitBeside(
            "quarantine", silver.quarantine(), state.quarantine(), toQuarantine, outOfQuarantine));
    all.put(
        silver.exceptionsId(),
        commitBeside(
            "exceptions", silver.exceptions(), state.exceptions(), toExceptions, outOfExceptions));
    long version =
        silver
            .table()
            .commit(
                state.version(),
                TableChange.exchange(
                    union(toSilver).map(come -> rows > MANY ? come : together(come)),
                    gone(outOfSilver),
                    all),
                LakeTable.Later.REFUSE);
    reached.accept("silver committed");
    return version;
  }

  private long commitBeside(
      String name,
      LakeTable table,
      long version,
      List<Dataset<Row>> come,
      List<Dataset<Row>> leave) {
    boolean nothing = come.isEmpty() && leave.isEmpty();
    // What an unfinished run left is undone even where nothing else is to do.
    if (nothing && table.newestEqual(version) == table.version()) {
      // Where files were only put together since, the newer version is named: upkeep may delete the
      // files of the older one some day.
      return table.newestEqual(version);
    }
    long committed =
        table.commit(
            version,
            TableChange.exchange(union(come), gone(leave), Map.of()),
            LakeTable.Later.UNDO);
    reached.accept(name + " committed");
    return committed;
  }

  /**
   * One file a day, where each task would write one, which is as many more for the next to read.
   */
  private static Dataset<Row> together(Dataset<Row> rows) {
    return rows.hint("rebalance", col(EventParser.EVENT_DATE));
  }

  private static Optional<Gone> gone(List<Dataset<Row>> rows) {
    return union(rows).map(all -> new Gone(all, POSITION));
  }

  private static Optional<Dataset<Row>> union(List<Dataset<Row>> parts) {
    return parts.stream().reduce((one, other) -> one.unionByName(other, true));
  }

  private static Dataset<Row> place(Dataset<Row> rows) {
    return rows.select(LakeTable.FILE, EventParser.PARTITION, EventParser.OFFSET);
  }
}
