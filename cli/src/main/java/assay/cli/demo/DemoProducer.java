package assay.cli.demo;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends the demo's records, each acknowledged before {@link #send} returns. */
final class DemoProducer {
  private final String servers;
  private final String topic;

  DemoProducer(String servers, String topic) {
    this.servers = servers;
    this.topic = topic;
  }

  void send(List<DemoRecord> records) {
    Map<String, Object> config =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            servers,
            ProducerConfig.LINGER_MS_CONFIG,
            5,
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4");
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (DemoRecord record : records) {
        byte[] key = record.key().getBytes(StandardCharsets.UTF_8);
        byte[] value = record.value().map(v -> v.getBytes(StandardCharsets.UTF_8)).orElse(null);
        sent.add(producer.send(new ProducerRecord<>(topic, key, value)));
      }
      producer.flush();
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notSent(e);
    } catch (ExecutionException e) {
      throw notSent(e);
    }
  }

  private static AssayException notSent(Exception e) {
    return new AssayException(
        ErrorCode.FAILED,
        "the demo's broker did not take all records",
        "run the demo again; its log says more",
        e);
  }
}
