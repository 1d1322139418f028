package assay.silver;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.Column;
import assay.core.contract.Contract;
import assay.core.contract.ContractBuilder;
import assay.core.contract.Rule;
import assay.core.contract.Source;
import assay.core.testing.FlightsContract;
import assay.core.testing.TestSpark;
import assay.ingestion.Bronze;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/** Rows are a Kafka key and a value; what is read is written out by hand. */
class DebeziumTest {
  private static final String AFTER = "{\"id\":7,\"at\":\"2001-01-02T03:04:05Z\",\"n\":1}";
  private static final String SCHEMA = "{\"type\":\"struct\",\"fields\":[{\"field\":\"op\"}]}";
  private static final String SOURCE = "{\"connector\":\"postgresql\",\"op\":\"x\",\"after\":{}}";

  private final SparkSession spark = TestSpark.session();
  private final List<Row> bronze = new ArrayList<>();

  @Test
  void createReadAndUpdateAreUpsertsOfTheRowAfter() {
    for (String op : List.of("c", "r", "u")) {
      add(null, envelope(op, "{\"id\":7,\"n\":0}", AFTER));
      add(null, wrapped(envelope(op, "null", AFTER)));
    }
    // In any order of fields, without those that Assay does not need, before missing.
    add(null, "{\"op\":\"c\",\"after\":" + AFTER + "}");
    add(null, "{\"payload\":{\"after\":" + AFTER + ",\"op\":\"c\"}}");
    assertThat(parsed())
        .hasSize(8)
        .containsOnly("upsert 7 2001-01-02T03:04:05Z 1 2001-01-02 [] null");
  }

  @Test
  void whatIsUnknownInTheRowAfterIsKept() {
    String more = AFTER.replace("}", ",\"gate\":\"B4\"}");
    add(null, envelope("u", "{\"id\":7,\"old\":1}", more));
    add("{\"id\":7}", envelope("d", more, "null"));
    assertThat(parsed())
        .containsExactly(
            "upsert 7 2001-01-02T03:04:05Z 1 2001-01-02 [] {\"gate\":\"B4\"}",
            "delete 7 2001-01-02T03:04:05Z 1 2001-01-02 [] null");
  }

  @Test
  void theRowAfterIsJudgedAsAnyRow() {
    add(null, envelope("c", "null", "{\"id\":7,\"at\":978404645000,\"n\":1}"));
    add(null, envelope("c", "null", "{\"at\":\"2001-01-02T03:04:05Z\",\"n\":-1}"));
    assertThat(parsed())
        .containsExactly(
            "upsert 7 null 1 null [type(at)] null",
            "upsert null 2001-01-02T03:04:05Z -1 2001-01-02 [required(id), positive] null");
  }

  @Test
  void aDeleteHasTheKeyOfTheRowBeforeAndWhatElseIsKnownOfIt() {
    add(null, envelope("d", AFTER, "null"));
    add(null, wrapped(envelope("d", AFTER, "null")));
    add(null, "{\"op\":\"d\",\"before\":{\"id\":7}}");
    // The key columns are asked for, the others are not: no type, no required, no rule.
    add(null, envelope("d", "{\"id\":7,\"at\":978404645000,\"n\":\"x\"}", "null"));
    add(null, envelope("d", "{\"id\":7,\"n\":-1}", "null"));
    assertThat(parsed())
        .containsExactly(
            "delete 7 2001-01-02T03:04:05Z 1 2001-01-02 [] null",
            "delete 7 2001-01-02T03:04:05Z 1 2001-01-02 [] null",
            "delete 7 null null null [] null",
            "delete 7 null null null [] null",
            "delete 7 null -1 null [] null");
  }

  @Test
  void aKeyColumnThatTheRowBeforeLacksIsTheKafkaKeys() {
    String delete = envelope("d", "null", "null");
    add("{\"id\":7}", delete);
    add("{\"schema\":" + SCHEMA + ",\"payload\":{\"id\":7}}", delete);
    add("{\"id\":7}", envelope("d", "{\"n\":1}", "null"));
    add("{\"id\":7}", envelope("d", "{\"id\":null,\"n\":1}", "null"));
    add("{\"id\":8}", envelope("d", "{\"id\":7}", "null"));
    add("{\"id\":7}", "{\"op\":\"d\",\"before\":\"none\"}");
    assertThat(parsed())
        .containsExactly(
            "delete 7 null null null [] null",
            "delete 7 null null null [] null",
            "delete 7 null 1 null [] null",
            "delete 7 null 1 null [] null",
            "delete 7 null null null [] null",
            "delete 7 null null null [] null");
  }

