package assay.core.contract;

import assay.core.Lake.Layer;
import assay.core.contract.Enrich.Added;
import assay.core.contract.Enrich.Missing;
import assay.core.contract.Enrich.On;
import assay.core.contract.Enrich.Reference;
import assay.core.contract.Enrich.Validity;
import assay.core.yaml.Names;
import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;

/** Reads the look-ups in reference tables. */
final class EnrichReader {
  /** The layers whose tables hold rows that one can look something up in. */
  private static final List<String> LAYERS =
      Stream.of(Layer.SILVER, Layer.GOLD).map(Layer::folder).toList();

  private static final Pattern ABSOLUTE = Pattern.compile("(?:[a-z][a-z0-9+.-]*:)?/.+");
  private static final Pattern WITH_USER = Pattern.compile("[^/]*//[^/]*@.*");
  private static final Pattern ADDED = Pattern.compile("(\\S+)\\s+(.+)", Pattern.DOTALL);

  private final YamlNode root;
  private final KnownColumns columns;

  private final List<String> names = new ArrayList<>();
  private final Map<String, Column> healthy = new HashMap<>();
  private boolean readable = true;

  EnrichReader(YamlNode root, KnownColumns columns) {
    this.root = root;
    this.columns = columns;
  }

  /** What could be read, in the order of the file. */
  List<Enrich> read() {
    // A name that could stand in what cannot be read is not called unknown.
    readable = !root.has("enrich") || root.field("enrich").isPresent();
    return root.field("enrich").map(YamlNode::fields).orElse(List.of()).stream()
        .map(this::readOne)
        .flatMap(Optional::stream)
        .toList();
  }

  /** The columns that {@link #read} found. */
  KnownColumns added() {
    return new KnownColumns(readable, names, healthy);
  }

  private Optional<Enrich> readOne(YamlNode node) {
    if (!node.isHealthy() || node.field("columns").isEmpty()) {
      readable = false;
    }
    if (!node.isHealthy()) {
      return Optional.empty();
    }
    Optional<Reference> reference = node.field("table").flatMap(this::reference);
    List<On> on =
        fields(node, "on").filter(this::checkOn).map(n -> new On(n.name(), n.text())).toList();
    List<Added> added =
        fields(node, "columns").map(this::column).flatMap(Optional::stream).toList();
    Optional<Validity> validity = validity(node);
    boolean quarantine =
        node.field("missing").filter(m -> m.text().equals("quarantine")).isPresent();
    return reference.map(
        table ->
            new Enrich(
                node.name(),
                table,
                on,
                added,
                validity,
                quarantine ? Missing.QUARANTINE : Missing.KEEP));
  }

  private static Stream<YamlNode> fields(YamlNode node, String key) {
    return node.field(key).map(YamlNode::fields).orElse(List.of()).stream()
        .filter(YamlNode::isHealthy);
  }

  private Optional<Reference> reference(YamlNode node) {
    String text = node.text().strip();
    if (WITH_USER.matcher(text).matches()) {
      return mistake(
          node,
          "a table's address holds a user or a password",
          "Remove it, and put what gives access under `spark` in assay.yaml.");
    }
    if (ABSOLUTE.matcher(text).matches()) {
      return Optional.of(new Reference.Elsewhere(text));
    }
    int point = text.indexOf('.');
    String layer = point < 0 ? "" : text.substring(0, point);
    String table = text.substring(point + 1);
    if (point < 0 || !Names.isAllowed(table)) {
      return mistake(
          node,
          "`" + text + "` is no table",
          "Write `silver.NAME` or `gold.NAME`, or the absolute path or URI of a Delta table.");
    }
    if (!LAYERS.contains(layer)) {
      return mistake(
          node, "nothing is looked up in the layer `" + layer + "`", Nearest.mend(layer, LAYERS));
    }
    if (isOwn(layer, table)) {
      return mistake(
          node,
          "`" + text + "` is made of this very domain",
          "Name a table that does not depend on it.");
    }
    Layer of = layer.equals(Layer.GOLD.folder()) ? Layer.GOLD : Layer.SILVER;
    return Optional.of(new Reference.OfLake(of, table));
  }

  /** A table that the domain writes would change while it is read, and with it what was read. */
  private boolean isOwn(String layer, String table) {
    if (layer.equals(Layer.GOLD.folder())) {
      return root.field("metrics").filter(m -> m.has(table)).isPresent();
    }
    String domain = root.field("domain").map(YamlNode::text).orElse("");
    return List.of(domain, domain + "_exceptions", domain + "_reads").contains(table);
  }

  private boolean checkOn(YamlNode node) {
    String name = node.name();
    if (columns.isUnknown(name)) {
      node.mistakeInKey(columns.mistake(name), columns.mend(name));
      return false;
    }
    Optional<DataType> inexact =
        columns.type(name).filter(t -> t instanceof FloatType || t instanceof DoubleType);
    inexact.ifPresent(
        type ->
            node.mistakeInKey(
                "`%s` is a %s, and a look-up needs exact values"
                    .formatted(name, type.simpleString()),
                "Make the column a decimal or a string."));
    return inexact.isEmpty();
  }

  private Optional<Added> column(YamlNode node) {
    String name = node.name();
    if (columns.names().contains(name)) {
      node.mistakeInKey("`" + name + "` is a column of the event too", "Choose another name.");
    } else if (names.contains(name)) {
      node.mistakeInKey("`" + name + "` is looked up twice", "Choose another name.");
    }
    ColumnReader.checkName(node);
    names.add(name);
    String text = node.text().strip();
    Matcher parts = ADDED.matcher(text);
    if (!parts.matches()) {
      return mistake(
          node,
          "`" + text + "` has no type",
          "Write the table's column and its type, such as `" + text + " string`.");
    }
    Optional<DataType> type = ColumnReader.type(node, parts.group(2).strip());
    type.ifPresent(t -> healthy.putIfAbsent(name, new Column(name, t, false)));
    return type.map(t -> new Added(name, parts.group(1), t));
  }

  private static Optional<Validity> validity(YamlNode node) {
    Optional<YamlNode> asOf = node.field("as_of");
    boolean ofEvent = asOf.filter(a -> a.text().equals("event")).isPresent();
    boolean unread = node.has("as_of") && asOf.isEmpty();
    if (ofEvent && !node.has("valid")) {
      return mistake(
          asOf.get(),
          "`as_of: event` needs the columns that say when a row of the table holds",
          "Add for example `valid: [valid_from, valid_to]`.");
    }
    if (!ofEvent && !unread) {
      node.field("valid")
          .ifPresent(
              valid ->
                  valid.mistakeInKey(
                      "`valid` is read with `as_of: event` only",
                      "Write `as_of: event`, or remove `valid`."));
    }
    List<YamlNode> bounds = node.field("valid").map(YamlNode::items).orElse(List.of());
    return ofEvent && bounds.size() == 2
        ? Optional.of(new Validity(bounds.get(0).text(), bounds.get(1).text()))
        : Optional.empty();
  }

  private static <T> Optional<T> mistake(YamlNode node, String message, String mend) {
    node.mistake(message, mend);
    return Optional.empty();
  }
}
