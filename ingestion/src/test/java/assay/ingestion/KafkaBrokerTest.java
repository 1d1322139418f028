package assay.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import assay.core.AssayException;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaBrokerTest {
  @TempDir Path folder;

  @Test
  void whatIsProducedIsConsumedTheProcessEndsOnCloseAndTheNextOneGoesOn() throws Exception {
    long pid;
    try (KafkaBroker broker = KafkaBroker.start(folder)) {
      pid = broker.pid();
      broker.createTopic("flights", 2);
      // An old event time: records are kept whatever their age.
      produce(broker, new ProducerRecord<>("flights", 1, 978_307_200_000L, "ATL", "first"));
      produce(broker, new ProducerRecord<>("flights", 1, 978_307_200_000L, "ATL", "second"));
      assertThat(consume(broker, "flights")).containsExactly("first", "second");
      assertThat(ProcessHandle.of(pid)).isPresent();
    }
    assertThat(isAlive(pid)).isFalse();
    assertThat(folder.resolve("broker.log")).isNotEmptyFile();
    // The next one in the folder goes on with its topics.
    try (KafkaBroker broker = KafkaBroker.start(folder)) {
      assertThat(consume(broker, "flights")).containsExactly("first", "second");
    }
  }

  private static void assertDeletedAndCreatedAgainUnderAnotherId(KafkaBroker broker) {
    assertThatThrownBy(() -> broker.createTopic("flights", 1))
        .isInstanceOf(AssayException.class)
        .hasMessage("the topic flights exists already on " + broker.bootstrapServers());
    String first = new KafkaTopic(broker.bootstrapServers(), Map.of(), "flights").id();
    broker.deleteTopic("flights");
    broker.createTopic("flights", 3);
    KafkaTopic again = new KafkaTopic(broker.bootstrapServers(), Map.of(), "flights");
    assertThat(again.id()).isNotEqualTo(first);
    assertThat(again.partitions()).containsExactly(0, 1, 2);
  }

  @Test
  void twoBrokersAtOnceDoNotMeetAndATopicMayBeDeletedAndCreatedAgain() throws Exception {
    try (KafkaBroker one = KafkaBroker.start(folder.resolve("one"));
        KafkaBroker other = KafkaBroker.start(folder.resolve("other"))) {
      one.createTopic("flights", 1);
      assertThat(topics(one)).containsExactly("flights");
      assertThat(topics(other)).isEmpty();
      other.createTopic("trains", 1);
      assertThat(topics(one)).containsExactly("flights");
      assertThat(topics(other)).containsExactly("trains");
      assertDeletedAndCreatedAgainUnderAnotherId(one);
    }
  }

  @Test
  void aParentThatIsKilledLeavesNoBroker() throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-D" + KafkaBroker.LIB_PROPERTY + "=" + KafkaBroker.lib().toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                StartsABroker.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    long broker = Long.parseLong(firstNumber(parent));
    assertThat(isAlive(broker)).isTrue();

    // SIGKILL: no hook runs in the parent.
    parent.destroyForcibly().waitFor();

    await().atMost(Duration.ofMinutes(1)).until(() -> !isAlive(broker));
  }

  @Test
  void jarsThatAreMissingAreNamedWithTheWayToGetThem() {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> KafkaBroker.start(folder, nowhere))
        .isInstanceOf(AssayException.class)
        .hasMessage("the Kafka broker's jars are not in " + nowhere)
        .extracting(e -> ((AssayException) e).mend())
        .asString()
        .contains("mvn -DskipTests package");
  }

  @Test
  void aBrokerThatCannotStartSaysItsLastWords() throws Exception {
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(data.resolve("meta.properties"), "version=1\ncluster.id=spoiled\n");
    assertThatThrownBy(() -> KafkaBroker.start(folder))
        .isInstanceOf(AssayException.class)
        .hasMessageStartingWith("the Kafka broker in " + folder + " ended as it started")
        .hasMessageContaining("No available log directories to format");
  }

  /** What the parent that is killed runs. */
  static final class StartsABroker {
    private StartsABroker() {}

    public static void main(String[] args) throws InterruptedException {
      System.out.println(KafkaBroker.start(Path.of(args[0])).pid());
      Thread.sleep(Duration.ofMinutes(5).toMillis());
    }
  }

  /** The logging that Spark brings may write to standard output first. */
  private static String firstNumber(Process parent) throws Exception {
    BufferedReader out = parent.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.matches("[0-9]+")) {
        return line;
      }
    }
    throw new AssertionError("the parent printed no process id");
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private static Set<String> topics(KafkaBroker broker) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      return admin.listTopics().names().get();
    }
  }

  private static void produce(KafkaBroker broker, ProducerRecord<String, String> record)
      throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(record).get();
    }
  }

  private static List<String> consume(KafkaBroker broker, String topic) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "group.id",
                "test-" + UUID.randomUUID(),
                "auto.offset.reset",
                "earliest"),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                for (ConsumerRecord<String, String> record :
                    consumer.poll(Duration.ofMillis(500))) {
                  values.add(record.value());
                }
                return !values.isEmpty();
              });
    }
    return values;
  }
}