  @Test
  void aDeleteWithoutAKeyFails() {
    String delete = envelope("d", "null", "null");
    add(null, delete);
    for (String key : List.of("", "7", "null", "{\"id\":7", "{\"id\":7}{}", "{\"other\":7}")) {
      add(key, delete);
    }
    bronze.add(record(new byte[] {'{', '"', (byte) 0xc0, '"', '}'}, delete.getBytes(UTF_8)));
    assertThat(parsed()).hasSize(8).containsOnly("delete null null null null [required(id)] null");
  }

  @Test
  void aKeyThatIsNotOfItsTypeFails() {
    add("{\"id\":\"seven\"}", envelope("d", "null", "null"));
    add("{\"id\":7}", envelope("d", "{\"id\":\"seven\"}", "null"));
    List<Row> rows = rows();
    assertThat(rows.stream().map(DebeziumTest::text))
        .containsOnly("delete null null null null [type(id)] null");
    assertThat(rows.get(0).getJavaMap(rows.get(0).fieldIndex("_failed_values")).toString())
        .isEqualTo("{type(id)=\"seven\"}");
  }

  @Test
  void aTombstoneDeletesItsKey() {
    add("{\"id\":7}", null);
    add("{\"schema\":" + SCHEMA + ",\"payload\":{\"id\":7}}", null);
    add("no json", null);
    add(null, null);
    assertThat(parsed())
        .containsExactly(
            "delete 7 null null null [] null",
            "delete 7 null null null [] null",
            "delete null null null null [required(id)] null",
            "upsert null null null null [value(null)] null");
  }

  @Test
  void aTruncateHasNoColumnsAndNeedsNone() {
    add(null, envelope("t", "null", "null"));
    add("{\"id\":7}", wrapped(envelope("t", AFTER, AFTER)));
    assertThat(parsed()).containsOnly("truncate null null null null [] null");
  }

  @Test
  void anyOtherOperationFails() {
    for (String op : List.of("m", "C", "create", "", "cc")) {
      add("{\"id\":7}", envelope(op, AFTER, AFTER));
    }
    add("{\"id\":7}", envelope("c", AFTER, AFTER).replace("\"op\":\"c\"", "\"op\":null"));
    add("{\"id\":7}", envelope("c", AFTER, AFTER).replace("\"op\":\"c\"", "\"op\":[\"c\"]"));
    add("{\"id\":7}", AFTER);
    add("{\"id\":7}", "{}");
    add("{\"id\":7}", "{\"schema\":null,\"payload\":null}");
    add("{\"id\":7}", "{\"op\":\"c\",\"after\":" + AFTER + ",\"payload\":{}}");
    assertThat(parsed()).hasSize(11).containsOnly("upsert null null null null [value(op)] null");
  }

  @Test
  void anUpsertWithoutTheRowAfterFails() {
    for (String after : List.of("null", "7", "[" + AFTER + "]", "\"row\"")) {
      add("{\"id\":7}", envelope("u", AFTER, after));
    }
    add("{\"id\":7}", "{\"op\":\"u\",\"before\":" + AFTER + "}");
    assertThat(parsed()).hasSize(5).containsOnly("upsert null null null null [value(after)] null");
  }

  @Test
  void ofAFieldThatIsThereTwiceTheLastOneCounts() {
    add(null, "{\"op\":\"d\",\"after\":{\"id\":1},\"after\":" + AFTER + ",\"op\":\"c\"}");
    add(null, "{\"op\":\"d\",\"before\":{\"id\":1},\"before\":{\"id\":7}}");
    add(null, "{\"op\":\"c\",\"after\":" + AFTER + ",\"after\":null}");
    add(null, "{\"payload\":{\"op\":\"t\"},\"payload\":7,\"op\":\"c\",\"after\":" + AFTER + "}");
    add("{\"payload\":{\"id\":1},\"payload\":2,\"id\":7}", null);
    assertThat(parsed())
        .containsExactly(
            "upsert 7 2001-01-02T03:04:05Z 1 2001-01-02 [] null",
            "delete 7 null null null [] null",
            "upsert null null null null [value(after)] null",
            "upsert 7 2001-01-02T03:04:05Z 1 2001-01-02 [] null",
            "delete 7 null null null [] null");
  }

