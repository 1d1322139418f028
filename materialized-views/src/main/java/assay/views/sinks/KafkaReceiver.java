package assay.views.sinks;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.ingestion.IngestStage.KafkaSource;
import assay.ingestion.KafkaTopic;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic that exists, which takes each message in the order of its key. */
final class KafkaReceiver implements Receiver {
  private final KafkaSource kafka;
  private final String topic;
  private final Patience patience;
  private Optional<KafkaProducer<byte[], byte[]>> producer = Optional.empty();

  KafkaReceiver(KafkaSource kafka, String topic, Patience patience) {
    this.kafka = kafka;
    this.topic = topic;
    this.patience = patience;
  }

  @Override
  public void send(Outgoing outgoing) {
    if (!outgoing.messages().hasNext()) {
      return;
    }
    AtomicReference<Exception> failure = new AtomicReference<>();
    try {
      KafkaProducer<byte[], byte[]> to = producer();
      while (failure.get() == null && outgoing.messages().hasNext()) {
        Message message = outgoing.messages().next();
        ProducerRecord<byte[], byte[]> sent =
            new ProducerRecord<>(topic, null, message.key(), message.value(), message.headers());
        Future<RecordMetadata> unused =
            to.send(
                sent,
                (at, e) -> {
                  if (e != null) {
                    failure.compareAndSet(null, e);
                  }
                });
      }
      to.flush();
    } catch (InterruptException e) {
      close();
      throw e;
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
    }
    if (failure.get() != null) {
      // Nothing of what is left in it may arrive behind what is sent next.
      close();
      throw failed(failure.get());
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    if (producer.isEmpty()) {
      // Says at once what is wrong, where a producer would wait for a topic to appear.
      String unused = new KafkaTopic(kafka.servers(), kafka.properties(), topic).id();
      producer =
          Optional.of(
              new KafkaProducer<>(config(), new ByteArraySerializer(), new ByteArraySerializer()));
    }
    return producer.get();
  }

  private Map<String, Object> config() {
    int answer = Math.toIntExact(patience.answer().toMillis());
    Map<String, Object> config = new HashMap<>();
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, answer);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, answer);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * answer);
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.putAll(kafka.properties());
    config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.servers());
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    return config;
  }

  /** Without Kafka's own words, in which properties may stand. */
  private AssayException failed(Exception e) {
    return new AssayException(
        e instanceof RetriableException ? ErrorCode.TRY_AGAIN : ErrorCode.FAILED,
        "Kafka at %s did not take what is sent to the topic %s: %s"
            .formatted(kafka.servers(), topic, e.getClass().getSimpleName()),
        "check that the brokers run, and that this client may write to the topic and messages as"
            + " large");
  }

  @Override
  public void close() {
    producer.ifPresent(p -> p.close(Duration.ZERO));
    producer = Optional.empty();
  }
}
