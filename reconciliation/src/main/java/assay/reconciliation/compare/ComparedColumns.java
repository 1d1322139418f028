package assay.reconciliation.compare;

import assay.core.AssayException;
import assay.core.contract.Tolerance;
import assay.core.yaml.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Which columns are compared, and what keeps others from it. Names that differ in nothing but upper
 * and lower case are one column.
 *
 * @param key at least one, unless there are {@code problems}
 * @param others columns of both sides that are not compared, and may be asked for in a condition
 * @param problems columns that one side lacks or whose types do not compare, in a person's words
 */
record ComparedColumns(
    List<ComparedColumn> key,
    List<ComparedColumn> measures,
    List<ComparedColumn> others,
    List<String> problems) {
  ComparedColumns {
    key = List.copyOf(key);
    measures = List.copyOf(measures);
    others = List.copyOf(others);
    problems = List.copyOf(problems);
  }

  /**
   * Matches the columns of two tables.
   *
   * @throws AssayException with {@code USAGE} where the request names a column that neither has, or
   *     a tolerance for what has no differences
   */
  static ComparedColumns of(ComparedTable control, ComparedTable test, CompareRequest request) {
    return new Matching(control, test, request).match();
  }

  /** The key, then the measures. */
  List<ComparedColumn> all() {
    return Stream.concat(key.stream(), measures.stream()).toList();
  }

  private static final class Matching {
    private final ComparedTable control;
    private final ComparedTable test;
    private final CompareRequest request;
    private final Map<String, StructField> ofControl;
    private final Map<String, StructField> ofTest;
    private final Map<String, Tolerance> tolerances = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private int place;

    Matching(ComparedTable control, ComparedTable test, CompareRequest request) {
      this.control = control;
      this.test = test;
      this.request = request;
      this.ofControl = fields(control);
      this.ofTest = fields(test);
      request.tolerances().forEach((name, t) -> tolerances.put(known(name), t));
    }

    ComparedColumns match() {
      Set<String> key = known(request.key());
      Set<String> ignored = known(request.ignored());
      Set<String> measures = known(request.measures());
      if (request.measures().isEmpty()) {
        measures.addAll(ofControl.keySet());
        measures.addAll(ofTest.keySet());
        measures.removeAll(key);
        measures.removeAll(ignored);
      }
      refuse(key, measures, "is in the key and among the measures");
      refuse(ignored, measures, "is ignored and among the measures");
      refuse(ignored, key, "is ignored and in the key");
      for (String name : tolerances.keySet()) {
        if (!measures.contains(name)) {
          throw AssayException.usage(
              "`" + spelled(name) + "` has a tolerance and is not compared",
              "name it with --measures, or leave the tolerance out");
        }
      }
      List<ComparedColumn> ofKey = pairs(key);
      List<ComparedColumn> compared = pairs(measures);
      List<String> found = List.copyOf(problems);
      Set<String> others = new LinkedHashSet<>(ofControl.keySet());
      others.removeAll(key);
      others.removeAll(measures);
      return new ComparedColumns(ofKey, compared, pairs(others), found);
    }

    private Set<String> known(List<String> names) {
      Set<String> known = new LinkedHashSet<>();
      names.forEach(name -> known.add(known(name)));
      return known;
    }

    private String known(String name) {
      String lower = lower(name);
      if (!ofControl.containsKey(lower) && !ofTest.containsKey(lower)) {
        Set<String> all = new LinkedHashSet<>(ofControl.keySet());
        all.addAll(ofTest.keySet());
        throw AssayException.usage(
            "neither " + control.name() + " nor " + test.name() + " has a column `" + name + "`",
            Nearest.mend(name, all));
      }
      return lower;
    }

    private void refuse(Set<String> some, Set<String> others, String why) {
      for (String name : some) {
        if (others.contains(name)) {
          throw AssayException.usage("`" + spelled(name) + "` " + why, "name it once");
        }
      }
    }

    private List<ComparedColumn> pairs(Set<String> names) {
      return names.stream().flatMap(name -> pair(name).stream()).toList();
    }

    private Optional<ComparedColumn> pair(String name) {
      StructField a = ofControl.get(name);
      StructField b = ofTest.get(name);
      if (a == null || b == null) {
        problems.add(
            "`%s` is in %s only".formatted(spelled(name), (a == null ? test : control).name()));
        return Optional.empty();
      }
      SourceType from = SourceType.of(a.dataType(), control.texts());
      SourceType to = SourceType.of(b.dataType(), test.texts());
      boolean writtenNumber = from.written() && to.written() && tolerances.containsKey(name);
      Optional<CommonType> type =
          writtenNumber ? Optional.of(CommonType.WRITTEN_NUMBER) : CommonType.of(from, to);
      if (type.isEmpty()) {
        problems.add(
            "`%s` is %s in %s and %s in %s, which do not compare"
                .formatted(a.name(), from.spoken(), control.name(), to.spoken(), test.name()));
        return Optional.empty();
      }
      if (tolerances.containsKey(name) && !type.get().isNumber()) {
        throw AssayException.usage(
            "`" + a.name() + "` has a tolerance and is no number, but " + from.spoken(),
            "leave the tolerance out");
      }
      Tolerance otherwise = type.get().isFloating() ? ComparedColumn.FLOATING : Tolerance.EXACT;
      return Optional.of(
          new ComparedColumn(
              a.name(),
              b.name(),
              place++,
              type.get(),
              from,
              to,
              tolerances.getOrDefault(name, otherwise)));
    }

    private String spelled(String name) {
      return (ofControl.containsKey(name) ? ofControl : ofTest).get(name).name();
    }

    private static Map<String, StructField> fields(ComparedTable table) {
      Map<String, StructField> fields = new LinkedHashMap<>();
      StructType schema = table.rows().schema();
      for (StructField field : schema.fields()) {
        StructField other = fields.put(lower(field.name()), field);
        if (other != null) {
          throw AssayException.usage(
              "%s has the columns `%s` and `%s`"
                  .formatted(table.name(), other.name(), field.name()),
              "rename one: columns that differ by upper and lower case alone are taken for one");
        }
      }
      return fields;
    }

    private static String lower(String name) {
      return name.toLowerCase(Locale.ROOT);
    }
  }
}
