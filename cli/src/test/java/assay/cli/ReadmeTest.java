package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.ingestion.KafkaBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  /** Run elsewhere: the demo by DemoTest, the build by whoever reads this line. */
  private static final List<String> ELSEWHERE = List.of("./assay demo", "mvn verify");

  @TempDir Path folder;

  @Test
  void everyCommandDoesWhatItSays() throws Exception {
    List<String> commands =
        Stream.of("README.md", "docs/proof.md")
            .flatMap(page -> ShownCommands.blocks(page, "bash").stream())
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
        ShownCommands.blocks("README.md", "yaml").stream()
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
    CommandLineRun run =
        CommandLineRun.of(
            ShownCommands.words(command.substring("./assay ".length())).stream()
                .map(word -> word.startsWith("lakehouse") ? folder.resolve(word).toString() : word)
                .toArray(String[]::new));
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
}
