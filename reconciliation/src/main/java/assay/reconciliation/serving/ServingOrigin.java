package assay.reconciliation.serving;

import assay.core.LakeTable;
import assay.core.TableVersion;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

/**
 * What the rows of a serving table were made of. It is a property of the table that changes in the
 * same commit as they do.
 *
 * @param evidence the version of {@code reconciliation/evidence}; -1 where there was none
 * @param closedThrough the last closed day; empty where no day was
 */
record ServingOrigin(
    Side side,
    Optional<TableVersion> gold,
    Optional<TableVersion> live,
    long evidence,
    Optional<LocalDate> closedThrough) {
  private static final String PROPERTY = "assay.serving";
  private static final ObjectMapper JSON = new ObjectMapper();

  Map<String, String> property() {
    ObjectNode document = JSON.createObjectNode();
    document.put("side", side.label());
    gold.ifPresent(version -> put(document.putObject("gold"), version));
    live.ifPresent(version -> put(document.putObject("live"), version));
    document.put("evidence", evidence);
    closedThrough.ifPresent(day -> document.put("closed_through", day.toString()));
    return Map.of(PROPERTY, document.toString());
  }

  private static void put(ObjectNode node, TableVersion version) {
    node.put("id", version.id());
    node.put("version", version.version());
  }

  /** What a table was made of; empty where there is none, or a crash left it without rows. */
  static Optional<ServingOrigin> of(LakeTable table) {
    return table.exists() ? table.property(PROPERTY).map(ServingOrigin::of) : Optional.empty();
  }

  private static ServingOrigin of(String property) {
    try {
      JsonNode document = JSON.readTree(property);
      return new ServingOrigin(
          Side.of(document.get("side").asText()),
          version(document, "gold"),
          version(document, "live"),
          document.get("evidence").asLong(),
          Optional.ofNullable(document.get("closed_through"))
              .map(day -> LocalDate.parse(day.asText())));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(PROPERTY + " is no JSON: " + property, e);
    }
  }

  private static Optional<TableVersion> version(JsonNode document, String name) {
    return Optional.ofNullable(document.get(name))
        .map(of -> new TableVersion(of.get("id").asText(), of.get("version").asLong(), ""));
  }
}
