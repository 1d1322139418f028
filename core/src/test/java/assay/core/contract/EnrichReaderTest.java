package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.Lake.Layer;
import assay.core.contract.Enrich.Added;
import assay.core.contract.Enrich.Missing;
import assay.core.contract.Enrich.On;
import assay.core.contract.Enrich.Reference;
import assay.core.contract.Enrich.Validity;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnrichReaderTest {
  private static final String LAND =
      """
      enrich:
        land:
          table: silver.countries
          on: {country: code}
          columns:
            continent: continent string
            area: square_km decimal(12,2)
      """;

  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  @Test
  void aLookUpIsReadWithItsDefaults() {
    Contract read = contract.read(with("", ""));
    assertThat(read.enrich())
        .containsExactly(
            new Enrich(
                "land",
                new Reference.OfLake(Layer.SILVER, "countries"),
                List.of(new On("country", "code")),
                List.of(
                    new Added("continent", "continent", DataTypes.StringType),
                    new Added("area", "square_km", DataTypes.createDecimalType(12, 2))),
                Optional.empty(),
                Missing.KEEP));
    assertThat(read.enrichedColumns())
        .containsExactly(
            new Column("continent", DataTypes.StringType, false),
            new Column("area", DataTypes.createDecimalType(12, 2), false));
    assertThat(read.columnNames()).doesNotContain("continent");
    assertThat(read.allColumnNames())
        .containsExactly("id", "at", "amount", "items", "weight", "country", "continent", "area");
  }

  @Test
  void everyKeyOfALookUpIsRead() {
    Enrich read =
        contract
            .read(
                with(
                    "    on:",
                    "    as_of: event\n    valid: [from, to]\n    missing: quarantine\n    on:"))
            .enrich()
            .get(0);
    assertThat(read.validity()).contains(new Validity("from", "to"));
    assertThat(read.missing()).isEqualTo(Missing.QUARANTINE);
    assertThat(read.failure()).isEqualTo("enrich(land)");
  }

  @Test
  void aTableLiesInTheLakeOrAtAnAddress() {
    Lake lake = new Lake("/lake");
    assertThat(reference("silver.countries").path(lake)).isEqualTo("/lake/silver/countries");
    assertThat(reference("gold.countries").path(lake)).isEqualTo("/lake/gold/countries");
    assertThat(reference("/data/countries").path(lake)).isEqualTo("/data/countries");
    assertThat(reference("s3a://ref/countries").path(lake)).isEqualTo("s3a://ref/countries");
  }

  private Reference reference(String table) {
    return contract.read(with("silver.countries", table)).enrich().get(0).reference();
  }

  @Test
  void metricSetsMayNameTheNewColumns() {
    Contract read =
        contract.read(
            with("", "")
                .replace("by: [country]", "by: [continent]")
                .replace("sum(amount)", "sum(area)"));
    assertThat(read.metrics().get(0).by()).containsExactly("continent");
    assertThat(read.metrics().get(0).measures()).contains(new Measure.Sum("revenue", "area"));
  }

  @Test
  void nothingElseMayNameThem() {
    String only =
        "`continent` comes from a reference table, which only metric sets see. Use columns of the"
            + " event.";
    assertThat(
            contract.mistakes(
                with("", "")
                    .replace("key: [id]", "key: [id, continent]")
                    .replace("amount >= 0", "continent = 'Asia'")))
        .containsExactly("10:11: " + only, "13:22: " + only);
  }

  @Test
  void theOrderOfLookUpsIsPartOfTheHashAndThatOfTheirOwnKeysIsNot() {
    String second = "  zone: {table: gold.zones, on: {id: id}, columns: {zone: zone int}}\n";
    String both = ContractText.with("metrics:", LAND + second + "metrics:");
    String turned =
        ContractText.with("metrics:", LAND.replace("enrich:\n", "enrich:\n" + second) + "metrics:");
    String inside =
        both.replace("{table: gold.zones, on: {id: id}, ", "{on: {id: id}, table: gold.zones, ");
    String hash = contract.read(both).hash();
    assertThat(contract.read(turned).hash()).isNotEqualTo(hash);
    assertThat(inside).isNotEqualTo(both);
    assertThat(contract.read(inside).hash()).isEqualTo(hash);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "silver.countries|countries|16:12: `countries` is no table. Write `silver.NAME` or `gold.NAME`, or the absolute path or URI of a Delta table.",
        "silver.countries|ref/countries|16:12: `ref/countries` is no table. Write `silver.NAME` or `gold.NAME`, or the absolute path or URI of a Delta table.",
        "silver.countries|sliver.countries|16:12: nothing is looked up in the layer `sliver`. Did you mean `silver`?",
        "silver.countries|bronze.countries|16:12: nothing is looked up in the layer `bronze`. Known here: `silver`, `gold`.",
        "silver.countries|silver.orders_exceptions|16:12: `silver.orders_exceptions` is made of this very domain. Name a table that does not depend on it.",
        "silver.countries|gold.per_day|16:12: `gold.per_day` is made of this very domain. Name a table that does not depend on it.",
        "silver.countries|s3a://me:secret@ref/x|16:12: a table's address holds a user or a password. Remove it, and put what gives access under `spark` in assay.yaml.",
        "{country: code}|{contry: code}|17:10: unknown column `contry`. Did you mean `country`?",
        "{country: code}|{weight: code}|17:10: `weight` is a double, and a look-up needs exact values. Make the column a decimal or a string.",
        "{country: code}|{}|17:9: `on` is empty. Write for example `{origin: code}`.",
        "{country: code}|[country]|17:9: `on` must be a mapping of columns to the table's columns, not a list. Write for example `{origin: code}`.",
        "area: square|country: square|20:7: `country` is a column of the event too. Choose another name.",
        "area: square|event_date: square|20:7: `event_date` is the day that Assay adds to every row. Choose another name.",
        "square_km decimal(12,2)|square_km|20:13: `square_km` has no type. Write the table's column and its type, such as `square_km string`.",
        "continent string|continent text|19:18: unknown type `text`. Did you mean `string`?",
        "continent string|continent string required|19:18: `required` means nothing behind a type. Remove it; `missing: quarantine` sets aside what nothing matches.",
        "table: silver.countries|table: silver.countries NEWLINE    as_of: event|17:12: `as_of: event` needs the columns that say when a row of the table holds. Add for example `valid: [valid_from, valid_to]`.",
      })
  void aMistakeInALookUpIsTold(String part, String other, String mistake) {
    assertThat(contract.mistakes(with(part, other.replace(" NEWLINE", "\n"))))
        .containsExactly(mistake);
  }

  @Test
  void validityBelongsToTheEventsTime() {
    assertThat(contract.mistakes(with("    on:", "    valid: [a, b]\n    on:")))
        .containsExactly(
            "17:5: `valid` is read with `as_of: event` only. Write `as_of: event`, or remove"
                + " `valid`.");
    assertThat(contract.mistakes(with("    on:", "    as_of: event\n    valid: [a]\n    on:")))
        .containsExactly(
            "18:12: `valid` must be a list of two columns of the table, from and to, not a list."
                + " Write for example `[valid_from, valid_to]`.");
    assertThat(contract.mistakes(with("    on:", "    as_of: evnt\n    valid: [a, b]\n    on:")))
        .containsExactly(
            "17:12: `as_of` must be `now` or `event`, not `evnt`. Write for example `now`.");
  }

  @Test
  void whatTwoLookUpsBothAddIsTold() {
    String second = "  zone: {table: gold.zones, on: {id: id}, columns: {area: zone int}}\n";
    assertThat(contract.mistakes(with("metrics:", second + "metrics:")))
        .containsExactly("21:53: `area` is looked up twice. Choose another name.");
  }

  @Test
  void aBrokenLookUpIsNotToldAgainWhereItsColumnsAreUsed() {
    String used = with("", "").replace("by: [country]", "by: [continent]");
    assertThat(contract.mistakes(used.replace("    columns:\n", "    colums:\n")))
        .containsExactly("18:5: unknown key `colums`. Did you mean `columns`?");
    assertThat(contract.mistakes(used.replace("continent string", "continent text")))
        .containsExactly("19:18: unknown type `text`. Did you mean `string`?");
  }

  /** The good contract with a look-up, of which one part is replaced. */
  private static String with(String part, String other) {
    String text = ContractText.with("metrics:", LAND + "metrics:");
    assertThat(text).contains(part);
    return part.isEmpty()
        ? text
        : text.replaceFirst(Pattern.quote(part), Matcher.quoteReplacement(other));
  }
}
