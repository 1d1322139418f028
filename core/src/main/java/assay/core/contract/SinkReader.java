package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code sinks}: each is of something that the stream makes, and has one target. */
final class SinkReader {
  private static final String KAFKA = "kafka";
  private static final String WEBHOOK = "webhook";

  /** The dispositions of rows that a sink may send. */
  private static final List<String> SET_ASIDE = List.of("late", "duplicate", "quarantined");

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Optional<YamlNode> source;

  /** The names of what the stream keeps, in the order of the file. */
  private final List<String> kept = new ArrayList<>();

  /** Metric sets that only batch computes. */
  private final List<String> batchOnly = new ArrayList<>();

  /** The sink that each topic was first named by. */
  private final Map<String, Sink> byTopic = new HashMap<>();

  SinkReader(YamlNode root) {
    this.source = root.field("source").flatMap(s -> s.field("topic"));
    for (YamlNode metrics : fields(root, "metrics")) {
      if (metrics.has("live")) {
        kept.add(metrics.name());
        kept.add(metrics.name() + Sink.WINDOWS);
      } else {
        batchOnly.add(metrics.name());
      }
    }
    fields(root, "live_views").forEach(view -> kept.add(view.name()));
  }

  private static List<YamlNode> fields(YamlNode root, String key) {
    return root.field(key).map(YamlNode::fields).orElse(List.of());
  }

  /** Reports what is wrong with a sink, and is empty then. */
  Optional<Sink> read(YamlNode node) {
    Optional<Sink.Of> of = node.field("of").flatMap(this::of);
    if (node.has(KAFKA) == node.has(WEBHOOK)) {
      if (node.has(KAFKA)) {
        node.mistakeInKey(
            "`" + node.name() + "` has two targets",
            "Remove one of them, and write a second sink for it.");
      } else {
        node.mistakeInKey(
            "`" + node.name() + "` has no target",
            "Add for example `kafka: flights-late` or `webhook: FLIGHTS_HOOK_URL`.");
      }
      return Optional.empty();
    }
    Optional<Sink.Target> target =
        node.field(KAFKA)
            .flatMap(this::topic)
            .or(() -> node.field(WEBHOOK).flatMap(w -> webhook(w, of)));
    if (of.isEmpty() || target.isEmpty()) {
      return Optional.empty();
    }
    Sink sink = new Sink(node.name(), of.get(), target.get());
    node.field(KAFKA).ifPresent(topic -> checkShared(topic, sink));
    return Optional.of(sink);
  }

  private Optional<Sink.Of> of(YamlNode node) {
    String name = node.text();
    if (SET_ASIDE.contains(name)) {
      if (kept.contains(name)) {
        node.mistake(
            "`" + name + "` is both a disposition and a live view",
            "Give the live view another name.");
        return Optional.empty();
      }
      if (kept.isEmpty()) {
        node.mistake(
            "the stream keeps no live view, and so sets no row aside",
            "Add `live:` to a metric set.");
        return Optional.empty();
      }
      return Optional.of(new Sink.SetAside(name));
    }
    if (batchOnly.contains(name)) {
      node.mistake("the stream does not keep `" + name + "`", "Add `live:` to that metric set.");
      return Optional.empty();
    }
    if (!kept.contains(name)) {
      List<String> known = new ArrayList<>(SET_ASIDE);
      known.addAll(kept);
      node.mistake("there is no live view `" + name + "`", Nearest.mend(name, known));
      return Optional.empty();
    }
    return Optional.of(new Sink.View(name));
  }

  private Optional<Sink.Target> topic(YamlNode node) {
    String topic = node.text();
    if (source.filter(s -> s.text().equals(topic)).isPresent()) {
      node.mistake(
          "`" + topic + "` is the topic that the domain reads: what is sent would come in again",
          "Choose another topic.");
      return Optional.empty();
    }
    return Optional.of(new Sink.Topic(topic));
  }

  /** Never shows the text: who writes the address itself has a secret there. */
  private static Optional<Sink.Target> webhook(YamlNode node, Optional<Sink.Of> of) {
    if (!VARIABLE.matcher(node.text()).matches()) {
      node.mistake(
          "`webhook` must be the name of an environment variable that holds the address",
          "Write for example `FLIGHTS_HOOK_URL`.");
      return Optional.empty();
    }
    if (of.filter(o -> o instanceof Sink.SetAside).isPresent()) {
      node.mistake(
          "rows that were set aside are bytes, which a webhook does not take",
          "Write `kafka: TOPIC` instead.");
      return Optional.empty();
    }
    return Optional.of(new Sink.Webhook(node.text()));
  }

  /** Rows of two views may have the same key; rows that were set aside say what they are. */
  private void checkShared(YamlNode node, Sink sink) {
    Sink first = byTopic.putIfAbsent(node.text(), sink);
    boolean aside =
        first != null && first.of() instanceof Sink.SetAside && sink.of() instanceof Sink.SetAside;
    if (first != null && !aside) {
      node.mistake(
          "`"
              + first.name()
              + "` sends to `"
              + node.text()
              + "` too, and keys of both may be equal",
          "Choose another topic.");
    }
  }
}
