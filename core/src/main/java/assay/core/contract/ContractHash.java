package assay.core.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The hash of what a contract says about the tables: comments, layout, the order of most keys and
 * what is sent elsewhere or told are left out.
 */
final class ContractHash {
  /** Where the order of keys becomes the order of columns or of names on a row's list. */
  private static final Set<String> ORDERED = Set.of("columns", "rules", "enrich", "measures");

  private static final String SINKS = "sinks";

  private ContractHash() {}

  static String of(JsonNode contract) {
    StringBuilder canonical = new StringBuilder();
    ObjectNode ofTables = contract.<ObjectNode>deepCopy().without(SINKS);
    // How far a view may stand off before somebody is told is no part of what it holds.
    ofTables.path("live_views").forEach(view -> ((ObjectNode) view).remove("alert_above"));
    append(canonical, "", ofTables);
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(canonical.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void append(StringBuilder out, String key, JsonNode node) {
    if (node.isObject()) {
      List<Map.Entry<String, JsonNode>> fields = new ArrayList<>(node.properties());
      if (!ORDERED.contains(key)) {
        fields.sort(Comparator.comparing(Map.Entry::getKey));
      }
      out.append('{');
      for (Map.Entry<String, JsonNode> field : fields) {
        quote(out, field.getKey());
        append(out.append(':'), field.getKey(), field.getValue());
        out.append(',');
      }
      out.append('}');
    } else if (node.isArray()) {
      out.append('[');
      node.forEach(
          item -> {
            append(out, "", item);
            out.append(',');
          });
      out.append(']');
    } else {
      quote(out, node.asText());
    }
  }

  /** Length first, so that no text can look like two. */
  private static void quote(StringBuilder out, String text) {
    out.append(text.length()).append('"').append(text).append('"');
  }
}
