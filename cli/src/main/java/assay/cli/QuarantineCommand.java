package assay.cli;

import assay.core.AssayException;
import assay.core.contract.Contract;
import assay.silver.Quarantine;
import assay.silver.QuarantineGroup;
import assay.silver.QuarantinedRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into quarantine. */
@Command(
    name = "quarantine",
    description = "Look at the rows that silver set aside because they failed.",
    sortOptions = false,
    subcommands = {
      QuarantineCommand.ListCommand.class,
      QuarantineCommand.ShowCommand.class,
      QuarantineRetryCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay quarantine list flights                         what failed, and how often",
      "  assay quarantine show flights --rule airport_codes    the newest rows that failed it",
      "  assay quarantine retry flights                        read them anew"
    })
final class QuarantineCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Only picocli reads it.
  private boolean help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "list, show or retry?");
  }

  /** What failed, and how often. */
  @Command(name = "list", description = "Tell what failed, how often, and since when.")
  static final class ListCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(paramLabel = "DOMAIN", description = "Whose rows.")
    private String domain;

    @Override
    public Integer call() {
      try (Workspace workspace = new Workspace(common.settings())) {
        List<QuarantineGroup> groups = quarantine(workspace, domain).groups();
        if (common.json()) {
          common
              .output()
              .json(Map.of("quarantine", groups.stream().map(g -> document(g)).toList()));
        } else {
          print(groups);
        }
        return 0;
      }
    }

    private void print(List<QuarantineGroup> groups) {
      List<List<String>> rows = new ArrayList<>();
      for (QuarantineGroup group : groups) {
        rows.add(
            List.of(
                String.join(", ", group.failedRules()),
                group.rows() + "",
                group.firstSeen().toString(),
                group.lastSeen().toString()));
      }
      common
          .output()
          .table(Table.of(List.of("failed rules", "rows", "first seen", "last seen"), rows));
    }

    private static Map<String, Object> document(QuarantineGroup group) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("failed_rules", group.failedRules());
      document.put("rows", group.rows());
      document.put("first_seen", group.firstSeen().toString());
      document.put("last_seen", group.lastSeen().toString());
      return document;
    }
  }

  /** The rows themselves. */
  @Command(name = "show", description = "Show the newest rows, what failed and their values.")
  static final class ShowCommand implements Callable<Integer> {
    @Mixin private CommonOptions common;

    @Parameters(paramLabel = "DOMAIN", description = "Whose rows.")
    private String domain;

    @Option(names = "--rule", paramLabel = "NAME", description = "Only rows that failed this one.")
    private String rule;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "20",
        description = "At most N rows. Default: ${DEFAULT-VALUE}")
    private int limit;

    @Override
    public Integer call() {
      if (limit < 0) {
        throw AssayException.usage("--limit " + limit + " is below zero", "give 0 or more");
      }
      try (Workspace workspace = new Workspace(common.settings())) {
        List<QuarantinedRow> rows =
            quarantine(workspace, domain).newest(Optional.ofNullable(rule), limit);
        if (common.json()) {
          common.output().json(Map.of("rows", rows.stream().map(r -> document(r)).toList()));
        } else {
          print(rows);
        }
        return 0;
      }
    }

    private void print(List<QuarantinedRow> found) {
      List<List<String>> rows = new ArrayList<>();
      for (QuarantinedRow row : found) {
        rows.add(
            List.of(
                row.partition() + ":" + row.offset(),
                row.ingestedAt().toString(),
                failures(row),
                row.value().orElse("NULL")));
      }
      common.output().table(Table.of(List.of("offset", "first seen", "failed", "value"), rows));
    }

    /** Each name with what failed, and what the parser said of the whole. */
    private static String failures(QuarantinedRow row) {
      List<String> failures = new ArrayList<>();
      for (String name : row.failedRules()) {
        Optional<String> why = Optional.ofNullable(row.failedValues().get(name));
        failures.add(name + why.or(row::parserMessage).map(w -> ": " + w).orElse(""));
      }
      return String.join("; ", failures);
    }

    private static Map<String, Object> document(QuarantinedRow row) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("partition", row.partition());
      document.put("offset", row.offset());
      document.put("ingested_at", row.ingestedAt().toString());
      document.put("first_seen", row.ingestedAt().toString());
      document.put("run", row.run().orElse(null));
      document.put("failed_rules", row.failedRules());
      document.put("failed_values", row.failedValues());
      document.put("parser_message", row.parserMessage().orElse(null));
      document.put("values", row.values());
      document.put("value", row.value().orElse(null));
      return document;
    }
  }

  private static Quarantine quarantine(Workspace workspace, String domain) {
    Contract contract = workspace.contracts(Optional.of(domain)).get(0);
    return new Quarantine(workspace.spark(), workspace.lake(), contract);
  }
}
