package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code live_views}: each has a kind, and the keys of that kind. */
final class LiveDefinitionReader {
  private static final String LATEST = "latest";
  private static final String SESSIONS = "sessions";
  private static final String TOP = "top";

  private static final Map<String, List<String>> REQUIRED =
      Map.of(
          LATEST, List.of("by"),
          SESSIONS, List.of("by", "gap", "measures"),
          TOP, List.of("of", "rows", "by"));

  private static final Map<String, Set<String>> KEYS =
      Map.of(
          LATEST, Set.of("kind", "by", "filter", "every", "alert_above"),
          SESSIONS, Set.of("kind", "by", "filter", "gap", "measures", "every"),
          TOP, Set.of("kind", "of", "rows", "by"));

  private static final Map<String, String> EXAMPLES =
      Map.of(
          "by", "[origin]",
          "gap", "30 minutes",
          "measures", "{events: count(*)}",
          "of", "per_day",
          "rows", "10");

  private static final Pattern ROWS = Pattern.compile("[1-9][0-9]{0,3}");

  private final MetricSetReader metricSetReader;
  private final Optional<YamlNode> metrics;
  private final List<String> deletedBy;
  private final AdjustmentCheck adjustment;

  /**
   * A reader for one contract.
   *
   * @param metrics what stands under that key
   * @param deletedBy the columns by which records take rows away; empty where none does
   */
  LiveDefinitionReader(
      MetricSetReader metricSetReader,
      Optional<YamlNode> metrics,
      List<String> deletedBy,
      AdjustmentCheck adjustment) {
    this.metricSetReader = metricSetReader;
    this.metrics = metrics;
    this.deletedBy = List.copyOf(deletedBy);
    this.adjustment = adjustment;
  }

  /** Reports what is wrong with a view, and is empty then. */
  Optional<LiveDefinition> read(YamlNode node) {
    MetricSetReader.checkName(node, "live view");
    Optional<String> kind = node.field("kind").map(YamlNode::text);
    if (kind.isEmpty() || !checkKeys(node, kind.get())) {
      return Optional.empty();
    }
    return switch (kind.get()) {
      case LATEST -> latest(node);
      case SESSIONS -> sessions(node);
      default -> top(node);
    };
  }

  private static boolean checkKeys(YamlNode node, String kind) {
    boolean good = true;
    for (YamlNode field : node.fields()) {
      if (field.isHealthy() && !KEYS.get(kind).contains(field.name())) {
        field.mistakeInKey("`" + kind + "` has no `" + field.name() + "`", "Remove it.");
        good = false;
      }
    }
    for (String key : REQUIRED.get(kind)) {
      if (!node.has(key)) {
        String example = key.equals("by") && kind.equals(TOP) ? "events" : EXAMPLES.get(key);
        node.mistakeInKey(
            "`" + node.name() + "` lacks the key `" + key + "`",
            "Add for example `" + key + ": " + example + "`.");
        good = false;
      }
    }
    return good;
  }

  private Optional<LiveDefinition> latest(YamlNode node) {
    Optional<List<String>> by = keys(node);
    if (by.isPresent()
        && !deletedBy.isEmpty()
        && !Set.copyOf(by.get()).equals(Set.copyOf(deletedBy))) {
      String key = String.join(", ", deletedBy);
      node.field("by")
          .ifPresent(
              columns ->
                  columns.mistake(
                      "a delete names the row's key alone, and the stream does not keep which row"
                          + " was before it by other columns",
                      "Write the key, `[" + key + "]`, or read the silver table."));
      return Optional.empty();
    }
    if (by.isPresent()) {
      adjustment.checkLatest(node);
    }
    RowFilter filter = metricSetReader.filter(node);
    Optional<BigDecimal> alertAbove = node.field("alert_above").flatMap(ToleranceReader::relative);
    return by.map(
        names -> new LiveDefinition.Latest(node.name(), names, filter, every(node), alertAbove));
  }

  private Optional<LiveDefinition> sessions(YamlNode node) {
    if (!adjustment.checkSessions(node)) {
      return Optional.empty();
    }
    Optional<List<String>> by = keys(node);
    Optional<Duration> gap =
        node.field("gap").flatMap(g -> Durations.read(g, Duration.ofSeconds(1)));
    List<Measure> measures = metricSetReader.measuresOfSessions(node, by.orElse(List.of()));
    RowFilter filter = metricSetReader.filter(node);
    if (by.isEmpty() || gap.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LiveDefinition.Sessions(
            node.name(), by.get(), filter, gap.get(), measures, every(node)));
  }

  private Optional<List<String>> keys(YamlNode node) {
    Optional<YamlNode> by = node.field("by");
    if (by.isPresent() && (!by.get().json().isArray() || by.get().json().isEmpty())) {
      by.get().mistake("`by` must be a list of columns", "Write for example `[origin]`.");
      return Optional.empty();
    }
    return by.map(list -> metricSetReader.dimensions(list).stream().map(Column::name).toList());
  }

  private static Duration every(YamlNode node) {
    return MetricSetReader.duration(node, "every", Duration.ofSeconds(10));
  }

  private Optional<LiveDefinition> top(YamlNode node) {
    Optional<YamlNode> of = node.field("of");
    Optional<YamlNode> rows = node.field("rows");
    Optional<YamlNode> by = node.field("by");
    if (rows.isPresent() && !ROWS.matcher(rows.get().text()).matches()) {
      rows.get()
          .mistake("`" + rows.get().text() + "` is no number of rows", "Write `1` to `9999`.");
      rows = Optional.empty();
    }
    Optional<YamlNode> metricSet = of.flatMap(this::metricSet);
    if (metricSet.isEmpty() || by.isEmpty() || !checkMeasure(by.get(), metricSet.get())) {
      return Optional.empty();
    }
    String name = node.name();
    String measure = by.get().text();
    return rows.map(
        r ->
            new LiveDefinition.Top(
                name, metricSet.get().name(), Integer.parseInt(r.text()), measure));
  }

  private Optional<YamlNode> metricSet(YamlNode of) {
    List<YamlNode> written = metrics.map(YamlNode::fields).orElse(List.of());
    Optional<YamlNode> named = written.stream().filter(m -> m.name().equals(of.text())).findFirst();
    if (named.isEmpty()) {
      List<String> live = written.stream().filter(m -> m.has("live")).map(YamlNode::name).toList();
      of.mistake("unknown metric set `" + of.text() + "`", Nearest.mend(of.text(), live));
    } else if (!named.get().has("live")) {
      of.mistake("the stream does not keep `" + of.text() + "`", "Add `live:` to that metric set.");
    }
    return named.filter(m -> m.has("live"));
  }

  private static boolean checkMeasure(YamlNode by, YamlNode metricSet) {
    List<String> names = new ArrayList<>();
    metricSet
        .field("measures")
        .map(YamlNode::fields)
        .orElse(List.of())
        .forEach(m -> names.add(m.name()));
    if (!by.json().isValueNode() || !names.contains(by.text())) {
      String message =
          by.json().isValueNode()
              ? "`" + metricSet.name() + "` has no measure `" + by.text() + "`"
              : "`by` must be a measure of `" + metricSet.name() + "`";
      by.mistake(message, Nearest.mend(by.text(), names));
      return false;
    }
    List<String> taken = new ArrayList<>(names);
    metricSet.field("by").ifPresent(list -> list.items().forEach(i -> taken.add(i.text())));
    if (taken.contains("rank")) {
      by.mistake(
          "`top` needs the column `rank`, which `" + metricSet.name() + "` has too",
          "Give that another name.");
      return false;
    }
    return true;
  }
}
