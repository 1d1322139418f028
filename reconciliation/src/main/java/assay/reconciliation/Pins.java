package assay.reconciliation;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.silver.Cut;
import assay.silver.Silver;
import assay.silver.SilverState;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import org.apache.spark.sql.SparkSession;

/**
 * The versions that a comparison reads, taken once before it begins, and how far into bronze each
 * side had read by then.
 *
 * @param silver that gold stands for
 * @param gold -1 where silver itself is compared
 * @param testBatch the last micro-batch of the live query that the view holds
 */
record Pins(
    long bronze, SilverState silver, long gold, long live, OptionalLong testBatch, Cut test) {

  private static final long NO_GOLD = -1;

  /** How far into bronze the control side had read. */
  Cut control() {
    return silver.read();
  }

  /**
   * @param at the version of bronze that neither side may have read beyond; empty for the newest of
   *     all
   */
  static Pins take(
      SparkSession spark, Lake lake, Contract contract, MetricSet metrics, OptionalLong at) {
    Gold gold = new Gold(spark, lake, contract, metrics);
    LiveView view = new LiveView(spark, lake, contract, metrics);
    need(gold.table(), "run 'assay silver' and 'assay gold' first");
    need(view.table(), "run 'assay live' first");
    refuseOtherDefinition(spark, lake, contract, view);
    LakeTable bronze = new LakeTable(spark, lake.bronze(contract.domain()));
    if (at.isPresent()) {
      PinsInTime then = new PinsInTime(spark, contract, gold, view, bronze, at.getAsLong());
      Cut limit = then.limit();
      return of(
          spark,
          lake,
          contract,
          at.getAsLong(),
          gold,
          then.goldWithin(limit, new Silver(spark, lake, contract)),
          view,
          then.liveWithin(limit, new LiveTables(spark, lake, contract).reads()));
    }
    // Downstream first: what gold and the view hold was in bronze before, never after.
    long goldVersion = gold.table().version();
    long liveVersion = view.table().version();
    if (!gold.isOfToday(goldVersion, new Silver(spark, lake, contract).table())) {
      throw missing(
          gold.table().path() + " was computed under another definition, or from another silver",
          "run 'assay gold' again");
    }
    return of(spark, lake, contract, bronze.version(), gold, goldVersion, view, liveVersion);
  }

  /** Of a live view that has no gold, beside the newest silver. */
  static Pins ofView(SparkSession spark, Lake lake, Contract contract, LiveView view) {
    Silver silver = new Silver(spark, lake, contract);
    need(silver.table(), "run 'assay silver' first");
    need(view.table(), "run 'assay live' first");
    refuseOtherDefinition(spark, lake, contract, view);
    long version = view.table().version();
    SilverState state = silver.state(silver.table().version());
    OptionalLong testBatch = view.lastBatch(version);
    return new Pins(
        new LakeTable(spark, lake.bronze(contract.domain())).version(),
        state,
        NO_GOLD,
        version,
        testBatch,
        new LiveTables(spark, lake, contract).reads().cut(testBatch));
  }

  private static Pins of(
      SparkSession spark,
      Lake lake,
      Contract contract,
      long bronze,
      Gold gold,
      long goldVersion,
      LiveView view,
      long liveVersion) {
    Silver silver = new Silver(spark, lake, contract);
    long silverVersion =
        gold.silverVersionAt(goldVersion)
            .orElseThrow(
                () ->
                    missing(
                        gold.table().path() + " does not say which silver it was computed from",
                        "run 'assay gold' again"));
    if (!silver.table().reaches(silverVersion)) {
      throw missing(
          "%s stands for version %d of silver, which silver's log does not reach any more"
              .formatted(gold.table().path(), silverVersion),
          "run 'assay gold' again");
    }
    OptionalLong testBatch = view.lastBatch(liveVersion);
    LiveTables live = new LiveTables(spark, lake, contract);
    return new Pins(
        bronze,
        silver.state(silverVersion),
        goldVersion,
        liveVersion,
        testBatch,
        live.reads().cut(testBatch));
  }

  /**
   * Names the inputs of one day's comparison: the same inputs have the same id.
   *
   * @param state what else the verdict depends on: whether the day is over, whether ledgers add up
   */
  String evidenceId(Contract contract, MetricSet metrics, LocalDate day, String state) {
    String inputs =
        String.join(
            "|",
            metrics.name(),
            day.toString(),
            contract.hash(),
            "gold " + gold,
            "live " + live,
            "control " + control(),
            "test " + test,
            state);
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(inputs.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void refuseOtherDefinition(
      SparkSession spark, Lake lake, Contract contract, LiveView view) {
    if (view.otherDefinition().isPresent()) {
      throw missing(
          "the live view " + view.name() + " was accumulated under another definition",
          LiveView.BUILD_AGAIN);
    }
    Silver silver = new Silver(spark, lake, contract);
    LiveTables live = new LiveTables(spark, lake, contract);
    for (LakeTable table : List.of(silver.table(), silver.exceptions(), live.exceptions())) {
      List<String> columns = table.columnsMissing(contract.allColumnNames());
      if (!columns.isEmpty()) {
        throw missing(
            table.path() + " does not have the contract's columns " + columns + " yet",
            "run 'assay silver', 'assay gold' and 'assay live' first: they add them");
      }
    }
  }

  private static void need(LakeTable table, String mend) {
    if (!table.exists()) {
      throw missing("there is no " + table.path() + " to compare", mend);
    }
  }

  static AssayException missing(String message, String mend) {
    return new AssayException(ErrorCode.INCONCLUSIVE, message, mend);
  }
}