  @Test
  void oddInputIsJudgedAndEndsNoRun() {
    String whole = envelope("c", "null", AFTER);
    add(null, "");
    add(null, whole.substring(0, whole.length() - 1));
    add(null, whole + "}");
    add(null, whole.replace("\"n\":1", "\"n\":NaN"));
    add(null, "\ufeff" + whole);
    add(null, whole.replace(SOURCE, "[".repeat(5000) + "]".repeat(5000)));
    add(null, whole.replace(SOURCE, "\"" + "x".repeat(10_000_000) + "\""));
    bronze.add(record(null, whole.replace("op", "öp").getBytes(ISO_8859_1)));
    assertThat(parsed())
        .containsExactly(
            "upsert null null null null [value(json)] null",
            "upsert null null null null [value(json)] null",
            "upsert null null null null [value(json)] null",
            "upsert null null null null [value(json)] null",
            "upsert null null null null [value(json)] null",
            "upsert null null null null [value(json)] null",
            "upsert 7 2001-01-02T03:04:05Z 1 2001-01-02 [] null",
            "upsert null null null null [value(utf8)] null");
  }

  @Test
  void aValueThatIsNoEnvelopeIsReadAsJsonWhereTheContractSaysSo() {
    add("{\"id\":7}", null);
    List<Row> rows = new EventParser(contract(Source.Format.JSON)).parse(frame()).collectAsList();
    assertThat(text(rows.get(0))).isEqualTo("upsert null null null null [value(null)] null");
  }

  private static String envelope(String op, String before, String after) {
    return "{\"before\":%s,\"after\":%s,\"source\":%s,\"op\":\"%s\",\"ts_ms\":1}"
        .formatted(before, after, SOURCE, op);
  }

  private static String wrapped(String envelope) {
    return "{\"schema\":" + SCHEMA + ",\"payload\":" + envelope + "}";
  }

  private void add(String key, String value) {
    bronze.add(
        record(
            key == null ? null : key.getBytes(UTF_8),
            value == null ? null : value.getBytes(UTF_8)));
  }

  private Row record(byte[] key, byte[] value) {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    return RowFactory.create(
        "topic", 0, (long) bronze.size(), at, 0, key, value, List.of(), at, LocalDate.EPOCH);
  }

  private Dataset<Row> frame() {
    return spark.createDataFrame(bronze, Bronze.schema());
  }

  private List<Row> rows() {
    return new EventParser(contract(Source.Format.DEBEZIUM))
        .parse(frame())
        .orderBy("_offset")
        .collectAsList();
  }

  /** Operation, columns, day, failures, rest. */
  private List<String> parsed() {
    return rows().stream().map(DebeziumTest::text).toList();
  }

  private static String text(Row row) {
    List<String> failed = row.getList(row.fieldIndex("_failed_rules"));
    assertThat(row.<Boolean>getAs("_fails")).isEqualTo(!failed.isEmpty());
    return "%s %s %s %s %s %s %s"
        .formatted(
            row.<String>getAs("_operation"),
            row.<Integer>getAs("id"),
            row.<Instant>getAs("at"),
            row.<Integer>getAs("n"),
            row.<LocalDate>getAs("event_date"),
            failed,
            row.<String>getAs("_rest"));
  }

  private static Contract contract(Source.Format format) {
    Contract flights = FlightsContract.contract();
    return ContractBuilder.builder(flights)
        .domain("events")
        .source(new Source("events", format))
        .columns(
            List.of(
                new Column("id", DataTypes.IntegerType, true),
                new Column("at", DataTypes.TimestampType, true),
                new Column("n", DataTypes.IntegerType, false)))
        .key(List.of("id"))
        .eventTime("at")
        .orderBy(List.of())
        .rules(List.of(new Rule("positive", "n > 0", Rule.Otherwise.QUARANTINE)))
        .metrics(List.of())
        .hash("test")
        .build();
  }
}
