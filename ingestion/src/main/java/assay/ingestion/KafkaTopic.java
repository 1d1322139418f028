package assay.ingestion;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What Kafka itself says of a topic. */
public final class KafkaTopic {
  private static final int TIMEOUT_MILLIS = 15_000;

  private final String servers;
  private final Map<String, String> properties;
  private final String topic;

  public KafkaTopic(String servers, Map<String, String> properties, String topic) {
    this.servers = servers;
    this.properties = Map.copyOf(properties);
    this.topic = topic;
  }

  /** The id Kafka gave the topic when it was created; another one means another topic. */
  public String id() {
    return ask(admin -> describe(admin).topicId().toString());
  }

  /** How many offsets the topic holds, from the first that is kept to the next to be written. */
  public long records() {
    return ask(
        admin -> {
          Map<Integer, Long> first = offsets(admin, OffsetSpec.earliest());
          return offsets(admin, OffsetSpec.latest()).entrySet().stream()
              .mapToLong(end -> end.getValue() - first.get(end.getKey()))
              .sum();
        });
  }

  /** The numbers of the topic's partitions, ascending. */
  public List<Integer> partitions() {
    return ask(
        admin -> describe(admin).partitions().stream().map(p -> p.partition()).sorted().toList());
  }

  /** The first offset that each partition still holds. */
  Map<Integer, Long> earliestOffsets() {
    return ask(admin -> offsets(admin, OffsetSpec.earliest()));
  }

  /** {@code delete}, {@code compact} or both; empty where this client may not be told. */
  Optional<String> cleanupPolicy() {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return ask(
        admin -> {
          try {
            Config config =
                admin
                    .describeConfigs(List.of(resource))
                    .all()
                    .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                    .get(resource);
            return Optional.of(config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away(e);
          } catch (ExecutionException e) {
            return Optional.empty();
          } catch (TimeoutException e) {
            throw away(e);
          }
        });
  }

  private TopicDescription describe(Admin admin) {
    return await(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
  }

  private Map<Integer, Long> offsets(Admin admin, OffsetSpec spec) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    describe(admin)
        .partitions()
        .forEach(p -> asked.put(new TopicPartition(topic, p.partition()), spec));
    Map<Integer, Long> found = new TreeMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> entry :
        await(admin.listOffsets(asked).all()).entrySet()) {
      found.put(entry.getKey().partition(), entry.getValue().offset());
    }
    return found;
  }

  private <T> T ask(Function<Admin, T> question) {
    Map<String, Object> config = new HashMap<>(properties);
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
    try (Admin admin = Admin.create(config)) {
      return question.apply(admin);
    } catch (KafkaException e) {
      // The client could not even be made; its message may hold what stands in the properties.
      throw new AssayException(
          ErrorCode.FAILED,
          "no Kafka client can be made for " + servers,
          "check that kafka.bootstrap_servers names hosts that can be resolved, and"
              + " kafka.properties; --debug shows Kafka's own words",
          e);
    }
  }

  private <T> T await(org.apache.kafka.common.KafkaFuture<T> future) {
    try {
      return future.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new AssayException(
            ErrorCode.FAILED,
            "Kafka at " + servers + " has no topic " + topic,
            "create the topic, or correct its name in the contract",
            e);
      }
      if (e.getCause() instanceof AuthenticationException
          || e.getCause() instanceof AuthorizationException) {
        throw new AssayException(
            ErrorCode.FAILED,
            "Kafka at " + servers + " refuses this client for topic " + topic,
            "check the credentials under kafka.properties, and what they may read",
            e);
      }
      throw away(e);
    } catch (TimeoutException e) {
      throw away(e);
    }
  }

  private AssayException away(Exception e) {
    return new AssayException(
        ErrorCode.TRY_AGAIN,
        "Kafka at " + servers + " did not answer within " + TIMEOUT_MILLIS / 1000 + " s",
        "check kafka.bootstrap_servers and that the brokers run, then run the same command again",
        e);
  }
}
