package assay.core.contract;

import assay.core.AssayException;
import assay.core.yaml.Problem;
import assay.core.yaml.Problems;
import assay.core.yaml.YamlDocument;
import assay.core.yaml.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tolerances on a command line, each written as in a contract: {@code x=0.1%,y={absolute: 1,
 * relative: 0.1%}}.
 */
public final class ToleranceText {
  private static final Set<String> BOUNDS = Set.of("absolute", "relative");
  private static final String MEND =
      "write NAME=TOLERANCE, such as x=0.1%, x=5 or x={absolute: 1, relative: 0.1%}, with commas"
          + " between several";

  private ToleranceText() {}

  /**
   * Reads them.
   *
   * @return by name, in the order written
   * @throws AssayException with {@code USAGE} where one cannot be read or a name comes twice
   */
  public static Map<String, Tolerance> read(String written) {
    Map<String, Tolerance> tolerances = new LinkedHashMap<>();
    for (String entry : entries(written)) {
      int equals = entry.indexOf('=');
      String name = equals < 0 ? "" : entry.substring(0, equals).strip();
      if (name.isEmpty()) {
        throw AssayException.usage("`" + entry.strip() + "` names no tolerance", MEND);
      }
      if (tolerances.put(name, tolerance(name, entry.substring(equals + 1).strip())) != null) {
        throw AssayException.usage("the tolerance of `" + name + "` is given twice", "give one");
      }
    }
    return tolerances;
  }

  /** Those between commas that stand in no braces. */
  private static List<String> entries(String written) {
    List<String> entries = new ArrayList<>();
    int begin = 0;
    int depth = 0;
    for (int i = 0; i < written.length(); i++) {
      char c = written.charAt(i);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (c == ',' && depth == 0) {
        entries.add(written.substring(begin, i));
        begin = i + 1;
      }
    }
    entries.add(written.substring(begin));
    return entries;
  }

  private static Tolerance tolerance(String name, String value) {
    Problems problems = new Problems(name);
    Optional<Tolerance> tolerance =
        YamlDocument.parse("tolerance: " + value, problems)
            .flatMap(document -> document.root().field("tolerance"))
            .filter(ToleranceText::hasKnownBounds)
            .flatMap(ToleranceReader::read);
    if (tolerance.isPresent() && problems.isEmpty()) {
      return tolerance.get();
    }
    String why = problems.sorted().stream().map(Problem::message).findFirst().orElse("");
    throw AssayException.usage(
        "`"
            + name
            + "` has no tolerance that can be read: `"
            + value
            + "`"
            + (why.isEmpty() ? "" : " (" + why + ")"),
        MEND);
  }

  private static boolean hasKnownBounds(YamlNode node) {
    return node.fields().stream().allMatch(bound -> BOUNDS.contains(bound.name()));
  }
}
