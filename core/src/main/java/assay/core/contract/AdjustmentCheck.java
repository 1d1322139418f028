package assay.core.contract;

import assay.core.contract.Contract.OnUpdate;
import assay.core.yaml.YamlNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;

/** Reports what the stream cannot keep where {@code on_update: adjust} takes rows back. */
final class AdjustmentCheck {
  private static final String OR_COUNT = "or write `on_update: count`.";
  private static final String OR_BATCH = "move it to a metric set without `live`, " + OR_COUNT;

  private final OnUpdate onUpdate;
  private final List<String> key;

  /** Columns that come from reference tables. */
  private final Set<String> lookedUp;

  private AdjustmentCheck(OnUpdate onUpdate, List<String> key, Set<String> lookedUp) {
    this.onUpdate = onUpdate;
    this.key = List.copyOf(key);
    this.lookedUp = Set.copyOf(lookedUp);
  }

  /** Reads {@code on_update}. */
  static AdjustmentCheck of(
      YamlNode root, Duration dedupWithin, List<String> key, List<Enrich> enrich) {
    Optional<YamlNode> adjust = root.field("on_update").filter(n -> n.text().equals("adjust"));
    if (dedupWithin.isZero()) {
      adjust.ifPresent(
          node ->
              node.mistake(
                  "`adjust` looks back as far as `dedup: {within}`, and that is nowhere here",
                  "Write for example `dedup: {within: 10 minutes}`, " + OR_COUNT));
    }
    return new AdjustmentCheck(
        adjust.isPresent() ? OnUpdate.ADJUST : OnUpdate.COUNT,
        key,
        enrich.stream()
            .flatMap(e -> e.columns().stream())
            .map(Enrich.Added::name)
            .collect(Collectors.toSet()));
  }

  OnUpdate onUpdate() {
    return onUpdate;
  }

  boolean adjusts() {
    return onUpdate == OnUpdate.ADJUST;
  }

  /** Checks a live metric set. */
  void checkMetricSet(YamlNode metricSet, List<MeasureReader.Read> measures) {
    metricSet.field("by").map(YamlNode::items).orElse(List.of()).stream()
        .filter(item -> lookedUp.contains(item.text()))
        .forEach(item -> refuseLookedUp(item, item.text()));
    metricSet.field("filter").map(YamlNode::fields).orElse(List.of()).stream()
        .filter(YamlNode::isHealthy)
        .forEach(this::refuseLookedUpIn);
    Optional<YamlNode> written = metricSet.field("measures");
    for (MeasureReader.Read read : measures) {
      written
          .flatMap(m -> m.field(read.measure().name()))
          .ifPresent(node -> checkMeasure(node, read));
    }
  }

  private void checkMeasure(YamlNode node, MeasureReader.Read read) {
    if (read.measure() instanceof Measure.BatchOnly) {
      // Told as what the stream cannot keep at all.
      return;
    }
    if (read.measure().adjustable().isEmpty()) {
      node.mistake(
          "`%s` cannot give a row back: its partial results do not tell what would be left"
              .formatted(node.text()),
          "Write count(x), sum(x) or avg(x), " + OR_BATCH);
    } else if (read.isFloating()) {
      node.mistake(
          "`" + node.text() + "` sums floats, which do not give a row back to the last digit",
          "Make the column a decimal, " + OR_COUNT);
    } else {
      refuseLookedUpIn(node);
    }
  }

  private void refuseLookedUpIn(YamlNode expression) {
    SqlText.parse(expression)
        .flatMap(sql -> lookedUpIn(sql.tree()))
        .ifPresent(name -> refuseLookedUp(expression, name));
  }

  private static void refuseLookedUp(YamlNode node, String name) {
    node.mistake(
        "`%s` comes from a reference table, and a row is taken back by its own columns alone"
            .formatted(name),
        "Use columns of the event, " + OR_BATCH);
  }

  private Optional<String> lookedUpIn(Expression part) {
    if (part instanceof UnresolvedAttribute attribute) {
      return Optional.of(attribute.name().toLowerCase(Locale.ROOT)).filter(lookedUp::contains);
    }
    return SqlText.children(part).stream()
        .map(this::lookedUpIn)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * Checks a view of the last row of each value of {@code by}. That of a key gives way to the row
   * that supersedes it; one of another column, or one that a filter keeps out, would give way to a
   * row that is not known.
   */
  void checkLatest(YamlNode view) {
    if (adjusts()) {
      view.field("filter")
          .ifPresent(
              filter ->
                  filter.mistake(
                      "a row that is kept out could take back the one that the view shows",
                      "Leave the filter to who reads the view, " + OR_COUNT));
      view.field("by").map(YamlNode::items).orElse(List.of()).stream()
          .filter(item -> !key.contains(item.text()))
          .forEach(
              item ->
                  item.mistake(
                      "`%s` is no part of the key: which row of it is last behind one that is taken"
                              .formatted(item.text())
                          + " back is not known",
                      "Take columns of `key`, " + OR_COUNT));
    }
  }

  /** Whether sessions can be kept; reports it where they cannot. */
  boolean checkSessions(YamlNode view) {
    if (adjusts()) {
      view.field("kind")
          .ifPresent(
              kind ->
                  kind.mistake(
                      "sessions cannot give a row back: where they would break is not known",
                      "Remove the view, " + OR_COUNT));
    }
    return !adjusts();
  }
}
