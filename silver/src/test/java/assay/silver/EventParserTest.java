package assay.silver;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventParserTest {
  private static final String AT = "2026-01-01T00:00:00Z";

  @TempDir Path folder;

  private final SparkSession spark = TestSpark.session();
  private final List<Column> columns =
      new ArrayList<>(
          List.of(
              new Column("id", DataTypes.StringType, true),
              new Column("at", DataTypes.TimestampType, true),
              new Column("n", DataTypes.IntegerType, false)));

  @Test
  void aWholeRowIsRead() {
    Row row = parseOne("{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05.123456789+01:00\",\"n\":7}");
    assertThat(row.<String>getAs("id")).isEqualTo("a");
    assertThat(row.<Instant>getAs("at")).isEqualTo(Instant.parse("2001-01-02T02:04:05.123456Z"));
    assertThat(row.<Integer>getAs("n")).isEqualTo(7);
    assertThat(row.<LocalDate>getAs("event_date")).isEqualTo(LocalDate.parse("2001-01-02"));
    assertThat(failures(row)).isEmpty();
    assertThat(row.<Boolean>getAs("_fails")).isFalse();
  }

  @Test
  void theDayIsCutInTheContractsZone() {
    Contract utc = contract();
    Contract newYork =
        new Contract(
            utc.domain(),
            utc.source(),
            utc.columns(),
            utc.key(),
            utc.eventTime(),
            utc.orderBy(),
            utc.allowedLateness(),
            utc.dedupWithin(),
            utc.correctionsWithin(),
            utc.grace(),
            ZoneId.of("America/New_York"),
            utc.rules(),
            utc.metrics(),
            utc.hash());
    List<Row> rows = parse(newYork, "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"}");
    assertThat(rows.get(0).<LocalDate>getAs("event_date")).isEqualTo(LocalDate.parse("2001-01-01"));
  }

  @Test
  void whatIsNoJsonObjectFailsAsAValueAndAsNothingElse() {
    List<Row> rows =
        parse(
            contract(),
            null,
            "",
            "   ",
            "{\"id\":\"a\"",
            "[{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"}]",
            "\"text\"",
            "null",
            "7",
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"} trailing",
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"}{\"id\":\"b\"}",
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"}]",
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"}] more",
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"},{\"id\":\"b\"}] more",
            "{'id':'a','at':'2001-01-02T03:04:05Z'}",
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\",\"n\":NaN}");
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .element(0)
        .isEqualTo(List.of("value(null)"));
    assertThat(rows.subList(1, rows.size()))
        .extracting(EventParserTest::failures)
        .allMatch(List.of("value(json)")::equals);
  }

  @Test
  void bytesThatAreNoUtf8Fail() {
    Lake lake = new Lake(folder.toString());
    BronzeFixture bronze = new BronzeFixture(spark, lake, "events");
    byte[] broken =
        "{\"id\":\"aX\",\"at\":\"2001-01-02T03:04:05Z\"}"
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    broken[8] = (byte) 0xC3;
    bronze.ingestBytes(0, AT, List.of(broken));
    assertThat(failures(read(contract(), lake).get(0))).containsExactly("value(utf8)");
  }

  @Test
  void everyNameThatFailedIsKeptInTheContractsOrder() {
    columns.add(new Column("m", DataTypes.LongType, true));
    Row row = parseOne("{\"at\":\"soon\",\"n\":\"x\"}");
    assertThat(failures(row)).containsExactly("required(id)", "type(at)", "type(n)", "required(m)");
    assertThat(row.<Boolean>getAs("_fails")).isTrue();
  }

  @Test
  void whatOnlyLooksLikeATimeIsNotRead() {
    List<String> texts =
        List.of(
            "12:30",
            "2001",
            "2001-01",
            "2001-01-02",
            "2001-1-2T03:04:05Z",
            "978404645",
            "978404645000",
            "2001-02-30T00:00:00Z",
            "2001-01-02T25:00:00Z",
            "now",
            "0000-01-01T00:00:00Z",
            "32768-01-01T00:00:00Z",
            "2001-01-02T03:04:05 Europe/Paris",
            "2001-01-02T03:04:05Z\\n");
    List<Row> rows =
        parse(
            contract(),
            texts.stream().map("{\"id\":\"a\",\"at\":\"%s\"}"::formatted).toArray(String[]::new));
    for (int i = 0; i < texts.size(); i++) {
      assertThat(failures(rows.get(i))).as(texts.get(i)).containsExactly("type(at)");
    }
  }

  @Test
  void numbersThatDoNotFitFail() {
    columns.add(new Column("d", DataTypes.DoubleType, false));
    columns.add(new Column("money", DataTypes.createDecimalType(6, 2), false));
    columns.add(new Column("yes", DataTypes.BooleanType, false));
    Map<String, String> failing = new LinkedHashMap<>();
    failing.put("\"n\":2147483648", "type(n)");
    failing.put("\"n\":1.5", "type(n)");
    failing.put("\"n\":1e3", "type(n)");
    failing.put("\"n\":true", "type(n)");
    failing.put("\"n\":{}", "type(n)");
    failing.put("\"d\":1e400", "type(d)");
    failing.put("\"d\":\"NaN\"", "type(d)");
    failing.put("\"money\":12345.67", "type(money)");
    failing.put("\"money\":1.005", "type(money)");
    failing.put("\"money\":\"much\"", "type(money)");
    failing.put("\"money\":true", "type(money)");
    failing.put("\"yes\":\"y\"", "type(yes)");
    List<Row> rows =
        parse(
            contract(),
            failing.keySet().stream()
                .map("{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\",%s}"::formatted)
                .toArray(String[]::new));
    int i = 0;
    for (Map.Entry<String, String> one : failing.entrySet()) {
      assertThat(failures(rows.get(i++))).as(one.getKey()).containsExactly(one.getValue());
    }
  }

  @Test
  void aDecimalKeepsDigitsThatADoubleHasNot() {
    columns.add(new Column("money", DataTypes.createDecimalType(30, 2), false));
    List<Row> rows =
        parse(
            contract(),
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\",\"money\":1234567890123456789012.34}",
            "{\"id\":\"b\",\"at\":\"2001-01-02T03:04:05Z\",\"money\":\"1234567890123456789012.34\"}",
            "{\"id\":\"c\",\"at\":\"2001-01-02T03:04:05Z\",\"money\":null}");
    assertThat(rows).extracting(EventParserTest::failures).allMatch(List::isEmpty);
    assertThat(rows.get(0).<BigDecimal>getAs("money")).isEqualTo("1234567890123456789012.34");
    assertThat(rows.get(1).<BigDecimal>getAs("money")).isEqualTo("1234567890123456789012.34");
    assertThat(rows.get(2).<BigDecimal>getAs("money")).isNull();
  }

  @Test
  void aDecimalIsReadOnlyAsItIsWritten() {
    columns.add(new Column("money", DataTypes.createDecimalType(6, 2), false));
    List<Row> rows =
        parse(
            contract(),
            row("\"money\":\"1,50\""),
            row("\"money\":1.239"),
            row("\"money\":\"1.50\""),
            row("\"money\":12345.6"));
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .containsExactly(
            List.of("type(money)"), List.of("type(money)"), List.of(), List.of("type(money)"));
    assertThat(rows.get(2).<BigDecimal>getAs("money")).isEqualTo("1.50");
  }

  @Test
  void oddInputIsJudgedAndEndsNoRun() {
    String long10 = "x".repeat(10_000_000);
    String deep = "[".repeat(5000) + "]".repeat(5000);
    List<Row> rows =
        parse(
            contract(),
            row("\"other\":\"" + long10 + "\""),
            row("\"other\":" + deep),
            "\ufeff" + row("\"n\":1"),
            row("\"n\":1,\"n\":2"),
            row("\"n\":1e400"),
            row("\"n\":99999999999"),
            row("\"n\":1").replace("\"a\"", "\"\u0000\""),
            row("\"n\":1").replace("\"a\"", "\"\\u0000\ud83d\ude00\""),
            row("\"n\":1").replace("2001", "32768"),
            row("\"n\":1").replace("2001", "0001"),
            row("\"n\":1").replace("2001", "9999"),
            row("\"n\":1").replace("03:04:05", "23:59:60"),
            row("\"n\":1").replace("\"2001-01-02T03:04:05Z\"", "978404645"),
            row("\"n\":1").replace("\"2001-01-02T03:04:05Z\"", "\"978404645000\""));
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .containsExactly(
            List.of(),
            List.of("value(json)"),
            List.of("value(json)"),
            List.of(),
            List.of("type(n)"),
            List.of("type(n)"),
            List.of("value(json)"),
            List.of(),
            List.of("type(at)"),
            List.of(),
            List.of(),
            List.of("type(at)"),
            List.of("type(at)"),
            List.of("type(at)"));
    assertThat(rows.get(3).<Integer>getAs("n")).as("of two the last").isEqualTo(2);
    assertThat(rows.get(7).<String>getAs("id")).isEqualTo("\u0000\ud83d\ude00");
  }

  private static String row(String field) {
    return "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\"," + field + "}";
  }

  @Test
  void numbersThatFitAreExact() {
    columns.add(new Column("d", DataTypes.DoubleType, false));
    columns.add(new Column("money", DataTypes.createDecimalType(6, 2), false));
    columns.add(new Column("yes", DataTypes.BooleanType, false));
    Row row =
        parseOne(
            "{\"id\":\"a\",\"at\":\"2001-01-02T03:04:05Z\",\"n\":\"-7\",\"d\":1.5e2,"
                + "\"money\":1234.5,\"yes\":true,\"other\":[1]}");
    assertThat(failures(row)).isEmpty();
    assertThat(row.<Integer>getAs("n")).isEqualTo(-7);
    assertThat(row.<Double>getAs("d")).isEqualTo(150.0);
    assertThat(row.<BigDecimal>getAs("money")).isEqualTo("1234.50");
    assertThat(row.<Boolean>getAs("yes")).isTrue();
  }

  private static List<String> failures(Row row) {
    return row.getList(row.fieldIndex("_failed_rules"));
  }

  private Row parseOne(String value) {
    return parse(contract(), value).get(0);
  }

  private List<Row> parse(Contract contract, String... values) {
    Lake lake = new Lake(folder.resolve("lake" + System.nanoTime()).toString());
    new BronzeFixture(spark, lake, "events").ingest(AT, values);
    return read(contract, lake);
  }

  private List<Row> read(Contract contract, Lake lake) {
    return new EventParser(contract)
        .parse(new LakeTable(spark, lake.bronze("events")).read())
        .orderBy("_offset")
        .collectAsList();
  }

  private Contract contract() {
    Contract flights = FlightsContract.contract();
    return new Contract(
        "events",
        flights.source(),
        columns,
        List.of("id"),
        "at",
        List.of(),
        flights.allowedLateness(),
        flights.dedupWithin(),
        flights.correctionsWithin(),
        flights.grace(),
        flights.zone(),
        List.of(),
        List.of(),
        "test");
  }
}
