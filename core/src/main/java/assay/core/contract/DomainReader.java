package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.TimestampType;

/** Reads the parts of a contract that the schema found healthy. */
final class DomainReader {
  private final YamlNode root;

  /** The event's own. */
  private final KnownColumns columns;

  private final KnownColumns allColumns;
  private final List<Enrich> enrich;

  DomainReader(YamlNode root) {
    this.root = root;
    KnownColumns own = ColumnReader.read(root);
    EnrichReader enrichReader = new EnrichReader(root, own);
    this.enrich = enrichReader.read();
    this.columns = own.apartFrom(enrichReader.added());
    this.allColumns = own.with(enrichReader.added());
  }

  /** What could be read; whole only where nothing was reported. */
  Optional<Contract> read() {
    Optional<String> domain = root.field("domain").map(this::domain);
    List<String> key = root.field("key").map(this::key).orElse(List.of());
    Optional<String> eventTime = root.field("event_time").map(this::eventTime);
    List<String> orderBy =
        root.field("order_by").map(columns::resolveAll).orElse(List.of()).stream()
            .map(Column::name)
            .toList();
    Duration lateness = duration(root, "allowed_lateness", Duration.ZERO);
    Duration dedup =
        root.field("dedup")
            .flatMap(d -> d.field("within"))
            .flatMap(DomainReader::lookBack)
            .orElse(Duration.ofMinutes(10));
    Duration corrections =
        root.field("corrections_within")
            .flatMap(Durations::readDays)
            .map(Duration::ofDays)
            .orElse(Duration.ofDays(30));
    Duration grace = duration(root, "grace", Duration.ofHours(1));
    ZoneId zone = root.field("zone").flatMap(this::zone).orElse(ZoneId.of("UTC"));
    RuleReader ruleReader = new RuleReader(new ExpressionCheck(columns));
    List<Rule> rules = fields("rules").map(ruleReader::read).flatMap(Optional::stream).toList();
    AdjustmentCheck adjustment = AdjustmentCheck.of(root, dedup, key, enrich);
    MetricSetReader metricSetReader =
        new MetricSetReader(allColumns, new ExpressionCheck(allColumns), eventTime, adjustment);
    List<MetricSet> metrics = fields("metrics").map(metricSetReader::read).toList();
    boolean tellsDeletes =
        root.field("source").flatMap(DomainReader::source).filter(Source::tellsDeletes).isPresent();
    LiveDefinitionReader liveReader =
        new LiveDefinitionReader(
            metricSetReader, root.field("metrics"), tellsDeletes ? key : List.of(), adjustment);
    List<LiveDefinition> liveViews =
        fields("live_views").map(liveReader::read).flatMap(Optional::stream).toList();
    SinkReader sinkReader = new SinkReader(root);
    List<Sink> sinks = fields("sinks").map(sinkReader::read).flatMap(Optional::stream).toList();
    Optional<Source> source = root.field("source").flatMap(DomainReader::source);
    if (domain.isEmpty() || source.isEmpty() || eventTime.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        ContractBuilder.builder()
            .domain(domain.get())
            .source(source.get())
            .columns(columns.names().stream().map(columns::find).flatMap(Optional::stream).toList())
            .key(key)
            .eventTime(eventTime.get())
            .orderBy(orderBy)
            .allowedLateness(lateness)
            .dedupWithin(dedup)
            .onUpdate(adjustment.onUpdate())
            .correctionsWithin(corrections)
            .grace(grace)
            .zone(zone)
            .rules(rules)
            .enrich(enrich)
            .metrics(metrics)
            .liveViews(liveViews)
            .sinks(sinks)
            .hash(ContractHash.of(root.json()))
            .build());
  }

  private static Optional<Source> source(YamlNode node) {
    boolean debezium = node.field("format").filter(f -> f.text().equals("debezium")).isPresent();
    Source.Format format = debezium ? Source.Format.DEBEZIUM : Source.Format.JSON;
    return node.field("topic").map(topic -> new Source(topic.text(), format));
  }

  private Stream<YamlNode> fields(String key) {
    return root.field(key).map(YamlNode::fields).orElse(List.of()).stream()
        .filter(YamlNode::isHealthy);
  }

  private static Duration duration(YamlNode node, String key, Duration otherwise) {
    return node.field(key).flatMap(n -> Durations.read(n, Duration.ZERO)).orElse(otherwise);
  }

  /** Rows of one bronze micro-batch came at the same time. */
  private static Optional<Duration> lookBack(YamlNode node) {
    return node.text().strip().equals("micro-batch")
        ? Optional.of(Duration.ZERO)
        : Durations.read(node, Duration.ZERO);
  }

  private String domain(YamlNode node) {
    for (String ending : List.of("_exceptions", "_reads")) {
      if (node.text().endsWith(ending)) {
        node.mistake(
            "a domain cannot end in `" + ending + "`: Assay names tables of its own so",
            "Choose another name.");
      }
    }
    return node.text();
  }

  private List<String> key(YamlNode node) {
    List<String> names = new ArrayList<>();
    columns.resolveAll(node);
    for (YamlNode item : node.items()) {
      Optional<Column> column = columns.find(item.text());
      column.ifPresent(c -> checkKey(item, c));
      names.add(item.text());
    }
    return names;
  }

  private static void checkKey(YamlNode item, Column column) {
    if (column.type() instanceof FloatType || column.type() instanceof DoubleType) {
      item.mistake(
          "`"
              + column.name()
              + "` is a "
              + column.type().simpleString()
              + ", and a key needs exact values",
          "Make the column a decimal or a string.");
    } else if (!column.required()) {
      item.mistake(
          "the key column `" + column.name() + "` may be missing",
          "Write `" + column.name() + ": " + spec(column.type()) + " required`.");
    }
  }

  private String eventTime(YamlNode node) {
    columns.resolve(node).ifPresent(column -> checkEventTime(node, column));
    return node.text();
  }

  private static void checkEventTime(YamlNode node, Column column) {
    String mend = "Write `" + column.name() + ": timestamp required`.";
    if (!(column.type() instanceof TimestampType)) {
      node.mistake("the event time `" + column.name() + "` is a " + spec(column.type()), mend);
    } else if (!column.required()) {
      node.mistake("the event time `" + column.name() + "` may be missing", mend);
    }
  }

  /** A type as it is written in a contract. */
  static String spec(DataType type) {
    String name = type.simpleString();
    return name.equals("bigint") ? "long" : name;
  }

  private Optional<ZoneId> zone(YamlNode node) {
    try {
      return Optional.of(ZoneId.of(node.text()));
    } catch (DateTimeException e) {
      String mend =
          Nearest.to(node.text(), ZoneId.getAvailableZoneIds())
              .map(near -> "Did you mean `" + near + "`?")
              .orElse("Write for example `Europe/Berlin` or `UTC`.");
      node.mistake("unknown time zone `" + node.text() + "`", mend);
      return Optional.empty();
    }
  }
}
