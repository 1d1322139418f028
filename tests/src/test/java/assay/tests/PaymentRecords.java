package assay.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import assay.tests.oracle.BronzeRow;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Draws to the records that Kafka would hold of them, at the offsets it would give them. */
final class PaymentRecords {
  private static final String TRUNCATE = "{\"op\":\"t\",\"before\":null,\"after\":null}";

  private final boolean debezium;
  private final Map<Integer, Long> nextOffsets = new HashMap<>();
  private final Map<String, String> lastUpserts = new HashMap<>();

  PaymentRecords(boolean debezium) {
    this.debezium = debezium;
  }

  /** A micro-batch: the rows of each group one after the other. */
  List<BronzeRow> next(LakeAction.Ingest ingest, Instant ingestedAt) {
    List<BronzeRow> rows = new ArrayList<>();
    List<List<PaymentDraw>> groups = ingest.groups();
    for (int group = 0; group < groups.size(); group++) {
      if (ingest.truncateBefore() == group) {
        rows.add(row(ingest.partition(), ingestedAt, Optional.empty(), Optional.of(TRUNCATE)));
      }
      for (PaymentDraw draw : groups.get(group)) {
        rows.add(row(ingest.partition(), ingestedAt, group, draw));
      }
    }
    return rows;
  }

  private BronzeRow row(int partition, Instant ingestedAt, int group, PaymentDraw draw) {
    String id = "g" + group + "k" + draw.key();
    String key = wrap("{\"payment_id\":\"" + id + "\"}", draw);
    Optional<String> value =
        switch (draw.shape()) {
          case UPSERT -> Optional.of(upsert(id, draw));
          case REPEAT -> Optional.of(lastUpserts.getOrDefault(id, upsert(id, draw)));
          case BROKEN -> Optional.of(upsert(id, draw).substring(0, 30));
          case INCOMPLETE -> Optional.of(change("c", "after", image(id, draw, false), draw));
          case EMPTY, TOMBSTONE -> Optional.empty();
          case DELETE -> Optional.of(change("d", "before", image(id, draw, true), draw));
          case DELETE_BY_KEY_IMAGE ->
              Optional.of(change("d", "before", "{\"payment_id\":\"" + id + "\"}", draw));
          case DELETE_WITHOUT_IMAGE -> Optional.of(change("d", "before", "null", draw));
          case MESSAGE -> Optional.of(wrap("{\"op\":\"m\",\"message\":{}}", draw));
        };
    if (draw.shape() == PaymentDraw.Shape.UPSERT) {
      lastUpserts.put(id, value.orElseThrow());
    }
    boolean keyed = debezium && draw.shape() != PaymentDraw.Shape.EMPTY;
    return row(partition, ingestedAt, Optional.of(key).filter(k -> keyed), value);
  }

  private BronzeRow row(
      int partition, Instant ingestedAt, Optional<String> key, Optional<String> value) {
    long offset = nextOffsets.merge(partition, 1L, Long::sum) - 1;
    return new BronzeRow(
        partition,
        offset,
        ingestedAt,
        key.map(text -> ByteBuffer.wrap(text.getBytes(UTF_8))),
        value.map(text -> ByteBuffer.wrap(text.getBytes(UTF_8))));
  }

  private String upsert(String id, PaymentDraw draw) {
    return change(draw.day() == 0 ? "c" : "u", "after", image(id, draw, true), draw);
  }

  private static String image(String id, PaymentDraw draw, boolean whole) {
    String paidAt = "\"paid_at\":\"2001-01-0%dT08:00:00Z\",".formatted(1 + draw.day());
    return "{\"payment_id\":\"%s\",%s\"revision\":%s,\"amount\":%s,\"kind\":%s,\"note\":%s}"
        .formatted(
            id, whole ? paidAt : "", draw.revision(), draw.amount(), draw.kind(), draw.note());
  }

  /** The image alone where there is no change data capture. */
  private String change(String operation, String name, String image, PaymentDraw draw) {
    return debezium
        ? wrap("{\"op\":\"%s\",\"%s\":%s,\"ts_ms\":1}".formatted(operation, name, image), draw)
        : image;
  }

  private static String wrap(String text, PaymentDraw draw) {
    return draw.wrapped() ? "{\"schema\":{\"type\":\"struct\"},\"payload\":" + text + "}" : text;
  }
}
