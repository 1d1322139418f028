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
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.TimestampType;

/** Reads the parts of a contract that the schema found healthy. */
final class DomainReader {
  private final YamlNode root;
  private final KnownColumns columns;
  private final ExpressionCheck expressions;

  DomainReader(YamlNode root) {
    this.root = root;
    this.columns = ColumnReader.read(root);
    this.expressions = new ExpressionCheck(columns);
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
            .map(d -> duration(d, "within", Duration.ofMinutes(10)))
            .orElse(Duration.ofMinutes(10));
    Duration corrections =
        root.field("corrections_within")
            .flatMap(Durations::readDays)
            .map(Duration::ofDays)
            .orElse(Duration.ofDays(30));
    Duration grace = duration(root, "grace", Duration.ofHours(1));
    ZoneId zone = root.field("zone").flatMap(this::zone).orElse(ZoneId.of("UTC"));
    List<Rule> rules = fields("rules").map(this::rule).flatMap(Optional::stream).toList();
    MetricSetReader metricSetReader = new MetricSetReader(columns, expressions, eventTime);
    List<MetricSet> metrics = fields("metrics").map(metricSetReader::read).toList();
    Optional<Source> source =
        root.field("source")
            .flatMap(s -> s.field("topic"))
            .map(topic -> new Source(topic.text(), Source.Format.JSON));
    if (domain.isEmpty() || source.isEmpty() || eventTime.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Contract(
            domain.get(),
            source.get(),
            columns.names().stream().map(columns::find).flatMap(Optional::stream).toList(),
            key,
            eventTime.get(),
            orderBy,
            lateness,
            dedup,
            corrections,
            grace,
            zone,
            rules,
            metrics,
            ContractHash.of(root.json())));
  }

  private Stream<YamlNode> fields(String key) {
    return root.field(key).map(YamlNode::fields).orElse(List.of()).stream()
        .filter(YamlNode::isHealthy);
  }

  private static Duration duration(YamlNode node, String key, Duration otherwise) {
    return node.field(key).flatMap(n -> Durations.read(n, Duration.ZERO)).orElse(otherwise);
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

  private static String spec(DataType type) {
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

  private Optional<Rule> rule(YamlNode node) {
    Optional<SqlText> check = node.field("check").flatMap(SqlText::parse);
    if (check.isEmpty()) {
      return Optional.empty();
    }
    SqlText sql = check.get();
    if (expressions.checkNames(sql, sql.tree())) {
      expressions
          .type(sql, sql.tree())
          .filter(type -> !(type instanceof BooleanType))
          .ifPresent(
              type ->
                  sql.mistake(
                      sql.tree(),
                      "a rule is true or false, this is " + article(type),
                      "Compare it with something, such as `amount >= 0`."));
    }
    boolean warn = node.field("otherwise").filter(o -> o.text().equals("warn")).isPresent();
    String text = sql.node().text().strip();
    return Optional.of(
        new Rule(node.name(), text, warn ? Rule.Otherwise.WARN : Rule.Otherwise.QUARANTINE));
  }

  private static String article(DataType type) {
    String name = spec(type);
    return name.equals("void") ? "nothing" : (name.matches("[aeiou].*") ? "an " : "a ") + name;
  }
}
