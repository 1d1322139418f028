package assay.tests;

import assay.tests.FlightEvents.Sent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Produces records and remembers where Kafka put them. */
final class KafkaRecords implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;

  KafkaRecords(String servers, String topic) {
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers, "enable.idempotence", "true", "linger.ms", "5"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.topic = topic;
  }

  /** Each record as bronze must hold it: topic, partition, offset, time, key, value, headers. */
  List<List<Object>> produce(List<Sent> records) throws ExecutionException, InterruptedException {
    List<Future<RecordMetadata>> acknowledged = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      Sent record = records.get(i);
      byte[] value = record.value().orElse(null);
      ProducerRecord<byte[], byte[]> message =
          new ProducerRecord<>(topic, bytes(record.key()), value);
      if (i % 10 == 0) {
        message.headers().add("trace", bytes("№ " + i));
      }
      acknowledged.add(producer.send(message));
    }
    producer.flush();
    List<List<Object>> rows = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      RecordMetadata at = acknowledged.get(i).get();
      ByteBuffer trace = ByteBuffer.wrap(bytes("№ " + i));
      rows.add(
          Rows.row(
              topic,
              at.partition(),
              at.offset(),
              Instant.ofEpochMilli(at.timestamp()),
              ByteBuffer.wrap(bytes(records.get(i).key())),
              records.get(i).value().map(ByteBuffer::wrap).orElse(null),
              i % 10 == 0 ? List.of(Rows.row("trace", trace)) : List.of()));
    }
    return rows;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
  }
}
