package assay.silver;

import static assay.core.testing.FlightsContract.flight;
import static assay.core.testing.FlightsContract.originAirport;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Enrich;
import assay.core.contract.Enrich.Added;
import assay.core.contract.Enrich.Missing;
import assay.core.contract.Enrich.On;
import assay.core.contract.Enrich.Reference;
import assay.core.contract.Enrich.Validity;
import assay.core.testing.FlightsContract;
import assay.core.testing.ReferenceTable;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnrichmentTest {
  private static final String EIGHT = "2001-01-01T08:00:00Z";
  private static final String SEATTLE = "('SEA', 'Seattle', 3)";
  private static final String SHOWN =
      "concat(flight_id, ' ', coalesce(origin_city, '-'), ' ', coalesce(origin_runways, -1))";

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private Lake lake;

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
  }

  @Test
  void aRowGainsTheColumnsOfTheRowThatMatchesAndNullsWhereNoneDoes() {
    ReferenceTable.airports(spark, lake, SEATTLE, "('LAX', NULL, 4)");
    ingest(
        flight("known", EIGHT, 1, "SEA", "LAX"),
        flight("in part", EIGHT, 1, "LAX", "SEA"),
        flight("unknown", EIGHT, 1, "JFK", "LAX"),
        flight("fails", EIGHT, 1, "sea", "SEA"));
    Dataset<Row> read = read(FlightsContract.enriched(originAirport(Missing.KEEP)));
    assertThat(texts(read, SHOWN))
        .containsExactly("fails - -1", "in part - 4", "known Seattle 3", "unknown - -1");
    assertThat(texts(read.where("_fails"), "flight_id")).containsExactly("fails");
  }

  @Test
  void rowsThatMatchTwiceDoNotDoubleAnEventAndTheSmallestIsTaken() {
    ReferenceTable.airports(
        spark, lake, SEATTLE, SEATTLE, "('SEA', 'Seattle', NULL)", "('SEA', 'Tacoma', 1)");
    ingest(flight("a", EIGHT, 1, "SEA", "LAX"));
    assertThat(texts(read(FlightsContract.enriched(originAirport(Missing.KEEP))), SHOWN))
        .containsExactly("a Seattle -1");
  }

  @Test
  void whereAMissingMatchFailsItIsNamedBehindTheRules() {
    ReferenceTable.airports(spark, lake, SEATTLE);
    Enrich airport = originAirport(Missing.QUARANTINE);
    Enrich distance =
        new Enrich(
            "distance",
            new Reference.Elsewhere(lake.gold("distances")),
            List.of(new On("distance_miles", "miles"), new On("destination", "code")),
            List.of(new Added("band", "band", DataTypes.StringType)),
            Optional.empty(),
            Missing.QUARANTINE);
    ReferenceTable.overwrite(
        spark, lake.gold("distances"), "SELECT 100L AS miles, 'LAX' AS code, 'short' AS band");
    ingest(
        flight("both", EIGHT, 1, "SEA", "LAX"),
        flight("none", EIGHT, 9999, "JFK", "SEA"),
        flight("one", EIGHT, 1, "JFK", "LAX"),
        flight("fails", EIGHT, 1, "jfk", "SEA"),
        flight("asks for nothing", EIGHT, 1, "SEA", "JFK").replace(":100", ":null"));
    Dataset<Row> read = read(FlightsContract.enriched(airport, distance));
    assertThat(texts(read, "concat(flight_id, ' ', _fails, ' ', array_join(_failed_rules, ' '))"))
        .containsExactly(
            "asks for nothing false ",
            "both false ",
            "fails true airport_codes",
            "none true sane_delay enrich(origin_airport) enrich(distance)",
            "one true enrich(origin_airport)");
    assertThat(texts(read.where("flight_id = 'both'"), "band")).containsExactly("short");
  }

  @ParameterizedTest
  @CsvSource({
    "before,   2000-12-31T23:59:59.999999Z, old 1",
    "from,     2001-01-01T00:00:00Z,        new 2",
    "last,     2001-01-31T23:59:59.999999Z, new 2",
    "to,       2001-02-01T00:00:00Z,        -",
    "open,     2001-03-01T00:00:00Z,        open 3",
    "overlaps, 2001-04-01T00:00:00Z,        later 4",
    "tie,      2001-05-01T00:00:00Z,        a 5"
  })
  void theEventsTimeDecidesFromInclusiveToExclusive(String id, String at, String found) {
    ReferenceTable.overwrite(
        spark,
        lake.silver("airports"),
        """
        SELECT 'SEA' AS code, city, runways, TIMESTAMP(since) AS since, TIMESTAMP(till) AS till
        FROM VALUES
          ('old',   1, NULL,                   '2001-01-01 00:00:00'),
          ('new',   2, '2001-01-01 00:00:00',  '2001-02-01 00:00:00'),
          ('open',  3, '2001-03-01 00:00:00',  NULL),
          ('later', 4, '2001-04-01 00:00:00',  NULL),
          ('b',     5, '2001-05-01 00:00:00',  NULL),
          ('a',     6, '2001-05-01 00:00:00',  NULL),
          ('a',     5, '2001-05-01 00:00:00',  NULL)
          AS t(city, runways, since, till)
        """);
    ingest(flight(id, at, 1, "SEA", "LAX"));
    assertThat(texts(read(FlightsContract.enriched(asOfEvent(Missing.QUARANTINE))), SHOWN))
        .containsExactly(id + " " + (found.equals("-") ? "- -1" : found));
    assertThat(
            texts(
                read(FlightsContract.enriched(asOfEvent(Missing.QUARANTINE))),
                "concat_ws(' ', _failed_rules)"))
        .containsExactly(found.equals("-") ? "enrich(origin_airport)" : "");
  }

  @Test
  void datesOfValidityAreDaysInTheContractsZone() {
    ReferenceTable.overwrite(
        spark,
        lake.silver("airports"),
        """
        SELECT 'SEA' AS code, city, 1 AS runways, DATE(since) AS since, DATE(till) AS till
        FROM VALUES ('old', NULL, '2001-01-02'), ('new', '2001-01-02', NULL)
          AS t(city, since, till)
        """);
    ingest(
        flight("a", "2001-01-02T04:59:59Z", 1, "SEA", "LAX"),
        flight("b", "2001-01-02T05:00:00Z", 1, "SEA", "LAX"));
    Contract utc = FlightsContract.enriched(asOfEvent(Missing.KEEP));
    Contract newYork = ContractBuilder.builder(utc).zone(ZoneId.of("America/New_York")).build();
    assertThat(texts(read(newYork), SHOWN)).containsExactly("a old 1", "b new 1");
    assertThat(texts(read(utc), SHOWN)).containsExactly("a new 1", "b new 1");
  }

  @Test
  void deletesAreNotLookedUpAndWhatWasLookedUpInVainIsShown() {
    ReferenceTable.airports(spark, lake, SEATTLE);
    ingest(
        flight("delete", EIGHT, 1, "JFK", "LAX"),
        flight("truncate", EIGHT, 1, "SEA", "LAX"),
        flight("upsert", EIGHT, 9999, "JFK", "LAX"));
    Contract contract = FlightsContract.enriched(originAirport(Missing.QUARANTINE));
    Dataset<Row> parsed =
        new EventParser(contract)
            .parse(new LakeTable(spark, lake.bronze("flights")).read())
            .withColumn("_operation", expr("flight_id"))
            .withColumn("_failed_values", map(lit("sane_delay"), lit("delay_minutes=9999")));
    Dataset<Row> enriched = new Enrichment(spark, lake, contract).enrich(parsed);
    assertThat(texts(enriched, SHOWN))
        .containsExactly("delete - -1", "truncate - -1", "upsert - -1");
    assertThat(texts(enriched.where("_fails"), "flight_id || ' ' || to_json(_failed_values)"))
        .containsExactly(
            "upsert {\"sane_delay\":\"delay_minutes=9999\","
                + "\"enrich(origin_airport)\":\"origin=JFK\"}");
  }

  @Test
  void withoutLookUpsRowsAreHandedOnAsTheyAre() {
    ingest(flight("a", EIGHT, 1, "SEA", "LAX"));
    Contract contract = FlightsContract.contract();
    Dataset<Row> parsed =
        new EventParser(contract).parse(new LakeTable(spark, lake.bronze("flights")).read());
    Enrichment enrichment = new Enrichment(spark, lake, contract);
    assertThat(enrichment.enrich(parsed)).isSameAs(parsed);
    assertThat(enrichment.versions()).isEmpty();
    assertThat(Enrichment.versionsOf(parsed)).isEmpty();
  }

  @Test
  void aLookUpReadsTheVersionThatWasTakenWhateverIsWrittenSince() {
    ReferenceTable.airports(spark, lake, SEATTLE);
    ingest(flight("a", EIGHT, 1, "SEA", "LAX"));
    Contract contract = FlightsContract.enriched(originAirport(Missing.KEEP));
    EventReader before = EventReader.now(spark, lake, contract);
    ReferenceTable.airports(spark, lake, "('SEA', 'Tacoma', 9)");
    EventReader after = EventReader.now(spark, lake, contract);
    Dataset<Row> bronze = new LakeTable(spark, lake.bronze("flights")).read();
    assertThat(texts(before.read(bronze), SHOWN)).containsExactly("a Seattle 3");
    assertThat(texts(after.read(bronze), SHOWN)).containsExactly("a Tacoma 9");
    assertThat(before.versions()).isEqualTo(Map.of("origin_airport", 0L));
    assertThat(Enrichment.versionsOf(after.read(bronze))).isEqualTo(Map.of("origin_airport", 1L));
    assertThatThrownBy(() -> new Enrichment(spark, lake, contract, Map.of("origin_airport", 2L)))
        .isInstanceOf(AssayException.class)
        .hasMessage(
            lake.silver("airports")
                + " has no version 2 any more, which enrich(origin_airport) of flights began to"
                + " read");
  }

  @Test
  void aMissingTableIsTold() {
    assertThatThrownBy(() -> read(FlightsContract.enriched(originAirport(Missing.KEEP))))
        .isInstanceOf(AssayException.class)
        .hasMessage("there is no " + lake.silver("airports") + " to read")
        .extracting(e -> ((AssayException) e).mend())
        .isEqualTo(
            "enrich(origin_airport) of flights looks up in it: write it as a Delta table first, or"
                + " take the look-up out of the contract");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'SEA' AS iata, 'x' AS city, 1 AS runways|has no column code, which enrich(origin_airport) of flights reads|name one of its columns in the contract: iata, city, runways, since, till",
        "'SEA' AS code, 'x' AS city, 1L AS runways|holds runways as bigint, which enrich(origin_airport) of flights cannot make int without loss|write `origin_runways: runways bigint` in the contract, or give the table such a column",
        "1 AS code, 'x' AS city, 1 AS runways|holds code as int, and enrich(origin_airport) of flights compares it with origin, which is string|give both columns one type",
        "'SEA' AS code, 'x' AS city, 1Y AS runways|holds since as string, and enrich(origin_airport) of flights reads a time from it|make it a timestamp or a date"
      })
  void aTableThatDoesNotFitIsTold(String columns, String message, String mend) {
    ReferenceTable.overwrite(
        spark, lake.silver("airports"), "SELECT " + columns + ", 'x' AS since, 'x' AS till");
    ingest(flight("a", EIGHT, 1, "SEA", "LAX"));
    assertThatThrownBy(() -> read(FlightsContract.enriched(asOfEvent(Missing.KEEP))))
        .isInstanceOf(AssayException.class)
        .hasMessage(lake.silver("airports") + " " + message)
        .extracting(e -> ((AssayException) e).mend())
        .isEqualTo(mend);
  }

  private static Enrich asOfEvent(Missing missing) {
    Enrich now = originAirport(missing);
    return new Enrich(
        now.name(),
        now.reference(),
        now.on(),
        now.columns(),
        Optional.of(new Validity("since", "till")),
        missing);
  }

  private void ingest(String... values) {
    new BronzeFixture(spark, lake, "flights").ingest("2026-01-01T00:00:00Z", values);
  }

  private Dataset<Row> read(Contract contract) {
    return EventReader.now(spark, lake, contract)
        .read(new LakeTable(spark, lake.bronze("flights")).read());
  }

  private static List<String> texts(Dataset<Row> rows, String expression) {
    return rows.selectExpr(expression).collectAsList().stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }
}
