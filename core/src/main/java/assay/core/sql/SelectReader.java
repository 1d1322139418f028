package assay.core.sql;

import assay.core.Lake.Layer;
import assay.core.sql.SqlQuery.Place;
import assay.core.sql.SqlQuery.Reference;
import assay.core.yaml.Nearest;
import assay.core.yaml.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.analysis.ExpressionWithUnresolvedIdentifier;
import org.apache.spark.sql.catalyst.analysis.NamedParameter;
import org.apache.spark.sql.catalyst.analysis.PlanWithUnresolvedIdentifier;
import org.apache.spark.sql.catalyst.analysis.PosParameter;
import org.apache.spark.sql.catalyst.analysis.RelationTimeTravel;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedGenerator;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedStar;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableValuedFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.PipeOperator;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.CompoundBody;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Offset;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.catalyst.plans.logical.ScriptTransformation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import org.apache.spark.sql.catalyst.plans.logical.WithWindowDefinition;
import org.apache.spark.sql.catalyst.trees.Origin;
import org.apache.spark.sql.execution.SparkSqlParser;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads a file's one SELECT with Spark's own parser, without a session, and reports what a query
 * whose result is kept may not hold: what changes or reads anything but tables of the lake, and
 * what gives another answer over the same rows.
 */
public final class SelectReader {
  /** Words that are functions without brackets, unless a column has the name. */
  private static final Set<String> BARE_FUNCTIONS =
      Set.of(
          "current_date",
          "current_time",
          "current_timestamp",
          "localtimestamp",
          "current_user",
          "session_user",
          "user",
          "current_catalog",
          "current_database",
          "current_schema",
          "current_path");

  /** Table functions that make rows of their arguments and of nothing else. */
  private static final Set<String> TABLE_FUNCTIONS =
      Set.of(
          "range",
          "explode",
          "explode_outer",
          "posexplode",
          "posexplode_outer",
          "inline",
          "inline_outer",
          "stack",
          "json_tuple");

  /** What may stand between a LIMIT and the ORDER BY that decides what it keeps. */
  private static final Set<Class<?>> BELOW_LIMIT =
      Set.of(LocalLimit.class, Offset.class, PipeOperator.class, WithWindowDefinition.class);

  private final Tables tables;
  private final SqlFile file;
  private final List<Reference> references = new ArrayList<>();
  private final Set<Place> asOf = new LinkedHashSet<>();
  private boolean good = true;

  private SelectReader(Tables tables, SqlFile file) {
    this.tables = tables;
    this.file = file;
  }

  /**
   * The tables that a query may read.
   *
   * @param layers where they are
   * @param known their names
   * @param complete whether those are all; nothing is called unknown otherwise
   * @param asOf what {@code :as_of} stands for, in a person's words
   */
  public record Tables(Set<Layer> layers, Set<TableName> known, boolean complete, String asOf) {
    public Tables {
      layers = Set.copyOf(layers);
      known = Set.copyOf(known);
    }

    private String layersInWords() {
      return layers.stream()
          .sorted()
          .map(layer -> "`" + layer.folder() + "`")
          .collect(Collectors.joining(", "));
    }

    private List<String> names() {
      return known.stream().map(TableName::toString).sorted().toList();
    }
  }

  /**
   * Reads the query of a file.
   *
   * @param makes the table that it makes
   * @return empty where something was reported
   */
  public static Optional<SqlQuery> read(SqlFile file, TableName makes, Tables tables) {
    return new SelectReader(tables, file).read(makes);
  }

  private Optional<SqlQuery> read(TableName makes) {
    LogicalPlan plan;
    try {
      ParserInterface parser = new SparkSqlParser();
      plan = parser.parsePlan(file.text());
    } catch (ParseException e) {
      file.mistake(
          position(e.start()),
          "this is not SQL: " + SqlErrors.condensed(e),
          "Write one SELECT; it may begin with WITH.");
      return Optional.empty();
    }
    OptionalInt moment = SqlFunctions.momentLiteral(file.text());
    if (moment.isPresent()) {
      refuse(
          file.positionOf(moment.getAsInt()),
          "this is a date that changes with the moment of the run",
          "Write `:as_of`, or write the date out.");
    }
    visit(plan, Set.of());
    references.sort(Comparator.comparing(Reference::at));
    return good
        ? Optional.of(
            new SqlQuery(
                makes, file.file(), file.text(), file.body(), references, List.copyOf(asOf)))
        : Optional.empty();
  }

