package assay.core;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.yaml.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsReaderTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("HOST", "broker", "PASSWORD", "s3cr3t", "EMPTY", "");

  @TempDir Path folder;

  private Path write(String text) {
    try {
      return Files.writeString(folder.resolve("assay.yaml"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Settings read(String text) {
    return SettingsReader.read(write(text), ENVIRONMENT);
  }

  private List<String> mistakes(String text) {
    return SettingsReader.check(write(text), ENVIRONMENT).problems().stream()
        .map(Problem::toString)
        .map(line -> line.substring(line.indexOf(".yaml:") + ".yaml:".length()))
        .toList();
  }

  @Test
  void nothingButCommentsMeansTheDefaults() {
    Settings defaults = Settings.defaults(folder);
    assertThat(read("# nothing yet\n")).isEqualTo(defaults);
    assertThat(defaults.lake()).isEqualTo(folder.resolve("lake").toString());
    assertThat(defaults.contracts()).isEqualTo(folder.resolve("contracts"));
    assertThat(defaults.kafka()).isEqualTo(Settings.Kafka.NONE);
    assertThat(defaults.spark()).isEmpty();
  }

  @Test
  void everyKeyIsRead() throws IOException {
    Files.writeString(folder.resolve("secret.txt"), "key from file\n");
    Settings settings =
        read(
            """
            lake: s3a://gold/lake/
            contracts: ../contracts
            kafka:
              bootstrap_servers: ${HOST}:9092,${OTHER:-other}:9093
              properties:
                security.protocol: SASL_SSL
                ssl.key.password: ${PASSWORD}
                sasl.jaas.config: Login required username="me" password="${PASSWORD}";
            spark:
              spark.sql.shuffle.partitions: 4
              spark.hadoop.fs.s3a.secret.key: ${file:secret.txt}
              spark.hadoop.fs.s3a.aws.credentials.provider: org.example.Provider
            """);
    assertThat(settings.lake()).isEqualTo("s3a://gold/lake");
    assertThat(settings.contracts()).isEqualTo(folder.resolveSibling("contracts"));
    assertThat(settings.kafka().bootstrapServers())
        .isEqualTo(Optional.of("broker:9092,other:9093"));
    assertThat(settings.kafka().properties())
        .containsOnly(
            Map.entry("security.protocol", "SASL_SSL"),
            Map.entry("ssl.key.password", "s3cr3t"),
            Map.entry("sasl.jaas.config", "Login required username=\"me\" password=\"s3cr3t\";"));
    assertThat(settings.spark())
        .containsOnly(
            Map.entry("spark.sql.shuffle.partitions", "4"),
            Map.entry("spark.hadoop.fs.s3a.secret.key", "key from file"),
            Map.entry("spark.hadoop.fs.s3a.aws.credentials.provider", "org.example.Provider"));
    assertThat(settings.toString())
        .doesNotContain("s3cr3t", "key from file")
        .contains("spark.hadoop.fs.s3a.secret.key", "ssl.key.password");
  }

  @Test
  void aVariableThatIsSetToNothingTakesTheDefault() {
    assertThat(read("lake: /x/${EMPTY:-lake}\n").lake()).isEqualTo("/x/lake");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "lake: x/${PASSWROD}|1:9: the variable `PASSWROD` is not set. Did you mean `PASSWORD`?",
        "lake: ${LAKE_ROOT}|1:7: the variable `LAKE_ROOT` is not set. Set it, or write ${LAKE_ROOT:-otherwise}.",
        "lake: ${HOST|1:7: `${` is not closed. Add `}`.",
        "lake: ${a b}|1:7: `${a b}` is no reference. Write ${NAME}, ${NAME:-otherwise} or ${file:/path}.",
        "lake: ${file:none.txt}|1:7: the secret file `none.txt` cannot be read. Check that it is there, is UTF-8 and may be read.",
        "lake: s3://b/x|1:7: the scheme `s3` is not Hadoop's. Write `s3a://b/x`.",
        "lake: s3a://k:v@b/x|1:7: the address holds credentials. Write them as `spark.hadoop.fs.s3a.access.key: ${NAME}` and so on.",
        "lake: ~/lake|1:7: `~` is not read in `lake`. Write ${HOME}.",
        "lakes: x|1:1: unknown key `lakes`. Did you mean `lake`?",
        "contracts: [a]|1:12: `contracts` must be a path, not a list. Write for example `contracts`.",
        "kafka: {bootstrap_servers: broker}|1:28: `bootstrap_servers` is no list of hosts and ports. Write for example `broker-1:9092,broker-2:9092`.",
        "kafka: {properties: {ssl.key.password: abc}}|1:40: `ssl.key.password` looks like a secret and is written out. Write ${NAME} and set the variable, or write ${file:/path}.",
        "kafka: {properties: {ssl.keystore.key: '${X:-abc}'}}|1:40: `ssl.keystore.key` looks like a secret and is written out. Write ${NAME} and set the variable, or write ${file:/path}.",
        "kafka: {properties: {sasl.jaas.config: 'a user=${HOST} password=\"b\"'}}|1:40: `sasl.jaas.config` looks like a secret and is written out. Write ${NAME} and set the variable, or write ${file:/path}.",
        "kafka: {properties: {kafka.acks: all}}|1:22: Kafka's own names have no `kafka.` in front. Write `acks`.",
        "kafka: {properties: {isolation.level: x}}|1:22: `isolation.level` is set by Assay. Remove it.",
        "kafka: {properties: {bootstrap.servers: x}}|1:22: the servers have a key of their own. Write `kafka: {bootstrap_servers: …}`.",
        "spark: {spark.hadoop.fs.s3a.access.key: abc}|1:41: `spark.hadoop.fs.s3a.access.key` looks like a secret and is written out. Write ${NAME} and set the variable, or write ${file:/path}.",
        "spark: {fs.s3a.endpoint: x}|1:9: Spark leaves out `fs.s3a.endpoint`: it lacks `spark.` in front. Write `spark.hadoop.fs.s3a.endpoint`.",
        "spark: {fs.s3a.create.performance: true}|1:9: `fs.s3a.create.performance` lets two writers overwrite each other's Delta commits. Remove it.",
        "spark: {spark.hadoop.fs.s3a.performance.flags: 'delete,create'}|1:9: `spark.hadoop.fs.s3a.performance.flags` lets two writers overwrite each other's Delta commits. Remove it.",
        "spark: {spark.hadoop.fs.s3a.performance.flags: '*'}|1:9: `spark.hadoop.fs.s3a.performance.flags` lets two writers overwrite each other's Delta commits. Remove it.",
        "spark: {spark.hadoop.fs.s3a.bucket.b.create.performance: true}|1:9: `spark.hadoop.fs.s3a.bucket.b.create.performance` lets two writers overwrite each other's Delta commits. Remove it.",
        "spark: {spark.sql: {shuffle.partitions: 4}}|1:20: `spark.sql` must be one value (a property's whole name stands on one line), not a mapping. Write for example `4`."
      })
  void aMistakeIsShownWhereItStands(String text, String mistake) {
    assertThat(mistakes(text + "\n")).containsExactly(mistake);
  }

  @Test
  void whatOnlyLooksLikeASecretMayBeWrittenOut() {
    assertThat(
            mistakes(
                """
                kafka: {properties: {sasl.oauthbearer.token.endpoint.url: "https://id"}}
                spark: {spark.hadoop.fs.s3a.performance.flags: delete, spark.hadoop.fs.s3a.create.performance: false}
                """))
        .isEmpty();
  }
}
