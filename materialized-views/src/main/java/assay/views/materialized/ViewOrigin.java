package assay.views.materialized;

import assay.core.LakeTable;
import assay.core.TableVersion;
import assay.core.sql.TableName;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What the rows of a view, or of its partial aggregates, were made of. It is a property of their
 * table that changes in the same commit as they do.
 *
 * @param definition of the query
 * @param asOf what {@code :as_of} stood for; empty where the query does not use it
 * @param began when the refresh began
 * @param keptFrom the first bucket of time that partial aggregates are kept of, in the unit of its
 *     type; empty where they are kept of all
 */
record ViewOrigin(
    String definition,
    Optional<Instant> asOf,
    Map<TableName, TableVersion> sources,
    Strategy strategy,
    String reason,
    Instant began,
    OptionalLong keptFrom) {
  /** The property. */
  static final String PROPERTY = "assay.view";

  private static final ObjectMapper JSON = new ObjectMapper();

  ViewOrigin {
    sources = Map.copyOf(sources);
  }

  Map<String, String> property() {
    ObjectNode document = JSON.createObjectNode();
    document.put("definition", definition);
    asOf.ifPresent(minute -> document.put("as_of", minute.toString()));
    ObjectNode read = document.putObject("sources");
    new TreeMap<>(sources)
        .forEach(
            (table, version) -> {
              ObjectNode one = read.putObject(table.toString());
              one.put("id", version.id());
              one.put("version", version.version());
              one.put("columns", version.columns());
            });
    document.put("strategy", strategy.word());
    document.put("reason", reason);
    document.put("began", began.toString());
    keptFrom.ifPresent(from -> document.put("kept_from", from));
    return Map.of(PROPERTY, document.toString());
  }

  /** What made a table; empty where no view did, and where there is none. */
  static Optional<ViewOrigin> of(LakeTable table) {
    return table.property(PROPERTY).map(ViewOrigin::of);
  }

  /** The origin that a property tells of. */
  static ViewOrigin of(String property) {
    JsonNode document;
    try {
      document = JSON.readTree(property);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(PROPERTY + " is no JSON: " + property, e);
    }
    Map<TableName, TableVersion> sources = new TreeMap<>();
    for (Map.Entry<String, JsonNode> one : document.get("sources").properties()) {
      TableName table = TableName.of(List.of(one.getKey().split("\\.", 2))).orElseThrow();
      JsonNode version = one.getValue();
      sources.put(
          table,
          new TableVersion(
              version.get("id").asText(),
              version.get("version").asLong(),
              version.get("columns").asText()));
    }
    return new ViewOrigin(
        document.get("definition").asText(),
        document.has("as_of")
            ? Optional.of(Instant.parse(document.get("as_of").asText()))
            : Optional.empty(),
        sources,
        Strategy.valueOf(document.get("strategy").asText().toUpperCase(java.util.Locale.ROOT)),
        document.get("reason").asText(),
        Instant.parse(document.get("began").asText()),
        document.has("kept_from")
            ? OptionalLong.of(document.get("kept_from").asLong())
            : OptionalLong.empty());
  }
}
