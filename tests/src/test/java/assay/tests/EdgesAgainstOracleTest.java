package assay.tests;

import static assay.core.testing.FlightsContract.flight;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.Steps;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.gold.GoldStage;
import assay.ingestion.testing.BronzeFixture;
import assay.silver.EventParser;
import assay.silver.SilverStage;
import assay.tests.oracle.BronzeRow;
import assay.tests.oracle.Event;
import assay.tests.oracle.Flight;
import assay.tests.oracle.FlightReader;
import assay.tests.oracle.Oracle;
import assay.views.live.LiveStage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What real producers seldom send, and docs/dispositions.md speaks of all the same. */
class EdgesAgainstOracleTest {
  private static final String WHOLE = flight("a", "2001-01-01T08:00:00Z", 5, "SEA", "LAX");

  private static final Comparator<Flight> NOTHING_FIRST =
      Comparator.comparing(Flight::distanceMiles, Comparator.nullsFirst(Comparator.naturalOrder()));

  private static final long SEED = Long.getLong("assay.seed", 11);

  /** A thousand with {@code mvn verify -Pfaults}. */
  private static final int SEQUENCES = Boolean.getBoolean("assay.everyStep") ? 1000 : 50;

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private Lake lake;
  private BronzeFixture bronze;

  @BeforeEach
  void makeLake() {
    lake = new Lake(folder.toString());
    bronze = new BronzeFixture(spark, lake, "flights");
  }

