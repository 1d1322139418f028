package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainMistakesTest {
  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  @Test
  void anUnknownKeyNamesTheNearest() {
    assertThat(contract.mistakesWith("rules:", "ruels:"))
        .containsExactly("12:1: unknown key `ruels`. Did you mean `rules`?");
    assertThat(contract.mistakesWith("{topic: orders}", "{topic: orders, group: x}"))
        .containsExactly("2:25: unknown key `group`. Known here: `format`.");
  }

  @Test
  void aMisspeltKeyIsNotMissingToo() {
    assertThat(contract.mistakesWith("event_time:", "event_tme:"))
        .containsExactly("11:1: unknown key `event_tme`. Did you mean `event_time`?");
  }

  @Test
  void aMissingKeyIsShownWithAnExample() {
    assertThat(contract.mistakesWith("event_time: at\n", ""))
        .containsExactly(
            "1:1: the file lacks the key `event_time`. Add for example `event_time:"
                + " scheduled_at`.");
    assertThat(contract.mistakesWith("{topic: orders}", "{format: json}"))
        .containsExactly("2:1: `source` lacks the key `topic`. Add for example `topic: flights`.");
  }

  @Test
  void aWrongKindOfValueIsTold() {
    assertThat(contract.mistakesWith("key: [id]", "key: id"))
        .containsExactly(
            "10:6: `key` must be a list of columns, not `id`. Write for example `[flight_id]`.");
    assertThat(contract.mistakesWith("key: [id]", "key: [[id]]"))
        .containsExactly(
            "10:7: an item of `key` must be the name of a column, not a list. Write for example"
                + " `flight_id`.");
    assertThat(contract.mistakesWith("key: [id]", "key: []"))
        .containsExactly("10:6: `key` is empty. Write for example `[flight_id]`.");
    assertThat(contract.mistakesWith("[id]", ""))
        .containsExactly(
            "10:5: `key` has no value. Write for example `[flight_id]`. Or leave the key out.");
    assertThat(contract.mistakesWith("string required", "{type: string}"))
        .containsExactly(
            "4:7: `id` must be a type, not a mapping. Write for example `string required`.");
  }

  @Test
  void duplicateKeysAreAllTold() {
    assertThat(contract.mistakesWith("  items: int\n", "  items: int\n  items: long\n  id: int\n"))
        .containsExactly(
            "8:3: `items` was already written on line 7. Keep one of the two.",
            "9:3: `id` was already written on line 4. Keep one of the two.");
  }

  @Test
  void anUnknownFormatIsTold() {
    assertThat(contract.mistakesWith("{topic: orders}", "{topic: orders, format: avro}"))
        .containsExactly(
            "2:33: `format` must be `json` or `debezium`, not `avro`. Write for example `json`.");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "..", "a/b", "a b", "é"})
  void aTopicIsNamedByKafkasRule(String topic) {
    assertThat(contract.mistakesWith("{topic: orders}", "{topic: '" + topic + "'}"))
        .containsExactly(
            "2:17: `topic` must be the name of a Kafka topic (letters, digits, `.`, `_` and `-`, at"
                + " most 249), not `"
                + topic
                + "`. Write for example `flights`.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "integer|unknown type `integer`. Did you mean `int`?",
        "strng|unknown type `strng`. Did you mean `string`?",
        "array<int>|nested types are not read: `array<int>`. Take the parts out into columns of their own.",
        "decimal|a decimal needs its digits and those behind the point. Write for example `decimal(18,2)`.",
        "decimal(30,2)|decimal(30,2) is wider than sums can be proven exactly. Write at most 17 digits before the point and 10 behind it, such as `decimal(27,10)`.",
        "decimal(2,5)|decimal(2,5) cannot be. Write at least one digit, and no more behind the point than there are.",
        "int(4)|`int` takes no brackets. Write `int`.",
        "int requierd|`requierd` means nothing behind a type. Write `required`.",
        "int NOT NULL|`NOT NULL` means nothing behind a type. Write `required`.",
        "5 apples|`5 apples` is no type. Write for example `string required`.",
        "blob|unknown type `blob`. Known here: `string`, `int`, `long`, `bigint`, `float`, `double`, `boolean`, `date`, `timestamp`, `decimal(p,s)`."
      })
  void aTypeThatIsNotKnownIsTold(String type, String mistake) {
    assertThat(contract.mistakesWith("items: int", "items: " + type))
        .containsExactly("7:10: " + mistake);
  }

  @Test
  void columnsHaveNamesOfTheirOwn() {
    assertThat(contract.mistakesWith("items: int", "event_date: date"))
        .containsExactly(
            "7:3: `event_date` is the day that Assay adds to every row. Choose another name.");
    assertThat(contract.mistakesWith("items: int", "Items: int"))
        .containsExactly(
            "7:3: `Items` cannot be a name. Write a lower-case letter, then up to 62 lower-case"
                + " letters, digits or underscores: `items`.");
    assertThat(contract.mistakesWith("items: int", "items: int\n  Items: int"))
        .containsExactly(
            "8:3: `Items` cannot be a name. Write a lower-case letter, then up to 62 lower-case"
                + " letters, digits or underscores: `items`.");
  }

  @Test
  void aKeyIsOfRequiredExactColumns() {
    assertThat(contract.mistakesWith("key: [id]", "key: [id, items, weight, id, idd]"))
        .containsExactly(
            "10:11: the key column `items` may be missing. Write `items: int required`.",
            "10:18: `weight` is a double, and a key needs exact values. Make the column a decimal"
                + " or a string.",
            "10:26: `id` is listed twice. Keep one of the two.",
            "10:30: unknown column `idd`. Did you mean `id`?");
  }

  @Test
  void anEventTimeIsARequiredTimestamp() {
    assertThat(contract.mistakesWith("event_time: at", "event_time: items"))
        .containsExactly(
            "11:13: the event time `items` is a int. Write `items: timestamp required`.");
    assertThat(contract.mistakesWith("at: timestamp required", "at: timestamp"))
        .containsExactly(
            "11:13: the event time `at` may be missing. Write `at: timestamp required`.");
    assertThat(contract.mistakesWith("event_time: at", "event_time: ats"))
        .containsExactly("11:13: unknown column `ats`. Did you mean `at`?");
  }

  @Test
  void orderByNamesColumns() {
    assertThat(contract.mistakesWith("rules:", "order_by: [item]\nrules:"))
        .containsExactly("12:12: unknown column `item`. Did you mean `items`?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2h|`grace` is no duration: `2h`. Write `2 hours`.",
        "2 houres|`grace` is no duration: `2 houres`. Write `2 hours`.",
        "500 milliseconds|`grace` is no duration: `500 milliseconds`. Write whole seconds, such as `1 second`.",
        "2 weeks|`grace` is no duration: `2 weeks`. Write `14 days`.",
        "soon|`grace` is no duration: `soon`. Write for example `10 seconds` or `2 hours`.",
        "-1 hours|`grace` is no duration: `-1 hours`. Write for example `10 seconds` or `2 hours`.",
        "9999 days|`grace` is too long: `9999 days`. Write at most `3660 days`.",
        "7|`grace` must be a duration, not `7`. Write for example `1 hour`."
      })
  void aDurationIsANumberAndAUnit(String duration, String mistake) {
    assertThat(contract.mistakesWith("rules:", "grace: " + duration + "\nrules:"))
        .containsExactly("12:8: " + mistake);
  }

  @Test
  void correctionsAreWholeDays() {
    assertThat(contract.mistakesWith("rules:", "corrections_within: 36 hours\nrules:"))
        .containsExactly(
            "12:21: `corrections_within` must be whole days, not `36 hours`. Write for example `14"
                + " days`.");
  }

  @Test
  void aDomainLeavesRoomForAssaysTables() {
    assertThat(contract.mistakesWith("domain: orders", "domain: orders_exceptions"))
        .containsExactly(
            "1:9: a domain cannot end in `_exceptions`: Assay names tables of its own so. Choose"
                + " another name.");
  }

  @Test
  void brokenColumnsAreNotToldAgainWhereTheyAreUsed() {
    assertThat(contract.mistakesWith("columns:\n", "columns: none\nx:\n"))
        .containsExactly(
            "3:10: `columns` must be a mapping of column names to types, not `none`. Write for"
                + " example `{flight_id: string required, scheduled_at: timestamp required}`.",
            "4:1: unknown key `x`. Known here: `order_by`, `allowed_lateness`, `dedup`, `on_update`,"
                + " `corrections_within`, `grace`, `zone`, `enrich`, `live_views`, `sinks`.");
  }
}
