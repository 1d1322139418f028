package assay.ingestion;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;

import assay.core.AssayException;
import assay.core.LakeTable;
import assay.core.StreamRun;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/**
 * Which records Kafka removed before ingestion had read them, found by comparing where reading goes
 * on with where the topic begins.
 */
final class RemovedOffsets {
  private final SparkSession spark;
  private final LakeTable bronze;
  private final KafkaTopic topic;
  private final String checkpoint;

  RemovedOffsets(SparkSession spark, LakeTable bronze, KafkaTopic topic, String checkpoint) {
    this.spark = spark;
    this.bronze = bronze;
    this.topic = topic;
    this.checkpoint = checkpoint;
  }

  /**
   * Where reading goes on.
   *
   * @param starting by partition, the first offset that is read without a checkpoint; empty where
   *     nothing was ever read, and reading starts wherever the topic begins
   * @param removed what is not there any more, without what was recorded before
   * @param checkpointFails whether the engine would ask for removed offsets, recorded or not
   * @param isFirstStart whether nothing was ever read
   */
  record Found(
      Map<Integer, Long> starting,
      List<OffsetRange> removed,
      boolean checkpointFails,
      boolean isFirstStart) {}

  /** Compares. */
  Found find(List<Gap> recorded) {
    Map<Integer, Long> earliest = topic.earliestOffsets();
    Optional<Map<Integer, Long>> done = doneByCheckpoint();
    // Killed in its first micro-batch, a query asks again for what it had planned then. Bronze has
    // all of that or nothing, and tells as well where to go on.
    Optional<Map<Integer, Long>> asked =
        done.or(() -> StreamRun.begun(spark, checkpoint).map(RemovedOffsets::offsets));
    boolean checkpointFails =
        asked.isPresent()
            && earliest.entrySet().stream()
                .anyMatch(e -> asked.get().getOrDefault(e.getKey(), 0L) < e.getValue());
    if (done.isPresent() && !checkpointFails) {
      return new Found(Map.of(), List.of(), false, false);
    }
    Map<Integer, Long> next = nextAfterBronze();
    boolean isFirstStart = asked.isEmpty() && next.isEmpty();
    done.ifPresent(offsets -> offsets.forEach((p, offset) -> next.merge(p, offset, Math::max)));
    recorded.forEach(gap -> next.merge(gap.range().partition(), gap.range().last() + 1, Math::max));
    Map<Integer, Long> starting = new HashMap<>();
    List<OffsetRange> removed = new ArrayList<>();
    earliest.forEach(
        (partition, first) -> {
          long expected = next.getOrDefault(partition, 0L);
          starting.put(partition, Math.max(expected, first));
          if (expected < first) {
            removed.add(new OffsetRange(partition, expected, first - 1));
          }
        });
    return new Found(isFirstStart ? Map.of() : starting, removed, checkpointFails, isFirstStart);
  }

  private Map<Integer, Long> nextAfterBronze() {
    Map<Integer, Long> next = new HashMap<>();
    if (bronze.exists() && bronze.version() > 0) {
      bronze
          .read()
          .groupBy(col(Bronze.PARTITION))
          .agg(max(col(Bronze.OFFSET)))
          .collectAsList()
          .forEach(row -> next.put(row.getInt(0), row.getLong(1) + 1));
    }
    return next;
  }

  /**
   * The next offset by partition, behind the last micro-batch that is done; empty before one is.
   */
  private Optional<Map<Integer, Long>> doneByCheckpoint() {
    return StreamRun.lastDone(spark, checkpoint).map(RemovedOffsets::offsets);
  }

  /** By partition, of the one topic that Spark's checkpoint names them of. */
  private static Map<Integer, Long> offsets(String text) {
    Map<Integer, Long> offsets = new HashMap<>();
    try {
      for (JsonNode ofTopic : new ObjectMapper().readTree(text)) {
        ofTopic
            .properties()
            .forEach(p -> offsets.put(Integer.valueOf(p.getKey()), p.getValue().asLong()));
      }
    } catch (JsonProcessingException e) {
      throw new AssertionError("Spark's checkpoint names offsets as " + text, e);
    }
    return offsets;
  }

  /** Tells of them. */
  static AssayException refused(String topic, List<OffsetRange> removed) {
    long records = removed.stream().mapToLong(OffsetRange::size).sum();
    return AssayException.failed(
        "Kafka removed %,d offsets of topic %s before they were read: %s"
            .formatted(
                records,
                topic,
                removed.stream().map(OffsetRange::toString).collect(Collectors.joining("; "))),
        "if they can be produced again, produce them; to go on without them run 'assay ingest"
            + " --accept-gaps', which records the gap, and give the topic a longer retention");
  }
}
