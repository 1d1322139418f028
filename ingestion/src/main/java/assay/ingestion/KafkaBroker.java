package assay.ingestion;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.ingestion.KafkaBrokerFolder.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * A real Kafka broker as a process of its own, on free ports of the loopback interface: for the
 * demo and for tests, not for work. It keeps every record whatever its age, creates no topic unless
 * asked, and ends when it is closed or when this JVM ends, however that happens.
 */
public final class KafkaBroker implements AutoCloseable {
  /** Where the broker's jars are; without it they are looked for under {@code assay.root}. */
  public static final String LIB_PROPERTY = "assay.broker.lib";

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final int REQUEST_MILLIS = 15_000;
  private static final int ATTEMPTS = 5;

  private final Process process;

  /** Never written to. Held open, as the broker takes its end for the end of this JVM. */
  private final OutputStream lifeline;

  private final int port;
  private final Thread hook;
  private final AtomicBoolean stopped = new AtomicBoolean();

  private KafkaBroker(Process process, int port) {
    this.process = process;
    this.lifeline = process.getOutputStream();
    this.port = port;
    this.hook = new Thread(this::stop, "stop-kafka-broker");
  }

  /** Starts a broker with the jars that the build put together. */
  public static KafkaBroker start(Path folder) {
    return start(folder, lib());
  }

  /**
   * Starts a broker and returns when it answers.
   *
   * @param folder holds all of the broker's files; made when missing, never deleted. One that a
   *     broker ran in before goes on with its topics
   * @param lib the folder with the broker's jars
   * @throws AssayException when the jars are missing or the broker is not up within 60 seconds
   */
  public static KafkaBroker start(Path folder, Path lib) {
    KafkaBrokerFolder.requireJars(lib);
    KafkaBrokerFolder files = new KafkaBrokerFolder(folder);
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    try {
      String clusterId = files.clusterId();
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        Ports ports = Ports.free();
        KafkaBroker broker = new KafkaBroker(files.launch(lib, clusterId, ports), ports.broker());
        Runtime.getRuntime().addShutdownHook(broker.hook);
        if (broker.answersInTime(clusterId, deadline)) {
          return broker;
        }
        boolean ended = !broker.process.isAlive();
        broker.close();
        if (System.nanoTime() >= deadline) {
          throw notUp(files, "is not up after " + START_LIMIT.toSeconds() + " s");
        }
        // Between looking for a free port and listening on it, someone else may have taken it: then
        // this broker ends, or another one answers in its place.
        if (ended && !files.saysPortIsTaken()) {
          throw notUp(files, "ended as it started");
        }
      }
      throw notUp(files, "found its ports taken " + ATTEMPTS + " times");
    } catch (IOException e) {
      throw new AssayException(
          ErrorCode.FAILED,
          "cannot start a Kafka broker in " + folder + ": " + e.getMessage(),
          "check that the folder can be written to and that the disk is not full",
          e);
    }
  }

  /** The folder with the broker's jars: what {@value #LIB_PROPERTY} names, else the build's. */
  public static Path lib() {
    String lib = System.getProperty(LIB_PROPERTY);
    if (lib != null) {
      return Path.of(lib);
    }
    return Path.of(System.getProperty("assay.root", ""), "ingestion", "target", "broker");
  }

  /** Host and port, for {@code kafka.bootstrap.servers}. */
  public String bootstrapServers() {
    return KafkaBrokerFolder.LOOPBACK + ":" + port;
  }

  /** The process id of the broker's JVM. */
  public long pid() {
    return process.pid();
  }

  /** Creates a topic and returns when each of its partitions has a leader. */
  public void createTopic(String name, int partitions) {
    try (Admin admin = admin(REQUEST_MILLIS)) {
      answer(admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all());
      while (!hasLeaders(admin, name, partitions)) {
        pause();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        throw AssayException.failed(
            "the topic " + name + " exists already on " + bootstrapServers(), "delete it first");
      }
      throw refused("create the topic " + name, e.getCause());
    } catch (TimeoutException e) {
      throw refused("create the topic " + name, e);
    }
  }

  /** Deletes a topic and returns when it is gone. */
  public void deleteTopic(String name) {
    try (Admin admin = admin(REQUEST_MILLIS)) {
      answer(admin.deleteTopics(List.of(name)).all());
      while (answer(admin.listTopics().names()).contains(name)) {
        pause();
      }
    } catch (ExecutionException e) {
      throw refused("delete the topic " + name, e.getCause());
    } catch (TimeoutException e) {
      throw refused("delete the topic " + name, e);
    }
  }

  /** Stops the broker, by force after ten seconds. Its folder stays. */
  @Override
  public void close() {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This JVM is ending, and hooks can no longer be taken back.
      return;
    }
  }

  private void stop() {
    if (!stopped.compareAndSet(false, true)) {
      return;
    }
    // By the handle: Process.destroy() would close the lifeline too, and so cut the stop short.
    process.toHandle().destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
      lifeline.close();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The pipe to a process that has ended: nothing is left to close.
      return;
    }
  }

  private boolean answersInTime(String clusterId, long deadline) {
    try {
      return answersAs(clusterId, deadline);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Whether this broker, and no other one on its port, is ready before the deadline. */
  private boolean answersAs(String clusterId, long deadline) {
    while (process.isAlive() && System.nanoTime() < deadline) {
      if (listens()) {
        try (Admin admin = admin(2_000)) {
          DescribeClusterResult cluster = admin.describeCluster();
          if (!clusterId.equals(answer(cluster.clusterId()))) {
            return false;
          }
          if (!answer(cluster.nodes()).isEmpty()) {
            return process.isAlive();
          }
        } catch (ExecutionException | TimeoutException e) {
          // The listener opens a moment before the broker serves.
          pause();
        }
      }
      pause();
    }
    return false;
  }

  /** Asked before the admin client is, which logs every refused connection. */
  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(KafkaBrokerFolder.loopback(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private Admin admin(int timeoutMillis) {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers(),
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis));
  }

  private static boolean hasLeaders(Admin admin, String topic, int partitions)
      throws ExecutionException, TimeoutException {
    try {
      TopicDescription described =
          answer(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
      return described.partitions().stream()
              .filter(p -> p.leader() != null && !p.leader().isEmpty())
              .count()
          == partitions;
    } catch (ExecutionException e) {
      // The controller knows the topic a moment before the broker does.
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  private static <T> T answer(KafkaFuture<T> future) throws ExecutionException, TimeoutException {
    try {
      return future.get(REQUEST_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static AssayException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssayException(
        ErrorCode.TRY_AGAIN, "interrupted while waiting for Kafka", "run it again", e);
  }

  private AssayException refused(String wish, Throwable cause) {
    return new AssayException(
        ErrorCode.FAILED,
        "the broker at " + bootstrapServers() + " did not " + wish + ": " + cause.getMessage(),
        "see broker.log in the broker's folder",
        cause);
  }

  private static AssayException notUp(KafkaBrokerFolder files, String what) {
    return AssayException.failed(
        "the Kafka broker in %s %s; its last words:%n    %s"
            .formatted(files.path(), what, String.join("\n    ", files.lastLines(15))),
        "read all of " + files.log());
  }
}
