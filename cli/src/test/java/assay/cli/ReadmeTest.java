package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.ingestion.KafkaBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs every command that the README and the page of the proof show, in their order. */
@ExtendWith(PlainPlans.class)
class ReadmeTest {
  private static final Path ROOT = Path.of(System.getProperty("assay.root"));
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  /** Run elsewhere: the demo by DemoTest, the build by whoever reads this line. */
  private static final List<String> ELSEWHERE = List.of("./assay demo", "mvn verify");

  @TempDir Path folder;

  @Test
  void everyCommandDoesWhatItSays() throws Exception {
    List<String> commands =
        Stream.of("README.md", "docs/proof.md")
            .flatMap(page -> blocks(page, "bash").stream())
            .flatMap(String::lines)
            .toList();
    assertThat(commands).containsAll(ELSEWHERE);
    assertThat(Files.readString(ROOT.resolve(".ci/run"))).contains("mvn").contains("verify");
    try (KafkaBroker broker = KafkaBroker.start(folder.resolve("kafka"))) {
      broker.createTopic("flights", 1);
      produce(broker.bootstrapServers());
      for (String command : commands) {
        if (!ELSEWHERE.contains(command)) {
          run(command);
        }
        if (command.contains(" init ")) {
          pointToBroker(broker.bootstrapServers());
        }
      }
    }
  }

  @Test
  void theContractShownIsValid() throws IOException {
    String shown =
        blocks("README.md", "yaml").stream()
            .filter(b -> b.startsWith("domain:"))
            .findFirst()
            .orElseThrow();
    Path file = Files.writeString(folder.resolve("flights.yaml"), shown);
    Contract contract = ContractReader.read(file);
    assertThat(contract.domain()).isEqualTo("flights");
    assertThat(contract.liveMetrics()).hasSize(1);
  }

  private void run(String command) {
    assertThat(command).startsWith("./assay ");
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command.substring("./assay ".length()));
    while (matcher.find()) {
      String word = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      words.add(word.startsWith("lakehouse") ? folder.resolve(word).toString() : word);
    }
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(command + "\n" + run.out() + run.err()).isZero();
    assertThat(run.out()).as(command).isNotBlank();
  }

  private void pointToBroker(String servers) throws IOException {
    Path settings = folder.resolve("lakehouse").resolve("assay.yaml");
    String text = Files.readString(settings);
    String pointed = text.replaceAll("(?m)^(\\s*bootstrap_servers:).*$", "$1 \"" + servers + "\"");
    assertThat(pointed).as("assay.yaml names the broker").contains(servers);
    Files.writeString(settings, pointed);
  }

  private static void produce(String servers) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", servers);
    StringSerializer text = new StringSerializer();
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(config, text, text)) {
      for (int i = 0; i < 20; i++) {
        String origin = i == 7 ? "nowhere" : "SEA";
        String value =
            ("{\"flight_id\":\"f%d\",\"scheduled_at\":\"2001-01-01T%02d:00:00Z\","
                    + "\"delay_minutes\":%d,\"origin\":\"%s\",\"destination\":\"LAX\"}")
                .formatted(i, i, i, origin);
        producer.send(new ProducerRecord<>("flights", "f" + i, value)).get();
      }
    }
  }

  private static List<String> blocks(String page, String language) {
    String text;
    try {
      text = Files.readString(ROOT.resolve(page), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      if (matcher.group(1).equals(language)) {
        blocks.add(matcher.group(2));
      }
    }
    return blocks;
  }
}
