package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;

/** Reads one metric set. */
final class MetricSetReader {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}) ?%");

  /** Endings of the tables that Assay puts beside a metric set's own. */
  private static final List<String> TAKEN =
      List.of("_exceptions", "_reads", "_seen", "_partials", "_windows", "_filtered", "_canary");

  private final KnownColumns columns;
  private final MeasureReader measureReader;
  private final FilterReader filterReader;
  private final AdjustmentCheck adjustment;

  /**
   * A reader for one contract.
   *
   * @param eventTime the column that orders rows; empty where the contract lacks it, which is told
   *     elsewhere
   */
  MetricSetReader(
      KnownColumns columns,
      ExpressionCheck expressions,
      Optional<String> eventTime,
      AdjustmentCheck adjustment) {
    this.columns = columns;
    this.adjustment = adjustment;
    this.measureReader = new MeasureReader(expressions, eventTime.orElse(""));
    this.filterReader = new FilterReader(expressions);
  }

  MetricSet read(YamlNode node) {
    checkName(node, "metric set");
    List<Column> by = node.field("by").map(this::dimensions).orElse(List.of());
    List<MeasureReader.Read> measures = measures(node, by);
    Optional<Live> live = node.field("live").map(this::live);
    Map<String, Tolerance> tolerances = tolerances(node, measures);
    if (node.has("live") && adjustment.adjusts()) {
      adjustment.checkMetricSet(node, measures);
    }
    Optional<Promotion> promote = node.field("promote").map(p -> promotion(node, p));
    return MetricSetBuilder.builder()
        .name(node.name())
        .by(by.stream().map(Column::name).toList())
        .filter(filter(node))
        .measures(measures.stream().map(MeasureReader.Read::measure).toList())
        .live(live)
        .tolerances(tolerances)
        .alertAbove(node.field("alert_above").flatMap(ToleranceReader::relative))
        .ignored(node.field("ignore").map(i -> ignored(node, by, i)).orElse(List.of()))
        .promote(promote)
        .build();
  }

  /** What is written under {@code filter}. */
  RowFilter filter(YamlNode node) {
    return filterReader.read(node);
  }

  static void checkName(YamlNode node, String what) {
    for (String ending : TAKEN) {
      if (node.name().endsWith(ending)) {
        node.mistakeInKey(
            "a " + what + " cannot end in `" + ending + "`: Assay names tables of its own so",
            "Choose another name.");
      }
    }
  }

  List<Column> dimensions(YamlNode by) {
    for (YamlNode item : by.items()) {
      if (item.text().equals("event_date")) {
        item.mistake("the day is part of every metric set", "Remove `event_date`.");
      }
    }
    List<Column> dimensions = columns.resolveAll(by);
    for (YamlNode item : by.items()) {
      columns
          .type(item.text())
          .filter(t -> t instanceof FloatType || t instanceof DoubleType)
          .ifPresent(
              t ->
                  item.mistake(
                      "`"
                          + item.text()
                          + "` is a "
                          + t.simpleString()
                          + ", and grouping needs exact values",
                      "Make the column a decimal or a string."));
    }
    return dimensions;
  }

  private List<MeasureReader.Read> measures(YamlNode node, List<Column> by) {
    List<String> dimensions = by.stream().map(Column::name).toList();
    String otherwise = "move it to a metric set without `live`";
    return measures(node, dimensions, node.has("live"), otherwise);
  }

  /** The measures of sessions, whose partials are one row each. */
  List<Measure> measuresOfSessions(YamlNode node, List<String> by) {
    String otherwise = "move it to a metric set";
    List<Measure> measures =
        measures(node, by, true, otherwise).stream().map(MeasureReader.Read::measure).toList();
    for (String column : List.of("session_start", "session_end")) {
      String mistake = "sessions have a column `" + column + "` of their own";
      node.field("by").stream()
          .flatMap(list -> list.items().stream())
          .filter(item -> item.text().equals(column))
          .forEach(item -> item.mistake(mistake, "Rename the column."));
      node.field("measures").stream()
          .flatMap(map -> map.fields().stream())
          .filter(field -> field.name().equals(column))
          .forEach(field -> field.mistakeInKey(mistake, "Choose another name."));
    }
    for (Measure measure : measures) {
      if (measure instanceof Measure.CountDistinctWhole) {
        node.field("measures")
            .flatMap(m -> m.field(measure.name()))
            .ifPresent(
                m ->
                    m.mistake(
                        "the stream cannot keep count(DISTINCT …) exactly for a session: its bitmap"
                            + " is more than one row",
                        "Write approx_count_distinct(x), or " + otherwise + "."));
      }
    }
    return measures;
  }

  private List<MeasureReader.Read> measures(
      YamlNode node, List<String> dimensions, boolean live, String otherwise) {
    List<MeasureReader.Read> measures = new ArrayList<>();
    List<YamlNode> written = node.field("measures").map(YamlNode::fields).orElse(List.of());
    for (YamlNode measure : written) {
      checkMeasureName(measure, dimensions);
      if (!measure.isHealthy()) {
        continue;
      }
      Optional<MeasureReader.Read> read = measureReader.read(measure);
      read.ifPresent(measures::add);
      if (live && read.isPresent() && read.get().measure() instanceof Measure.BatchOnly batchOnly) {
        measure.mistake(
            "the stream cannot keep " + batchOnly.whyNotLive(),
            "Write " + batchOnly.nearestLive() + ", or " + otherwise + ".");
      }
    }
    return measures;
  }

  private static void checkMeasureName(YamlNode measure, List<String> dimensions) {
    String name = measure.name();
    if (name.equals("event_date")) {
      measure.mistakeInKey("`event_date` is the day of every metric set", "Choose another name.");
    } else if (dimensions.contains(name)) {
      measure.mistakeInKey(
          "`" + name + "` is a dimension of this metric set too", "Choose another name.");
    } else if (name.contains("__")) {
      measure.mistakeInKey(
          "`__` in a measure's name is kept for partial results",
          "Write `" + name.replaceAll("_{2,}", "_") + "`.");
    } else {
      // The stream keeps some measures as columns that are named after them.
      for (String part : List.of("__sum", "__count", "__sketch", "__word", "__bits")) {
        if (dimensions.contains(name + part)) {
          measure.mistakeInKey(
              "`" + name + "` needs the column `" + name + part + "`, which is a dimension",
              "Choose another name.");
        }
      }
    }
  }

  private Live live(YamlNode node) {
    Duration every = duration(node, "every", Duration.ofSeconds(10));
    Duration window = duration(node, "window", Duration.ofHours(1));
    Duration publish = duration(node, "publish", Duration.ofMinutes(1));
    if (window.compareTo(DAY) > 0 || DAY.toSeconds() % window.toSeconds() != 0) {
      node.field("window")
          .ifPresent(
              w ->
                  w.mistake(
                      "a day is no whole number of windows of `" + w.text() + "`",
                      "Write for example `15 minutes`, `1 hour` or `1 day`."));
    }
    return new Live(every, window, publish);
  }

  static Duration duration(YamlNode node, String key, Duration otherwise) {
    return node.field(key).flatMap(n -> Durations.read(n, SECOND)).orElse(otherwise);
  }

  private Map<String, Tolerance> tolerances(YamlNode node, List<MeasureReader.Read> measures) {
    Map<String, Tolerance> tolerances = new LinkedHashMap<>();
    Optional<YamlNode> written = node.field("measures");
    for (YamlNode tolerance : node.field("tolerance").map(YamlNode::fields).orElse(List.of())) {
      String name = tolerance.name();
      if (written.isPresent() && !written.get().has(name)) {
        List<String> known = written.get().fields().stream().map(YamlNode::name).toList();
        tolerance.mistakeInKey("unknown measure `" + name + "`", Nearest.mend(name, known));
        continue;
      }
      if (!tolerance.isHealthy()) {
        continue;
      }
      boolean number =
          measures.stream()
              .filter(m -> m.measure().name().equals(name))
              .allMatch(MeasureReader.Read::isNumber);
      if (!number) {
        tolerance.mistakeInKey(
            "`" + name + "` is no number, it must agree exactly", "Remove its tolerance.");
        continue;
      }
      ToleranceReader.read(tolerance).ifPresent(t -> tolerances.put(name, t));
    }
    return tolerances;
  }

  private static List<Ignore> ignored(YamlNode node, List<Column> by, YamlNode entries) {
    List<String> measures =
        node.field("measures")
            .map(written -> written.fields().stream().map(YamlNode::name).toList())
            .orElse(List.of());
    return new IgnoreReader(measures, by.stream().map(Column::name).toList()).read(entries);
  }

  private static Promotion promotion(YamlNode metricSet, YamlNode node) {
    if (!metricSet.has("live")) {
      node.mistakeInKey(
          "a metric set without `live` has nothing to promote", "Add `live:` or remove `promote`.");
    }
    int after = node.field("after").flatMap(Durations::readDays).orElse(1);
    List<Integer> canary = node.field("canary").map(MetricSetReader::canary).orElse(List.of());
    boolean automatic =
        node.field("approval").filter(a -> a.text().equals("automatic")).isPresent();
    return new Promotion(
        after,
        canary,
        automatic ? Promotion.Approval.AUTOMATIC : Promotion.Approval.MANUAL,
        days(node, "step_after", Promotion.STEP_DAYS),
        days(node, "half_open_after", Promotion.HALF_OPEN_DAYS),
        node.field("min_cells").map(n -> n.json().asLong()).orElse(Promotion.LEAST_CELLS),
        duration(node, "fresh_within", Promotion.FRESH_WITHIN));
  }

  private static int days(YamlNode node, String key, int otherwise) {
    return node.field(key).flatMap(Durations::readDays).orElse(otherwise);
  }

  private static List<Integer> canary(YamlNode node) {
    List<Integer> steps = new ArrayList<>();
    int last = 0;
    for (YamlNode item : node.items()) {
      Matcher percent = PERCENT.matcher(item.text().strip());
      int step = percent.matches() ? Integer.parseInt(percent.group(1)) : 0;
      if (step < 1 || step > 99) {
        item.mistake(
            "`" + item.text() + "` is no share of consumers",
            "Write whole percent, `1%` to `99%`.");
      } else if (step <= last) {
        item.mistake(
            "`" + item.text() + "` comes after `" + last + "%`",
            "Let the steps rise: `[10%, 50%]`.");
      } else {
        last = step;
        steps.add(step);
      }
    }
    return steps;
  }
}
