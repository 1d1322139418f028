package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;

/**
 * The columns of a contract while it is read. A column whose type is wrong is known by name, so
 * that its mistake is told once and not wherever the column is used.
 */
final class KnownColumns {
  private final boolean readable;
  private final List<String> names;
  private final Map<String, Column> healthy;
  private final Set<String> enriched;

  /**
   * @param readable whether {@code columns} is there at all; nothing is called unknown otherwise
   */
  KnownColumns(boolean readable, List<String> names, Map<String, Column> healthy) {
    this(readable, names, healthy, Set.of());
  }

  private KnownColumns(
      boolean readable, List<String> names, Map<String, Column> healthy, Set<String> enriched) {
    this.readable = readable;
    this.names = List.copyOf(names);
    this.healthy = Map.copyOf(healthy);
    this.enriched = Set.copyOf(enriched);
  }

  /** The same columns, which know those of reference tables as what may not stand beside them. */
  KnownColumns apartFrom(KnownColumns more) {
    return new KnownColumns(readable, names, healthy, Set.copyOf(more.names));
  }

  /** These columns and those of reference tables. */
  KnownColumns with(KnownColumns more) {
    Map<String, Column> all = new HashMap<>(more.healthy);
    all.putAll(healthy);
    return new KnownColumns(
        readable && more.readable,
        Stream.concat(names.stream(), more.names.stream()).distinct().toList(),
        all);
  }

  List<String> names() {
    return names;
  }

  boolean isUnknown(String name) {
    return readable && !names.contains(name);
  }

  Optional<Column> find(String name) {
    return Optional.ofNullable(healthy.get(name));
  }

  Optional<DataType> type(String name) {
    return find(name).map(Column::type);
  }

  /** What is wrong with a name that {@link #isUnknown}. */
  String mistake(String unknown) {
    return enriched.contains(unknown)
        ? "`" + unknown + "` comes from a reference table, which only metric sets see"
        : "unknown column `" + unknown + "`";
  }

  String mend(String unknown) {
    return enriched.contains(unknown) ? "Use columns of the event." : Nearest.mend(unknown, names);
  }

  /** A column that a key of the contract names; reports one that is unknown. */
  Optional<Column> resolve(YamlNode reference) {
    String name = reference.text();
    if (isUnknown(name)) {
      reference.mistake(mistake(name), mend(name));
    }
    return find(name);
  }

  /** A list of columns; reports unknown ones and repeats. */
  List<Column> resolveAll(YamlNode references) {
    List<String> seen = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (YamlNode reference : references.items()) {
      String name = reference.text();
      if (seen.contains(name)) {
        reference.mistake("`" + name + "` is listed twice", "Keep one of the two.");
        continue;
      }
      seen.add(name);
      resolve(reference).ifPresent(columns::add);
    }
    return columns;
  }
}
