package assay.silver;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.testing.TestSpark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class RestFieldsTest {
  private final SparkSession spark = TestSpark.session();

  @Test
  void theTypeIsTheNarrowestThatTakesEveryValue() {
    assertThat(
            types(
                "{\"b\":true,\"i\":1,\"l\":1,\"m\":1,\"d\":1.5,\"day\":\"2001-01-02\","
                    + "\"t\":\"2001-01-02T03:04:05Z\",\"s\":\"x\",\"zip\":\"00501\",\"o\":{\"a\":1}}",
                "{\"b\":false,\"i\":-7,\"l\":3000000000,\"m\":12.345,\"d\":1e3,"
                    + "\"day\":\"2001-01-03\",\"t\":\"2001-01-02T03:04\",\"s\":7,\"zip\":\"10001\","
                    + "\"o\":[]}"))
        .containsExactly(
            "b boolean",
            "d double",
            "day date",
            "i int",
            "l long",
            "m decimal(20,3)",
            "o string",
            "s string",
            "t timestamp",
            "zip string");
  }

  @Test
  void amountsHaveTwoDigitsBehindThePointAtLeast() {
    assertThat(types("{\"m\":1.5}")).containsExactly("m decimal(19,2)");
  }

  @Test
  void numbersThatNoContractHoldsExactlyAreDoublesAndNullsTellNothing() {
    assertThat(
            types(
                "{\"m\":0.12345678901,\"n\":null,\"q\":null}",
                "{\"m\":1.5,\"n\":5,\"q\":null}",
                "{\"m\":null,\"n\":null,\"q\":null}"))
        .containsExactly("m double", "n int");
  }

  @Test
  void theMostFrequentComesFirstAndFewerThanOneInAHundredIsTooFew() {
    List<String> rests = new ArrayList<>();
    IntStream.range(0, 200)
        .forEach(
            i ->
                rests.add(
                    i == 0
                        ? "{\"once\":1,\"twice\":1,\"often\":1}"
                        : i == 1 ? "{\"twice\":2}" : i < 100 ? "{\"often\":1}" : null));
    assertThat(RestFields.suggest(silver(rests)))
        .containsExactly(
            new SuggestedColumn("often", 99, 0.495, "int"),
            new SuggestedColumn("twice", 2, 0.01, "int"));
  }

  @Test
  void namesThatAContractCannotHaveAreLeftOut() {
    assertThat(
            types(
                "{\"Gate\":1,\"a b\":1,\"event_date\":\"2001-01-02\",\"true\":true,\"gate\":1,"
                    + "\"id\":\"a column of silver by now\"}"))
        .containsExactly("gate int");
  }

  @Test
  void onlyTheNewestRowsAreLookedAt() {
    Dataset<Row> silver =
        spark
            .range(100_000)
            .selectExpr(
                "'a' AS id",
                "'{\"now\":1}' AS _rest",
                "0 AS _partition",
                "id AS _offset",
                "timestamp_seconds(1767225600) AS _ingested_at")
            .unionByName(silver(List.of("{\"then\":1}")));
    assertThat(RestFields.suggest(silver))
        .containsExactly(new SuggestedColumn("now", 100_000, 1.0, "int"));
  }

  @Test
  void thereIsNothingToSuggestOfATableWithoutTheColumn() {
    assertThat(RestFields.suggest(silver(List.of("{\"a\":1}")).drop("_rest"))).isEmpty();
    assertThat(RestFields.suggest(silver(List.of()))).isEmpty();
  }

  private List<String> types(String... rests) {
    return RestFields.suggest(silver(List.of(rests))).stream()
        .map(column -> column.field() + " " + column.type())
        .sorted()
        .toList();
  }

  private Dataset<Row> silver(List<String> rests) {
    StructType schema =
        new StructType()
            .add("id", DataTypes.StringType)
            .add("_rest", DataTypes.StringType)
            .add("_partition", DataTypes.IntegerType)
            .add("_offset", DataTypes.LongType)
            .add("_ingested_at", DataTypes.TimestampType);
    List<Row> rows = new ArrayList<>();
    for (String rest : rests) {
      rows.add(RowFactory.create("a", rest, 0, (long) rows.size(), Instant.EPOCH));
    }
    return spark.createDataFrame(rows, schema);
  }
}
