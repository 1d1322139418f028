package assay.core.contract;

import assay.core.yaml.Nearest;
import assay.core.yaml.YamlNode;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what does not count against a day: {@code delay: {reason: …, until: 2026-12-31}} or {@code
 * "origin=SEA, destination=LAX": {…}}, a cell as the proof prints it.
 */
final class IgnoreReader {
  private final List<String> measures;
  private final List<String> dimensions;

  IgnoreReader(List<String> measures, List<String> dimensions) {
    this.measures = measures;
    this.dimensions = dimensions;
  }

  List<Ignore> read(YamlNode entries) {
    List<Ignore> ignored = new ArrayList<>();
    for (YamlNode entry : entries.fields()) {
      Optional<Map<String, String>> cell = cell(entry);
      Optional<String> reason = entry.field("reason").flatMap(IgnoreReader::reason);
      Optional<LocalDate> until = entry.field("until").flatMap(IgnoreReader::date);
      if (cell.isPresent() && reason.isPresent() && until.isPresent()) {
        Optional<String> measure =
            cell.get().isEmpty() ? Optional.of(entry.name()) : Optional.empty();
        ignored.add(new Ignore(measure, cell.get(), reason.get(), until.get()));
      }
    }
    return ignored;
  }

  /** The dimensions that a key names, none where it is a measure; empty where it is neither. */
  private Optional<Map<String, String>> cell(YamlNode entry) {
    String key = entry.name();
    Map<String, String> cell = new LinkedHashMap<>();
    if (measures.contains(key)) {
      return Optional.of(cell);
    }
    if (!key.contains("=")) {
      entry.mistakeInKey(
          "`" + key + "` is no measure of this metric set",
          Nearest.mend(key, measures) + " Cells are named as `dimension=value`.");
      return Optional.empty();
    }
    // A value may hold a comma: only one before another dimension parts them.
    for (String part : key.split(", (?=[a-z][a-z0-9_]*=)", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      if (!dimensions.contains(name)) {
        entry.mistakeInKey(
            "`" + name + "` is no dimension of this metric set", Nearest.mend(name, dimensions));
        return Optional.empty();
      }
      cell.put(name, part.substring(equals + 1));
    }
    return Optional.of(cell);
  }

  private static Optional<String> reason(YamlNode node) {
    String text = node.json().asText().strip();
    if (text.isEmpty()) {
      node.mistake("`reason` says nothing", "Write why the difference is no concern.");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  private static Optional<LocalDate> date(YamlNode node) {
    try {
      return Optional.of(LocalDate.parse(node.text().strip()));
    } catch (DateTimeParseException e) {
      node.mistake("`" + node.text() + "` is no date", "Write for example `2026-12-31`.");
      return Optional.empty();
    }
  }
}
