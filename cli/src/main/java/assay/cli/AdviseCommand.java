package assay.cli;

import assay.core.AssayException;
import assay.core.ErrorCode;
import assay.core.contract.Contract;
import assay.core.contract.MetricSet;
import assay.reconciliation.DayEvidence;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.convergence.LatenessAdvice;
import assay.reconciliation.convergence.LatenessAdvisor;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Gives advice from evidence. */
@Command(
    name = "advise",
    description = "Say what evidence suggests to change in a contract.",
    sortOptions = false,
    subcommands = AdviseCommand.LatenessCommand.class,
    footerHeading = "%nExample:%n",
    footer = "  assay advise lateness     how long the stream should wait for late rows")
final class AdviseCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Only picocli reads it.
  private boolean help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "advise what? lateness");
  }

  /** How long the stream should wait. */
  @Command(
      name = "lateness",
      description =
          "Say when live numbers were final, and what another allowed_lateness would win and cost.",
      sortOptions = false,
      footerHeading = "%nExamples:%n",
      footer = {
        "  assay advise lateness --last 30 days",
        "  assay advise lateness --metrics route_day --json",
        "",
        "Exit codes: 0 done, 4 there is no evidence of a day that is over."
      })
  static final class LatenessCommand implements Callable<Integer> {
    private static final Pattern DAYS = Pattern.compile("([0-9]{1,4})( ?days?)?");

    @Mixin private CommonOptions common;

    @Option(
        names = "--metrics",
        paramLabel = "NAME",
        description = "One metric set. Default: all that the stream keeps")
    private String metrics;

    @Option(
        names = "--last",
        arity = "1..2",
        paramLabel = "N days",
        description =
            "How far back from the newest day that there is evidence of. Default: 30 days")
    private List<String> last = List.of("30");

    @Override
    public Integer call() {
      int days = days();
      try (Workspace workspace = new Workspace(common.settings());
          Progress progress = common.progress()) {
        DomainRuns runs = common.domainRuns(workspace, progress);
        List<LatenessAdvice> advice =
            contracts(workspace).stream()
                .flatMap(
                    contract ->
                        runs.attempt(() -> advise(workspace, contract, progress, days)).stream())
                .toList();
        LatenessView view = new LatenessView(advice);
        if (common.json()) {
          common.output().json(view.document());
        } else {
          view.print(common.output());
        }
        return runs.exitCode();
      }
    }

    private LatenessAdvice advise(
        Workspace workspace, Contract contract, Progress progress, int days) {
      progress.begin("advise " + contract.domain(), 0);
      EvidenceTables tables = new EvidenceTables(workspace.spark(), workspace.lake());
      Map<String, Map<LocalDate, String>> evidence = new TreeMap<>();
      for (MetricSet one : contract.liveMetrics()) {
        if (metrics == null || metrics.equals(one.name())) {
          evidence.put(
              one.name(),
              tables.newestByDay(one.name()).stream()
                  .collect(
                      Collectors.toMap(
                          DayEvidence::day, DayEvidence::evidenceId, (a, b) -> b, TreeMap::new)));
        }
      }
      LatenessAdvice advice =
          new LatenessAdvisor(workspace.spark(), workspace.lake(), contract).advise(days, evidence);
      progress.end(Sizes.count(advice.rows()) + " rows looked at");
      return advice;
    }

    private List<Contract> contracts(Workspace workspace) {
      List<Contract> compared = workspace.comparedContracts(Optional.empty());
      if (metrics == null) {
        return compared;
      }
      List<String> known =
          compared.stream().flatMap(c -> c.liveMetrics().stream()).map(MetricSet::name).toList();
      if (!known.contains(metrics)) {
        throw AssayException.usage(
            "there is no metric set " + metrics + " that the stream keeps",
            "give one of " + String.join(", ", known));
      }
      return compared.stream()
          .filter(c -> c.liveMetrics().stream().anyMatch(m -> m.name().equals(metrics)))
          .toList();
    }

    private int days() {
      String written = String.join(" ", last);
      Matcher matcher = DAYS.matcher(written);
      int days = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
      if (days == 0) {
        throw new AssayException(
            ErrorCode.USAGE, "--last " + written + " is no number of days", "write --last 30 days");
      }
      return days;
    }
  }
}
