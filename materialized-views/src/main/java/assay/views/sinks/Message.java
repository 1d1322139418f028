package assay.views.sinks;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** One message. Key and value are {@code null} where Kafka's are. */
final class Message {
  private final byte[] key;
  private final byte[] value;
  private final List<Header> headers;

  Message(byte[] key, byte[] value, List<Header> headers) {
    this.key = key;
    this.value = value;
    this.headers = List.copyOf(headers);
  }

  static Header header(String name, String value) {
    return new RecordHeader(name, utf8(value));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  byte[] key() {
    return key;
  }

  byte[] value() {
    return value;
  }

  List<Header> headers() {
    return headers;
  }
}
