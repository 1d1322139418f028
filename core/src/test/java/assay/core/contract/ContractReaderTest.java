package assay.core.contract;

import static assay.core.contract.ContractText.GOOD;
import static assay.core.contract.ContractText.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.yaml.Problem;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContractReaderTest {
  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  @Test
  void theExampleReads() {
    Path root = Path.of(System.getProperty("assay.root", ".."));
    Contract flights = ContractReader.read(root.resolve("examples/flights/contract.yaml"));
    assertThat(flights.domain()).isEqualTo("flights");
    assertThat(flights.source()).isEqualTo(new Source("flights", Source.Format.JSON));
    assertThat(flights.columns())
        .containsExactly(
            new Column("flight_id", DataTypes.StringType, true),
            new Column("scheduled_at", DataTypes.TimestampType, true),
            new Column("delay_minutes", DataTypes.IntegerType, false),
            new Column("distance_miles", DataTypes.IntegerType, false),
            new Column("origin", DataTypes.StringType, true),
            new Column("destination", DataTypes.StringType, true));
    assertThat(flights.key()).containsExactly("flight_id");
    assertThat(flights.eventTime()).isEqualTo("scheduled_at");
    assertThat(flights.allowedLateness()).isEqualTo(Duration.ofHours(2));
    assertThat(flights.rules())
        .containsExactly(
            new Rule(
                "airport_codes",
                "origin RLIKE '^[A-Z]{3}$' AND destination RLIKE '^[A-Z]{3}$'",
                Rule.Otherwise.QUARANTINE),
            new Rule("sane_delay", "delay_minutes BETWEEN -1440 AND 2880", Rule.Otherwise.WARN));
    assertThat(flights.metrics())
        .containsExactly(
            MetricSetBuilder.builder()
                .name("route_day")
                .by(List.of("origin", "destination"))
                .measures(
                    List.of(
                        new Measure.Count("flights", Optional.empty()),
                        new Measure.Sum("delay_minutes", "delay_minutes"),
                        new Measure.Max("worst_delay", "delay_minutes"),
                        new Measure.Avg("avg_delay", "delay_minutes")))
                .live(
                    Optional.of(
                        new Live(
                            Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofMinutes(1))))
                .tolerances(
                    Map.of(
                        "flights", Tolerance.EXACT,
                        "delay_minutes", new Tolerance(BigDecimal.ZERO, new BigDecimal("0.001")),
                        "avg_delay", new Tolerance(BigDecimal.ZERO, new BigDecimal("0.001"))))
                .promote(Optional.of(new Promotion(14, List.of(10, 50), Promotion.Approval.MANUAL)))
                .build());
  }

  @Test
  void whatIsNotWrittenHasADefault() {
    Contract read = contract.read(GOOD);
    assertThat(read.source().format()).isEqualTo(Source.Format.JSON);
    assertThat(read.orderBy()).isEmpty();
    assertThat(read.allowedLateness()).isZero();
    assertThat(read.dedupWithin()).isEqualTo(Duration.ofMinutes(10));
    assertThat(read.correctionsWithin()).isEqualTo(Duration.ofDays(30));
    assertThat(read.grace()).isEqualTo(Duration.ofHours(1));
    assertThat(read.zone()).isEqualTo(ZoneId.of("UTC"));
    assertThat(read.rules().get(0).otherwise()).isEqualTo(Rule.Otherwise.QUARANTINE);
    assertThat(read.metrics().get(0).live())
        .contains(new Live(Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofMinutes(1)));
    assertThat(read.metrics().get(0).promote()).isEmpty();
  }

  @Test
  void theFormatIsRead() {
    assertThat(contract.read(with("{topic: orders}", "{topic: t, format: debezium}")).source())
        .isEqualTo(new Source("t", Source.Format.DEBEZIUM));
  }

  @Test
  void aLookBackOfAMicroBatchIsOneOfNoTime() {
    assertThat(contract.read(with("rules:", "dedup: {within: micro-batch}\nrules:")).dedupWithin())
        .isEqualTo(Duration.ZERO);
  }

  @Test
  void everyKeyIsRead() {
    Contract read =
        contract.read(
            with(
                "rules:",
                """
                order_by: [items, at]
                allowed_lateness: 90 minutes
                dedup: {within: 1 hour}
                corrections_within: 7 days
                grace: 30 minutes
                zone: Asia/Kathmandu
                rules:"""));
    assertThat(read.orderBy()).containsExactly("items", "at");
    assertThat(read.allowedLateness()).isEqualTo(Duration.ofMinutes(90));
    assertThat(read.dedupWithin()).isEqualTo(Duration.ofHours(1));
    assertThat(read.correctionsWithin()).isEqualTo(Duration.ofDays(7));
    assertThat(read.grace()).isEqualTo(Duration.ofMinutes(30));
    assertThat(read.zone()).isEqualTo(ZoneId.of("Asia/Kathmandu"));
  }

  @Test
  void twelveMistakesAreToldAtOnceInTheOrderOfTheFile() {
    assertThat(
            contract.mistakes(
                """
                domain: Orders
                sorce: {topic: orders}
                columns:
                  id: string
                  at: timestmp required
                  amount: decimal(10,2)
                key: [id]
                event_time: at
                allowed_lateness: 2h
                zone: Europe/Berln
                rules:
                  positive: {check: "amuont >= 0"}
                  sane: {check: "amount BETWEEN 1 AND", otherwise: drop}
                metrics:
                  per_day:
                    measures:
                      orders: count(DISTINCT id)
                      spread: stddev(amount)
                    live: {window: 7 hours}
                """))
        .containsExactly(
            "1:9: `Orders` cannot be a name. Write a lower-case letter, then up to 62 lower-case"
                + " letters, digits or underscores: `orders`.",
            "2:1: unknown key `sorce`. Did you mean `source`?",
            "5:7: unknown type `timestmp`. Did you mean `timestamp`?",
            "7:7: the key column `id` may be missing. Write `id: string required`.",
            "9:19: `allowed_lateness` is no duration: `2h`. Write `2 hours`.",
            "10:7: unknown time zone `Europe/Berln`. Did you mean `Europe/Berlin`?",
            "12:22: unknown column `amuont`. Did you mean `amount`?",
            "13:38: this is not SQL: syntax error at or near end of input. Mend the expression"
                + " here.",
            "13:52: `otherwise` must be `quarantine`, `warn` or `stop`, not `drop`. Write for"
                + " example `quarantine`.",
            "17:15: the stream cannot keep count(DISTINCT …) exactly, unless it is of one whole"
                + " number or date. Write approx_count_distinct(x), or move it to a metric set"
                + " without `live`.",
            "18:15: `stddev` is no measure. Write count(*), count(x), sum(x), min(x), max(x),"
                + " avg(x), count(DISTINCT x), approx_count_distinct(x), percentile(x, p),"
                + " approx_percentile(x, p), collect_set(x), first(x) or last(x).",
            "19:20: a day is no whole number of windows of `7 hours`. Write for example"
                + " `15 minutes`, `1 hour` or `1 day`.");
  }

  @Test
  void theExceptionHoldsAllMistakesWithTheirFile() {
    Path file = contract.write(with("key: [id]", "key: [ix]").replace("zone", "zone"));
    assertThatThrownBy(() -> ContractReader.read(file))
        .isInstanceOfSatisfying(
            AssayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
              assertThat(e.getMessage())
                  .isEqualTo(file + ":10:7: unknown column `ix`. Did you mean `id`?");
              assertThat(e.mend()).isEqualTo("Mend this place, then run assay validate.");
            });
  }

  @Test
  void commentsLayoutAndTheOrderOfMostKeysDoNotChangeTheHash() {
    String hash = contract.read(GOOD).hash();
    assertThat(hash).matches("[0-9a-f]{64}");
    assertThat(contract.read("# a comment\n" + GOOD).hash()).isEqualTo(hash);
    assertThat(contract.read(with("key: [id]\n", "key:\n  - id # the id\n")).hash())
        .isEqualTo(hash);
    String moved = with("domain: orders\n", "") + "domain: orders\n";
    assertThat(contract.read(moved).hash()).isEqualTo(hash);
    assertThat(contract.read(with("amount >= 0", "amount > 0")).hash()).isNotEqualTo(hash);
    String swapped = with("  items: int\n  weight: double\n", "  weight: double\n  items: int\n");
    assertThat(contract.read(swapped).hash()).isNotEqualTo(hash);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/b",
        "/etc",
        "\"\"",
        "a.b",
        "a b",
        "a\\b",
        "Ａbc",
        "оrders",
        "a%2fb",
        "_x",
        "1a",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"
      })
  void noNameLeavesTheLake(String name) {
    String mistake = " cannot be a name. Write a lower-case letter, then up to 62 lower-case";
    assertThat(contract.mistakesWith("domain: orders", "domain: " + name))
        .singleElement()
        .satisfies(m -> assertThat(m).startsWith("1:9: ").contains(mistake));
    assertThat(contract.mistakesWith("per_day:", name + ":"))
        .singleElement()
        .satisfies(m -> assertThat(m).startsWith("15:3: ").contains(mistake));
  }

  @Test
  void twoFilesMayNotMakeTheSameTables() {
    contract.write("a.yaml", GOOD);
    contract.write("b.yaml", GOOD);
    contract.write("assay.yaml", "lake: lake\n");
    assertThat(ContractReader.checkAll(folder).problems())
        .extracting(Problem::toString)
        .containsExactly(
            folder.resolve("b.yaml")
                + ":1:9: the domain `orders` is also in "
                + folder.resolve("a.yaml")
                + ":1. Choose another name: tables are named after it.",
            folder.resolve("b.yaml")
                + ":15:3: the metric set `per_day` is also in "
                + folder.resolve("a.yaml")
                + ":15. Choose another name: tables are named after it.");
  }

  @Test
  void aFolderIsReadByName() {
    contract.write("b.yaml", GOOD);
    contract.write("a.yml", with("domain: orders", "domain: returns").replace("per_day", "daily"));
    assertThat(ContractReader.readAll(folder))
        .extracting(Contract::domain)
        .containsExactly("returns", "orders");
  }

  @Test
  void aFolderWithoutContractsIsAMistake() {
    assertThat(ContractReader.checkAll(folder).problems())
        .extracting(Problem::toString)
        .containsExactly(
            folder
                + ":1:1: the folder holds no contract. Put a contract there, such as flights.yaml.");
    assertThat(ContractReader.checkAll(folder.resolve("none")).problems())
        .extracting(Problem::message)
        .containsExactly("the folder of contracts cannot be read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"contract.schema.json", "assay.schema.json"})
  void theSchemaIsAValidSchemaItself(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Contract.class.getResourceAsStream("/assay/core/" + name))) {
      JsonNode schema = new ObjectMapper().readTree(in);
      var meta =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(com.networknt.schema.SchemaLocation.of(Dialects.getDraft202012().getId()));
      assertThat(meta.validate(schema)).isEmpty();
    }
  }
}
