package assay.tests;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.gold.Gold;
import assay.silver.Silver;
import assay.tests.oracle.BronzeRow;
import assay.tests.oracle.Cell;
import assay.tests.oracle.Disposition;
import assay.tests.oracle.Event;
import assay.tests.oracle.Flight;
import assay.tests.oracle.Measures;
import assay.tests.oracle.Oracle;
import assay.views.live.LiveTables;
import assay.views.live.LiveView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Holds every table of both paths against the oracle, to the last value. */
final class PathsAgainstOracle {
  private static final String[] FLIGHT = {
    "flight_id", "scheduled_at", "delay_minutes", "distance_miles", "origin", "destination"
  };
  private static final String[] PLACE = {"event_date", "_partition", "_offset", "_ingested_at"};
  private static final List<String> GRAIN = List.of("event_date", "origin", "destination");

  private final SparkSession spark;
  private final Lake lake;
  private final Contract contract;
  private final MetricSet metrics;

  PathsAgainstOracle(SparkSession spark, Lake lake, Contract contract) {
    this(spark, lake, contract, contract.metrics().get(0));
  }

  /**
   * @param metrics with the measures of the test contract
   */
  PathsAgainstOracle(SparkSession spark, Lake lake, Contract contract, MetricSet metrics) {
    this.spark = spark;
    this.lake = lake;
    this.contract = contract;
    this.metrics = metrics;
  }

  /** What the oracle takes from bronze. */
  List<BronzeRow> bronze() {
    Dataset<Row> table = new LakeTable(spark, lake.bronze(contract.domain())).read();
    return table.select("partition", "offset", "ingested_at", "value").collectAsList().stream()
        .map(
            row ->
                new BronzeRow(
                    row.getInt(0),
                    row.getLong(1),
                    row.getInstant(2),
                    Optional.ofNullable(row.<byte[]>getAs(3)).map(ByteBuffer::wrap)))
        .toList();
  }

  void assertBatch(Oracle oracle) {
    Silver silver = new Silver(spark, lake, contract);
    Bag.assertEqual(
        "quarantine",
        oracle.batch(d -> d == Disposition.QUARANTINED).stream()
            .map(PathsAgainstOracle::quarantined)
            .toList(),
        Rows.of(
            silver.quarantine(silver.table().version()),
            "_partition",
            "_offset",
            "_ingested_at",
            "_value",
            "failed_rules"));
    Bag.assertEqual(
        "silver",
        oracle.batch(d -> d == Disposition.LOADED).stream().map(e -> judged(e)).toList(),
        Rows.of(silver.table().read(), judgedColumns()));
    Bag.assertEqual(
        "silver's exceptions",
        oracle.batch(d -> d == Disposition.SUPERSEDED || d == Disposition.DUPLICATE).stream()
            .map(e -> judged(e, oracle.batch(e).label()))
            .toList(),
        Rows.of(silver.exceptions(silver.table().version()), judgedColumns("disposition")));
  }

  void assertGold(Oracle oracle) {
    Gold gold = new Gold(spark, lake, contract, metrics);
    Bag.assertEqual("gold", cells(oracle.gold()), Rows.of(gold.table().read(), cellColumns()));
  }

  void assertLive(Oracle oracle) {
    LiveTables live = new LiveTables(spark, lake, contract);
    Bag.assertEqual(
        "live exceptions",
        oracle.live(d -> d != Disposition.COUNTED).stream()
            .map(e -> judged(e, oracle.live(e).label()))
            .toList(),
        Rows.of(live.exceptions().read(), judgedColumns("disposition")));
    LiveView view = new LiveView(spark, lake, contract, metrics);
    Bag.assertEqual(
        "live view",
        cells(oracle.liveCells()),
        Rows.of(view.fold(view.table().read()), cellColumns()));
  }

  private static List<Object> quarantined(Event event) {
    BronzeRow row = event.row();
    return Rows.row(
        row.partition(), row.offset(), row.ingestedAt(), row.value().orElse(null), event.failed());
  }

  private static List<Object> judged(Event event, Object... more) {
    Flight flight = event.flight();
    BronzeRow row = event.row();
    List<Object> values =
        new ArrayList<>(
            Arrays.asList(
                flight.flightId(),
                flight.scheduledAt(),
                flight.delayMinutes(),
                flight.distanceMiles(),
                flight.origin(),
                flight.destination(),
                flight.eventDate(),
                row.partition(),
                row.offset(),
                row.ingestedAt()));
    values.addAll(Arrays.asList(more));
    return values;
  }

  private static String[] judgedColumns(String... more) {
    return Stream.of(FLIGHT, PLACE, more).flatMap(Stream::of).toArray(String[]::new);
  }

  private List<String> measures() {
    return contract.metrics().get(0).measures().stream().map(Measure::name).toList();
  }

  private String[] cellColumns() {
    return Stream.concat(GRAIN.stream(), measures().stream()).toArray(String[]::new);
  }

  private Collection<List<Object>> cells(Map<Cell, Measures> cells) {
    List<List<Object>> rows = new ArrayList<>();
    cells.forEach(
        (cell, m) -> {
          List<Object> row =
              new ArrayList<>(List.of(cell.eventDate(), cell.origin(), cell.destination()));
          measures().forEach(name -> row.add(m.value(name)));
          rows.add(row);
        });
    return rows;
  }
}
