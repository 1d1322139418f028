package assay.cli;

import assay.core.ErrorCode;
import assay.core.Settings;
import assay.core.SettingsReader;
import assay.core.contract.Contract;
import assay.core.contract.ContractReader;
import assay.core.contract.Definitions;
import assay.core.contract.LiveDefinition;
import assay.core.contract.Measure;
import assay.core.contract.MetricSet;
import assay.core.sql.SqlQuery;
import assay.core.yaml.Checked;
import assay.core.yaml.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Checks settings, contracts and the queries beside them without starting Spark. */
@Command(
    name = "validate",
    description = "Tell every mistake in settings, contracts and queries, with line and mend.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay validate                          assay.yaml and the contracts it names",
      "  assay validate contracts/flights.yaml   one contract",
      "",
      "Exit codes: 0 no mistake, 2 at least one."
    })
final class ValidateCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(
      paramLabel = "PATH",
      arity = "0..*",
      description =
          "Contracts, or folders of contracts, gold queries and views. Default: the file of --config and"
              + " the folder it names")
  private List<Path> paths = List.of();

  private final List<Contract> contracts = new ArrayList<>();
  private final List<SqlQueryOf> queries = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  /** A gold query or a view. */
  private record SqlQueryOf(Optional<String> description, SqlQuery query) {}

  @Override
  public Integer call() {
    if (paths.isEmpty()) {
      checkSettingsAndContracts();
    } else {
      paths.forEach(this::checkContracts);
    }
    if (common.json()) {
      common.output().json(document());
    } else {
      print(common.output());
    }
    return problems.isEmpty() ? 0 : ErrorCode.USAGE.exitCode();
  }

  private void checkSettingsAndContracts() {
    if (!Files.exists(common.config())) {
      // Says what to do.
      common.settings();
    }
    Checked<Settings> settings = SettingsReader.check(common.config(), System.getenv());
    problems.addAll(settings.problems());
    if (settings instanceof Checked.Good<Settings> good) {
      checkContracts(good.value().contracts());
    }
  }

  private void checkContracts(Path path) {
    if (Files.isDirectory(path)) {
      Checked<Definitions> checked = ContractReader.checkDefinitions(path);
      problems.addAll(checked.problems());
      if (checked instanceof Checked.Good<Definitions> good) {
        contracts.addAll(good.value().contracts());
        good.value()
            .goldQueries()
            .forEach(q -> queries.add(new SqlQueryOf(q.description(), q.query())));
        good.value().views().forEach(v -> queries.add(new SqlQueryOf(v.description(), v.query())));
      }
    } else {
      Checked<Contract> checked = ContractReader.check(path);
      problems.addAll(checked.problems());
      if (checked instanceof Checked.Good<Contract> good) {
        contracts.add(good.value());
      }
    }
  }

  private void print(Output output) {
    for (Problem problem : problems) {
      output.line(
          "%s:%d:%d: %s"
              .formatted(problem.file(), problem.line(), problem.column(), problem.message()));
      output.line("    " + problem.mend());
    }
    if (problems.isEmpty()) {
      for (Contract contract : contracts) {
        output.line(
            "%s is valid: %d columns, %d rules, metrics %s"
                .formatted(
                    contract.domain(),
                    contract.columns().size(),
                    contract.rules().size(),
                    String.join(", ", metricsOf(contract))));
        estimates(contract)
            .forEach(
                (measure, error) -> output.line("    live." + measure + " is estimated: " + error));
      }
      for (SqlQueryOf query : queries) {
        output.line(query.query().table() + " is valid: reads " + String.join(", ", reads(query)));
      }
    } else {
      output.line(problems.size() == 1 ? "1 mistake" : problems.size() + " mistakes");
    }
  }

  private Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("valid", problems.isEmpty());
    document.put("problems", problems);
    document.put("contracts", contracts.stream().map(ValidateCommand::document).toList());
    document.put("queries", queries.stream().map(ValidateCommand::document).toList());
    return document;
  }

  private static Map<String, Object> document(Contract contract) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", contract.domain());
    document.put("metrics", metricsOf(contract));
    document.put("live_views", contract.liveViews().stream().map(LiveDefinition::name).toList());
    document.put("estimates", estimates(contract));
    document.put("hash", contract.hash());
    return document;
  }

  /** Measures that the stream only estimates, and how well. */
  private static Map<String, String> estimates(Contract contract) {
    Map<String, String> estimates = new LinkedHashMap<>();
    contract
        .liveMetrics()
        .forEach(metrics -> addEstimates(estimates, metrics.name(), metrics.measures()));
    for (LiveDefinition view : contract.liveViews()) {
      if (view instanceof LiveDefinition.Sessions sessions) {
        addEstimates(estimates, sessions.name(), sessions.measures());
      }
    }
    return estimates;
  }

  private static void addEstimates(
      Map<String, String> estimates, String view, List<Measure> measures) {
    for (Measure measure : measures) {
      if (measure instanceof Measure.Sketch sketch) {
        estimates.put(view + "." + sketch.name(), sketch.error());
      }
    }
  }

  private static Map<String, Object> document(SqlQueryOf query) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("table", query.query().table().toString());
    query.description().ifPresent(text -> document.put("description", text));
    document.put("reads", reads(query));
    document.put("uses_as_of", query.query().usesAsOf());
    document.put("hash", query.query().hash());
    return document;
  }

  private static List<String> reads(SqlQueryOf query) {
    return query.query().reads().stream().map(Object::toString).toList();
  }

  private static List<String> metricsOf(Contract contract) {
    return contract.metrics().stream().map(MetricSet::name).toList();
  }
}
