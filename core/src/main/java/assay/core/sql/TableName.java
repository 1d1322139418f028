package assay.core.sql;

import assay.core.Lake;
import assay.core.Lake.Layer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A table of the lake as SQL names it: {@code gold.route_day}. Ordered by its text. */
public record TableName(Layer layer, String name) implements Comparable<TableName> {

  /** The table of a name in two parts; empty where that names no layer. */
  public static Optional<TableName> of(List<String> parts) {
    return parts.size() != 2
        ? Optional.empty()
        : Arrays.stream(Layer.values())
            .filter(layer -> layer.folder().equalsIgnoreCase(parts.get(0)))
            .findFirst()
            .map(layer -> new TableName(layer, parts.get(1)));
  }

  /** Where the table lies. */
  public String path(Lake lake) {
    return lake.table(layer, name);
  }

  @Override
  public int compareTo(TableName other) {
    return Comparator.comparing(TableName::toString).compare(this, other);
  }

  @Override
  public String toString() {
    return layer.folder() + "." + name;
  }
}