  private void visit(LogicalPlan plan, Set<String> withs) {
    if (plan instanceof UnresolvedWith with) {
      visitWith(with, withs);
      return;
    }
    if (plan instanceof UnresolvedRelation relation) {
      visitRelation(relation, withs, false);
      return;
    }
    if (plan instanceof SubqueryAlias alias && alias.child() instanceof UnresolvedRelation named) {
      visitRelation(named, withs, true);
      return;
    }
    if (!isQuery(plan)) {
      return;
    }
    check(plan);
    list(plan.expressions()).forEach(part -> visit(part, withs));
    list(plan.children()).forEach(child -> visit(child, withs));
  }

  private void visitWith(UnresolvedWith with, Set<String> withs) {
    Set<String> inside = new HashSet<>(withs);
    for (Object relation : list(with.innerChildren())) {
      if (relation instanceof SubqueryAlias alias) {
        String name = alias.alias().toLowerCase(Locale.ROOT);
        Set<String> seen = new HashSet<>(inside);
        if (with.allowRecursion()) {
          seen.add(name);
        }
        visit(alias.child(), seen);
        inside.add(name);
      }
    }
    visit(with.child(), inside);
  }

  private boolean isQuery(LogicalPlan plan) {
    boolean statement =
        plan instanceof Command || plan instanceof ParsedStatement || plan instanceof CompoundBody;
    if (statement) {
      refuse(
          plan.origin(),
          "only a SELECT may stand here, and this is " + plan.getClass().getSimpleName(),
          "Write one SELECT; it may begin with WITH.");
    }
    return !statement;
  }

  private void check(LogicalPlan plan) {
    Origin at = plan.origin();
    if (plan instanceof ScriptTransformation) {
      refuse(at, "TRANSFORM runs foreign code", "Use Spark's SQL functions.");
    } else if (plan instanceof RelationTimeTravel) {
      refuse(
          at,
          "the versions that are read are the run's choice",
          "Remove VERSION AS OF or TIMESTAMP AS OF.");
    } else if (plan instanceof PlanWithUnresolvedIdentifier) {
      refuse(at, "IDENTIFIER hides which table is read", "Write its name.");
    } else if (plan instanceof Sample) {
      refuse(
          at,
          "TABLESAMPLE never gives the same rows twice",
          "Choose rows by a column, with WHERE.");
    } else if (plan instanceof GlobalLimit limit && !isSorted(limit.child())) {
      refuse(at, "LIMIT without ORDER BY keeps rows by chance", "Add ORDER BY.");
    } else if (plan instanceof UnresolvedTableValuedFunction function) {
      checkTableFunction(at, list(function.name()));
    }
  }

  private void checkTableFunction(Origin at, List<String> parts) {
    String name = String.join(".", parts).toLowerCase(Locale.ROOT);
    if (!TABLE_FUNCTIONS.contains(name)) {
      refuse(
          at,
          "the table function `" + name + "` may read what is no table of the lake",
          "Read a table of " + tables.layersInWords() + ".");
    }
  }

  private static boolean isSorted(LogicalPlan plan) {
    LogicalPlan below = plan;
    while (BELOW_LIMIT.contains(below.getClass())) {
      below = list(below.children()).get(0);
    }
    return below instanceof Sort sort && sort.global();
  }

  private void visitRelation(UnresolvedRelation relation, Set<String> withs, boolean aliased) {
    List<String> parts = list(relation.multipartIdentifier());
    String name = String.join(".", parts);
    Origin at = relation.origin();
    if (parts.size() == 1 && withs.contains(name.toLowerCase(Locale.ROOT))) {
      return;
    }
    if (relation.isStreaming()) {
      refuse(at, "a stream has no end", "Remove STREAM.");
      return;
    }
    if (!relation.options().isEmpty()) {
      refuse(at, "`" + name + "` is read as the lake holds it", "Remove its options.");
      return;
    }
    Optional<TableName> table = TableName.of(parts);
    if (table.isEmpty()) {
      refuse(at, noTable(parts), "Read a table of " + tables.layersInWords() + "." + near(parts));
    } else if (!tables.layers().contains(table.get().layer())) {
      refuse(
          at,
          "`" + table.get() + "` may not be read here",
          "Read a table of " + tables.layersInWords() + ".");
    } else if (tables.complete() && !tables.known().contains(table.get())) {
      refuse(
          at, "unknown table `" + name + "`", Nearest.mend(table.get().toString(), tables.names()));
    } else {
      references.add(new Reference(table.get(), place(at), position(at), aliased));
    }
  }

  private static String noTable(List<String> parts) {
    String name = String.join(".", parts);
    if (parts.size() == 1) {
      return "`" + name + "` does not say of which layer it is";
    }
    return parts.size() == 2
        ? "`" + parts.get(0) + ".` is no layer of the lake, and no path is read"
        : "`" + name + "` has more than a layer and a name";
  }

