package assay.silver;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.LakeTable;
import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Rule;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.testing.BronzeFixture;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
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

  private final List<Rule> rules = new ArrayList<>();

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
    Contract newYork = ContractBuilder.builder(utc).zone(ZoneId.of("America/New_York")).build();
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
        "{\"id\":\"aX\",\"at\":\"2001-01-02T03:04:05Z\"}".getBytes(StandardCharsets.UTF_8);
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

  static String row(String field) {
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
    return ContractBuilder.builder(flights)
        .domain("events")
        .columns(columns)
        .key(List.of("id"))
        .eventTime("at")
        .orderBy(List.of())
        .rules(rules)
        .metrics(List.of())
        .hash("test")
        .build();
  }

  @Test
  void fieldsThatAreNoColumnsAreKeptAsTheyStand() {
    List<Row> rows =
        parse(
            contract(),
            "{\"z\": 1.50 ,\"id\":\"a\",\"x\":{\"b\" : [1, \"\\u0041\"]},\"at\":\"2001-01-02T03:04:05Z\",\"n\":1,"
                + "\"z\":null,\"q\\\"\\u00e9\\n\":\"\"}",
            row("\"n\":1"),
            row("\"rest\":1,\"n\":\"x\""),
            "{\"rest\":1",
            // Half a character, which has no place in UTF-8.
            row("\"\\ud800\":1"));
    assertThat(rows)
        .extracting(row -> row.getAs("_rest"))
        .containsExactly(
            "{\"z\":null,\"x\":{\"b\" : [1, \"\\u0041\"]},\"q\\\"é\\n\":\"\"}",
            null,
            "{\"rest\":1}",
            null,
            null);
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .endsWith(List.of("value(json)"), List.of("value(json)"));
  }

  @Test
  void aStringTakesNumbersAsTheyAreWrittenAndNestedValuesWithoutBlanks() {
    columns.add(new Column("s", DataTypes.StringType, false));
    List<Row> rows =
        parse(
            contract(),
            row("\"s\":1.50"),
            row("\"s\":12345678901234567890.123"),
            row("\"s\":1e400"),
            row("\"s\":true"),
            row("\"s\": { \"a b\" :\t[ 1.50 , \"\\\" [\" ] }"),
            row("\"s\":\"" + "x".repeat(10_000_000) + "\""));
    assertThat(rows)
        .extracting(row -> row.<String>getAs("s"))
        .startsWith(
            "1.50", "12345678901234567890.123", "1e400", "true", "{\"a b\":[1.50,\"\\\" [\"]}")
        .last()
        .satisfies(s -> assertThat(s).hasSize(10_000_000));
  }

  @Test
  void whatFailedIsKeptBesideTheNames() {
    rules.add(new Rule("few", "n < 10 OR coalesce(id, '') = 'free'", Rule.Otherwise.QUARANTINE));
    rules.add(new Rule("early", "at < TIMESTAMP '2001-01-02' AND N > 0", Rule.Otherwise.WARN));
    List<Row> rows =
        parse(
            contract(),
            row("\"n\":\"x\""),
            row("\"n\":{\"a\": 1}"),
            row("\"n\":\"" + "é".repeat(300) + "\""),
            "{\"at\":\"soon\",\"n\":77}",
            row("\"n\":77").replace("\"a\"", "\"" + "b".repeat(300) + "\""),
            "{\"id\":\"a\",\"at\":\"2001-01-01T00:00:00Z\",\"n\":1}");
    assertThat(rows)
        .extracting(row -> row.getJavaMap(row.fieldIndex("_failed_values")))
        .containsExactly(
            Map.of("type(n)", "\"x\"", "early", "at=2001-01-02 03:04:05, n=NULL"),
            Map.of("type(n)", "{\"a\": 1}", "early", "at=2001-01-02 03:04:05, n=NULL"),
            Map.of("type(n)", "\"" + "é".repeat(199), "early", "at=2001-01-02 03:04:05, n=NULL"),
            Map.of("type(at)", "\"soon\"", "few", "id=NULL, n=77"),
            Map.of("few", "id=" + "b".repeat(197), "early", "at=2001-01-02 03:04:05, n=77"),
            Map.of());
    assertThat(failures(rows.get(3))).containsExactly("required(id)", "type(at)", "few");
    assertThat(failures(rows.get(4))).containsExactly("few", "early");
  }

  @Test
  void noRuleIsAskedAboutAValueThatCannotBeRead() {
    rules.add(new Rule("there", "n IS NOT NULL", Rule.Otherwise.QUARANTINE));
    List<Row> rows = parse(contract(), "{", null, row("\"m\":1"));
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .containsExactly(List.of("value(json)"), List.of("value(null)"), List.of("there"));
    assertThat(rows).extracting(row -> row.getAs("_operation")).containsOnly("upsert");
  }

  @Test
  void theParserTellsWhyAndWhereAValueIsNoObject() {
    String deep = row("\"other\":" + "[".repeat(5000) + "]".repeat(5000));
    List<Row> rows =
        parse(
            contract(),
            "{\"id\":\"a\",\n\"at\"",
            "{\"id\":tru}",
            row("\"n\":1") + "\n more",
            row("\"n\":1") + " {}",
            "",
            " \n 7",
            "[]",
            "\ufeff{}",
            deep,
            row("\"n\":1"),
            row("\"n\":\"x\""));
    assertThat(rows)
        .extracting(row -> row.getAs("_parser_message"))
        .containsExactly(
            "Unexpected end-of-input within/between Object entries, at line 2, column 5",
            "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token"
                + " 'null', 'true' or 'false'), at line 1, column 7",
            "Unrecognized token 'more': was expecting (JSON String, Number, Array, Object or token"
                + " 'null', 'true' or 'false'), at line 2, column 2",
            "Unexpected value behind the object, at line 1, column 46",
            "Nothing there where an object should begin",
            "Unexpected character ('7' code 55) where an object should begin, at line 2, column 2",
            "Unexpected character ('[' code 91) where an object should begin, at line 1, column 1",
            "Unexpected character (code 65279) where an object should begin, at line 1, column 1",
            "Document nesting depth (1001) exceeds the maximum allowed (1000), at line 1, column"
                + " 1047",
            null,
            null);
  }

  @Test
  void otherEncodingsThanUtf8AreNotGuessed() {
    String whole = row("\"n\":1");
    Lake lake = new Lake(folder.toString());
    byte[] broken = "{\n\"id\":\"aXb\"}".getBytes(StandardCharsets.UTF_8);
    broken[9] = (byte) 0xC3;
    new BronzeFixture(spark, lake, "events")
        .ingestBytes(
            0,
            AT,
            List.of(
                whole.getBytes(StandardCharsets.UTF_16LE),
                (" " + whole).getBytes(StandardCharsets.UTF_16LE),
                whole.getBytes(StandardCharsets.UTF_16BE),
                whole.getBytes(Charset.forName("UTF-32LE")),
                whole.getBytes(Charset.forName("UTF-32BE")),
                whole.getBytes(StandardCharsets.UTF_16),
                broken));
    List<Row> rows = read(contract(), lake);
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .containsExactly(
            List.of("value(json)"),
            List.of("value(json)"),
            List.of("value(json)"),
            List.of("value(json)"),
            List.of("value(json)"),
            List.of("value(utf8)"),
            List.of("value(utf8)"));
    assertThat(rows.get(0).<String>getAs("_parser_message"))
        .isEqualTo(
            "Unexpected character (code 0) where an object should begin, at line 1, column 2");
    assertThat(rows.get(6).<String>getAs("_parser_message"))
        .isEqualTo("Invalid UTF-8 byte 0xc3, at line 2, column 8");
  }

  @Test
  void noLengthIsTooLongForAFieldThatIsNoColumn() {
    List<Row> rows =
        parse(
            contract(),
            row("\"big\":" + "9".repeat(100_000)),
            row("\"" + "x".repeat(100_000) + "\":1"),
            row("\"deep\":" + "[".repeat(999) + "]".repeat(999)),
            row("\"n\":" + "9".repeat(100_000)));
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .containsExactly(List.of(), List.of(), List.of(), List.of("type(n)"));
  }

  @Test
  void aFieldThatIsThereTwiceCountsAsItsLastOne() {
    List<Row> rows =
        parse(
            contract(),
            row("\"n\":\"x\",\"n\":2"),
            row("\"n\":2,\"n\":\"x\""),
            row("\"n\":\"x\",\"n\":null"),
            row("\"id\":null"));
    assertThat(rows)
        .extracting(EventParserTest::failures)
        .containsExactly(List.of(), List.of("type(n)"), List.of(), List.of("required(id)"));
    assertThat(rows)
        .extracting(row -> row.<Integer>getAs("n"))
        .containsExactly(2, null, null, null);
  }

  @Test
  void generatedCodeReadsTheSame() {
    // Tests run plans as they are; a lake's are compiled, and call the reader from another package.
    SparkSession compiling = spark.newSession();
    compiling.conf().set("spark.sql.codegen.wholeStage", "true");
    compiling.conf().set("spark.sql.codegen.factoryMode", "CODEGEN_ONLY");
    rules.add(new Rule("few", "n < 10", Rule.Otherwise.WARN));
    Lake lake = new Lake(folder.toString());
    new BronzeFixture(spark, lake, "events")
        .ingest(AT, row("\"n\":77,\"m\":1"), row("\"n\":\"x\""), "{", null);
    Dataset<Row> bronze = new LakeTable(compiling, lake.bronze("events")).read();
    assertThat(
            new EventParser(contract())
                .parse(bronze)
                .drop("_value")
                .orderBy("_offset")
                .collectAsList())
        .extracting(Object::toString)
        .containsExactly(
            "[0,0,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,a,2001-01-02T03:04:05Z,77,upsert,"
                + "{\"m\":1},null,2001-01-02,ArraySeq(few),Map(few -> n=77),false]",
            "[0,1,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,a,2001-01-02T03:04:05Z,null,upsert,"
                + "null,null,2001-01-02,ArraySeq(type(n)),Map(type(n) -> \"x\"),true]",
            "[0,2,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,null,null,null,upsert,null,"
                + "Unexpected end-of-input: expected close marker for Object (start marker at line 1,"
                + " column 1), at line 1, column 2,null,ArraySeq(value(json)),Map(),true]",
            "[0,3,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,null,null,null,null,upsert,null,null,"
                + "null,ArraySeq(value(null)),Map(),true]");
  }
}