  @Test
  void everyTextIsReadAsThePageSays() {
    List<String> payloads = new ArrayList<>(BrokenPayloads.of("a", "2001-01-01T08:00:00Z"));
    payloads.addAll(almostJson());
    payloads.addAll(texts());
    List<byte[]> values = new ArrayList<>(payloads.stream().map(p -> p.getBytes(UTF_8)).toList());
    values.add(null);
    values.add(WHOLE.replace("\"a\"", "\"\u00e9\"").getBytes(ISO_8859_1));
    // A surrogate and an overlong form: not UTF-8, though they look like it.
    values.add(new byte[] {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'});
    values.add(new byte[] {'{', '"', (byte) 0xc0, (byte) 0x80, '"', ':', '1', '}'});
    bronze.ingestBytes(0, "2026-01-01T00:00:00Z", values);

    Contract contract = FlightsContract.contract();
    List<BronzeRow> rows = new PathsAgainstOracle(spark, lake, contract).bronze();
    Bag.assertEqual(
        "parsed rows",
        rows.stream().map(FlightReader::read).map(EdgesAgainstOracleTest::read).toList(),
        Rows.of(
            new EventParser(contract).parse(new LakeTable(spark, lake.bronze("flights")).read()),
            "_offset",
            "if(is_valid_utf8(CAST(_value AS STRING)), CAST(_value AS STRING), NULL)",
            "_failed_rules",
            "_fails",
            "flight_id",
            "scheduled_at",
            "delay_minutes",
            "distance_miles",
            "origin",
            "destination",
            "event_date"));
  }

  /**
   * A sequence is what comes for four keys: new rows, corrections in and out of order, moves to
   * another day, repeats, rows that fail, in two partitions, with ties in {@code order_by}.
   * Sequences do not touch each other, so that one lake holds many; silver and gold run somewhere
   * in between.
   */
  @Test
  void randomSequencesOfRowsEndAsThePageSays() {
    Contract contract = FlightsContract.contract(List.of("distance_miles"));
    Random random = new Random(SEED);
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    for (int batch = 0; batch < 10; batch++) {
      bronze.ingest(random.nextInt(2), at.plusSeconds(batch * 200L).toString(), rows(random));
      if (batch % 4 == random.nextInt(3)) {
        // What runs later meets what this one left in silver.
        batchPath(contract);
      }
    }
    new LiveStage(spark, lake, contract, Steps.SILENT).runUntilCaughtUp();
    PathsAgainstOracle paths = new PathsAgainstOracle(spark, lake, contract);
    Oracle oracle = Oracle.of(paths.bronze(), NOTHING_FIRST);
    paths.assertLive(oracle);
    batchPath(contract);
    paths.assertBatch(oracle);
    paths.assertGold(oracle);
  }

  private void batchPath(Contract contract) {
    new SilverStage(spark, lake, contract, Steps.SILENT).run();
    new GoldStage(spark, lake, contract, Clock.systemUTC(), Steps.SILENT).run(Optional.empty());
  }

  /** Few values for each key, so that all meet again and again. */
  private static String[] rows(Random random) {
    String[] values = new String[2 * SEQUENCES];
    for (int i = 0; i < values.length; i++) {
      String key = "k" + random.nextInt(4 * SEQUENCES);
      String day = "2001-01-0" + (1 + random.nextInt(2));
      String origin = random.nextInt(20) == 0 ? "sea" : "SEA";
      String distance = List.of("null", "1", "2").get(random.nextInt(3));
      values[i] =
          flight(key, day + "T08:00:00Z", random.nextInt(2), origin, "LAX")
              .replace(":100,", ":" + distance + ",");
      if (random.nextInt(30) == 0) {
        values[i] = random.nextBoolean() ? null : values[i].substring(1);
      }
    }
    return values;
  }

  private static List<String> almostJson() {
    return List.of(
        WHOLE + " more",
        WHOLE + WHOLE,
        WHOLE + "," + WHOLE,
        WHOLE + "]",
        WHOLE + "] more",
        WHOLE + "}",
        WHOLE + "\n\t ",
        "\r\n " + WHOLE,
        "\uFEFF" + WHOLE,
        "\u00a0" + WHOLE,
        WHOLE.replace('"', '\''),
        WHOLE.replace("\"delay_minutes\"", "delay_minutes"),
        WHOLE.replace(":5,", ":NaN,"),
        WHOLE.replace(":5,", ":+5,"),
        WHOLE.replace(":5,", ":05,"),
        WHOLE.replace(":5,", ":.5,"),
        WHOLE.replace(":5,", ":5,,"),
        WHOLE.replace("}", ",}"),
        WHOLE.replace("}", ",\"extra\":tru}"),
        WHOLE.replace("}", ",\"extra\":NaN}"),
        WHOLE.replace("}", ",\"extra\":{\"a\":[1,2}}"),
        WHOLE.replace("}", ",\"extra\":'x'}"),
        "/* note */" + WHOLE,
        WHOLE.replace("SEA", "S\nA"),
        WHOLE.replace("SEA", "S\\xA"),
        WHOLE.replace("\"a\"", "\"\u0000\""));
  }

  private static List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (String id : List.of("1.5", "7", "true", "[1,2]", "{\"b\":[]}", "\"\"")) {
      texts.add(WHOLE.replace("\"a\"", id));
    }
    for (String id : List.of("\\u0041\\n", "\\ud83d\\udeeb", "𝒜", "\\u0000", "null")) {
      texts.add(WHOLE.replace("\"a\"", "\"" + id + "\""));
    }
    for (String delay :
        List.of("-0", "2147483647", "-2147483648", "-2147483649", "5.0", "1e1", "-1440", "2880")) {
      texts.add(WHOLE.replace(":5,", ":" + delay + ","));
    }
    for (String delay : List.of("+5", "007", "5\\n", "\\t5", "5 ", "٥", "0x5", "5L", "NaN", "-")) {
      texts.add(WHOLE.replace(":5,", ":\"" + delay + "\","));
    }
    for (String at :
        List.of(
            "2001-01-01 08:00",
            "2001-01-01T08:00",
            "2001-01-01T08:00Z",
            "2001-01-01T08:00:00.1",
            "2001-01-01T08:00:00.123456789Z",
            "1969-12-31T23:59:59.999999999Z",
            "2001-01-01T08:00:00.Z",
            "2001-01-01T08:00:00.1234567890Z",
            "2001-01-01T00:00:00+05:45",
            "2001-01-01T23:59:59-18:00",
            "2001-01-01T08:00:00+18:01",
            "2001-01-01T08:00:00+5:45",
            "2001-01-01T08:00:00 Z",
            "2001-01-01T08:00:00z",
            "2001-01-01T08:00:00Z\\n",
            "2001-01-01T08:00:00Europe/Paris",
            "2001-01-01t08:00:00Z",
            "2001-01-01T8:00:00Z",
            "2001-1-1T08:00:00Z",
            "2001-01-01T24:00:00Z",
            "2001-01-01T23:59:60Z",
            "2000-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "0000-12-31T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "-2001-01-01T00:00:00Z",
            "1582-10-10T00:00:00Z")) {
      texts.add(WHOLE.replace("2001-01-01T08:00:00Z", at));
    }
    texts.add(WHOLE.replace("\"SEA\"", "\"SEA\\n\""));
    texts.add(WHOLE.replace("\"SEA\"", "null").replace("LAX", "lax"));
    texts.add(WHOLE.replace("\"origin\"", "\"Origin\""));
    return texts;
  }

  private static List<Object> read(Event event) {
    Flight flight = event.flight();
    boolean unreadable = event.failed().contains("value(utf8)");
    return Rows.row(
        event.row().offset(),
        event
            .row()
            .value()
            .filter(value -> !unreadable)
            .map(value -> UTF_8.decode(value.duplicate()).toString())
            .orElse(null),
        event.failed(),
        event.fails(),
        flight.flightId(),
        flight.scheduledAt(),
        flight.delayMinutes(),
        flight.distanceMiles(),
        flight.origin(),
        flight.destination(),
        flight.eventDate());
  }
}
