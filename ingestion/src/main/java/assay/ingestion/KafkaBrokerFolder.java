package assay.ingestion;

import assay.core.AssayException;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.Uuid;

/** The folder that one broker runs in: its settings, its data, its log. */
record KafkaBrokerFolder(Path path) {
  static final String LOOPBACK = "127.0.0.1";

  /** The two ports of a broker that also is its own controller. */
  record Ports(int broker, int controller) {
    /** Two ports that nobody listened on a moment ago. */
    static Ports free() throws IOException {
      try (ServerSocket one = new ServerSocket(0, 1, loopback());
          ServerSocket other = new ServerSocket(0, 1, loopback())) {
        return new Ports(one.getLocalPort(), other.getLocalPort());
      }
    }
  }

  KafkaBrokerFolder {
    path = path.toAbsolutePath().normalize();
  }

  /** Never looked up by name: a host may call anything {@code localhost}. */
  static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  /** The id of the cluster whose data is here, a new one where there is none. */
  String clusterId() throws IOException {
    Path meta = path.resolve("data").resolve("meta.properties");
    if (!Files.exists(meta)) {
      return Uuid.randomUuid().toString();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(meta)) {
      properties.load(reader);
    }
    return properties.getProperty("cluster.id");
  }

  /** Starts the broker's JVM, which formats the storage first. */
  Process launch(Path lib, String clusterId, Ports ports) throws IOException {
    Files.createDirectories(path);
    Files.deleteIfExists(log());
    writeSettings(ports);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String classPath = lib.toAbsolutePath().resolve("*") + File.pathSeparator + ownCode();
    return new ProcessBuilder(
            List.of(
                java.toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-Dlog4j2.configurationFile=classpath:assay/ingestion/broker-log4j2.properties",
                "-cp",
                classPath,
                KafkaBrokerMain.class.getName(),
                settings().toString(),
                clusterId))
        .directory(path.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log().toFile())
        .start();
  }

  Path log() {
    return path.resolve("broker.log");
  }

  /** The end of the broker's log without stack frames, empty where there is none. */
  List<String> lastLines(int count) {
    try {
      // Not as a list of UTF-8 lines: a killed broker may leave half a character.
      List<String> lines =
          new String(Files.readAllBytes(log()), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("\tat "))
              .toList();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    } catch (IOException e) {
      return List.of();
    }
  }

  boolean saysPortIsTaken() {
    return lastLines(200).stream().anyMatch(line -> line.contains("Address already in use"));
  }

  private Path settings() {
    return path.resolve("server.properties");
  }

  private void writeSettings(Ports ports) throws IOException {
    Properties settings = new Properties();
    settings.setProperty("process.roles", "broker,controller");
    settings.setProperty("node.id", "1");
    settings.setProperty("controller.quorum.voters", "1@" + LOOPBACK + ":" + ports.controller());
    settings.setProperty("controller.listener.names", "CONTROLLER");
    settings.setProperty(
        "listeners",
        "PLAINTEXT://%s:%d,CONTROLLER://%s:%d"
            .formatted(LOOPBACK, ports.broker(), LOOPBACK, ports.controller()));
    settings.setProperty("advertised.listeners", "PLAINTEXT://" + LOOPBACK + ":" + ports.broker());
    // Relative to the working directory: a comma in the folder's path would end the value.
    settings.setProperty("log.dirs", "data");
    settings.setProperty("auto.create.topics.enable", "false");
    // Events carry their own times, which may be years old.
    settings.setProperty("log.retention.ms", "-1");
    settings.setProperty("offsets.topic.replication.factor", "1");
    settings.setProperty("offsets.topic.num.partitions", "1");
    settings.setProperty("transaction.state.log.replication.factor", "1");
    settings.setProperty("transaction.state.log.min.isr", "1");
    settings.setProperty("transaction.state.log.num.partitions", "1");
    settings.setProperty("share.coordinator.state.topic.replication.factor", "1");
    settings.setProperty("share.coordinator.state.topic.min.isr", "1");
    settings.setProperty("share.coordinator.state.topic.num.partitions", "1");
    settings.setProperty("group.initial.rebalance.delay.ms", "0");
    // A broker of its own cluster waits for its next heartbeat to start and to stop.
    settings.setProperty("broker.heartbeat.interval.ms", "100");
    settings.setProperty("num.network.threads", "2");
    settings.setProperty("num.io.threads", "4");
    settings.setProperty("log.cleaner.dedupe.buffer.size", "16777216");
    try (Writer writer = Files.newBufferedWriter(settings())) {
      settings.store(writer, null);
    }
  }

  /** The jar or class folder with {@link KafkaBrokerMain}. */
  private static Path ownCode() {
    try {
      return Path.of(
          KafkaBrokerMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError("a class path entry is a valid URI", e);
    }
  }

  /** Refuses a folder without the broker's jars, before a JVM fails on it with less to say. */
  static void requireJars(Path lib) {
    File[] jars = lib.toFile().listFiles((folder, name) -> name.startsWith("kafka_"));
    if (jars == null || jars.length == 0) {
      throw AssayException.failed(
          "the Kafka broker's jars are not in " + lib,
          "build Assay with 'mvn -DskipTests package', which puts them into"
              + " ingestion/target/broker; or name their folder with -D"
              + KafkaBroker.LIB_PROPERTY);
    }
  }
}