  /** The table that a name without its layer may stand for. */
  private String near(List<String> parts) {
    String last = parts.get(parts.size() - 1);
    return tables.known().stream()
        .filter(table -> table.name().equalsIgnoreCase(last))
        .map(TableName::toString)
        .sorted()
        .findFirst()
        .map(table -> " Did you mean `" + table + "`?")
        .orElse("");
  }

  private void visit(Expression part, Set<String> withs) {
    if (part instanceof SubqueryExpression subquery) {
      visit(subquery.plan(), withs);
    } else if (part instanceof NamedParameter parameter) {
      visitParameter(parameter);
    } else if (part instanceof ExpressionWithUnresolvedIdentifier) {
      refuse(part.origin(), "IDENTIFIER hides what is used", "Write its name.");
    } else if (part instanceof PosParameter) {
      refuse(part.origin(), "`?` is no parameter here", "Write `:as_of`, or the value.");
    } else if (part instanceof UnresolvedFunction function) {
      visitFunction(part, list(function.nameParts()), list(function.arguments()).size());
    } else if (part instanceof UnresolvedGenerator generator) {
      visitFunction(part, List.of(generator.name().funcName()), 1);
    } else if (part instanceof UnresolvedAttribute attribute) {
      visitAttribute(attribute);
    } else if (part instanceof UnresolvedStar star && star.target().isDefined()) {
      checkQualifier(part, list(star.target().get()), "*");
    }
    list(part.children()).forEach(child -> visit(child, withs));
  }

  private void visitParameter(NamedParameter parameter) {
    if (parameter.name().equals(SqlQuery.AS_OF)) {
      // The parser hands some of them over twice.
      asOf.add(place(parameter.origin()));
    } else {
      refuse(
          parameter.origin(),
          "unknown parameter `:" + parameter.name() + "`",
          "Write `:as_of`, " + tables.asOf() + ", or the value.");
    }
  }

  private void visitFunction(Expression at, List<String> parts, int arguments) {
    String name = String.join(".", parts);
    if (parts.size() > 1 || !SqlFunctions.exists(name)) {
      refuse(
          at.origin(),
          "unknown function `" + name.toLowerCase(Locale.ROOT) + "`",
          SqlFunctions.mend(name));
      return;
    }
    SqlFunctions.unstable(name, arguments)
        .ifPresent(
            refusal ->
                refuse(
                    at.origin(),
                    refusal.message(),
                    SqlFunctions.isMoment(name, arguments)
                        ? "Write `:as_of`, " + tables.asOf() + "."
                        : refusal.mend()));
  }

  private void visitAttribute(UnresolvedAttribute attribute) {
    List<String> parts = list(attribute.nameParts());
    String name = parts.get(0).toLowerCase(Locale.ROOT);
    if (parts.size() == 1 && BARE_FUNCTIONS.contains(name)) {
      SqlFunctions.unstable(name, 0)
          .ifPresent(
              refusal ->
                  refuse(
                      attribute.origin(),
                      refusal.message(),
                      SqlFunctions.isMoment(name, 0)
                          ? "Write `:as_of`, " + tables.asOf() + "."
                          : "Where it is a column, write its table in front: `t." + name + "`."));
    } else if (parts.size() > 2) {
      checkQualifier(
          attribute, parts.subList(0, 2), String.join(".", parts.subList(2, parts.size())));
    }
  }

  /** A run reads tables under other names, so that only their own name is left to find columns. */
  private void checkQualifier(Expression at, List<String> table, String column) {
    if (TableName.of(table).filter(tables.known()::contains).isPresent()) {
      refuse(
          at.origin(),
          "a column's name does not begin with a layer",
          "Write `" + table.get(1) + "." + column + "`.");
    }
  }

  private void refuse(Origin at, String message, String mend) {
    refuse(position(at), message, mend);
  }

  private void refuse(Position at, String message, String mend) {
    file.mistake(at, message, mend);
    good = false;
  }

  private static Position position(Origin at) {
    return at.line().isDefined()
        ? new Position(integer(at.line()), integer(at.startPosition()) + 1)
        : Position.START;
  }

  private static Place place(Origin at) {
    return new Place(integer(at.startIndex()), integer(at.stopIndex()) + 1);
  }

  private static int integer(Option<Object> option) {
    return option.isDefined() && option.get() instanceof Integer value ? value : 0;
  }

  private static <T> List<T> list(Seq<T> seq) {
    return CollectionConverters.asJava(seq);
  }
}
