package assay.cli;

import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs reconciliation. */
@Command(
    name = "reconcile",
    description = "Prove that stream and batch agree, or say which rows make them differ.",
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  assay reconcile --date 2001-01-02      one day",
      "  assay reconcile --explain              with the rows behind the largest differences",
      "",
      "Exit codes: 0 every day that is over is green, 3 something is left unexplained,",
      "4 not to be said yet."
    })
final class ReconcileCommand implements Callable<Integer> {
  private static final int ROWS = 20;

  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Option(
      names = "--date",
      paramLabel = "DAY",
      description = "One day, as 2001-01-31. Default: every day that either side holds")
  private LocalDate date;

  @Option(
      names = "--explain",
      description = "Show the largest differences, their causes and the rows behind them.")
  private boolean explain;

  @Override
  public Integer call() {
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      ReconcileRequest request =
          new ReconcileRequest(Optional.ofNullable(date), explain ? ROWS : 0);
      DomainRuns runs = common.domainRuns(workspace, progress);
      List<Reconciliation> results =
          runs.run(
              "reconcile",
              Optional.ofNullable(date).map(LocalDate::toString),
              workspace.comparedContracts(domain.chosen()),
              contract -> {
                Reconciliation result =
                    new ReconcileStage(
                            workspace.spark(),
                            workspace.lake(),
                            contract,
                            Clock.systemUTC(),
                            progress)
                        .run(request);
                workspace.alerts(contract, progress).reconciled();
                return result;
              },
              result ->
                  new RunSummary(
                      result.days().size() + " days compared", verdicts(result), Map.of()));
      results.forEach(result -> runs.add(result.failure()));
      Reconciliation all = Reconciliation.all(results);
      ProofView view = new ProofView(all);
      if (common.json()) {
        common.output().json(view.document(explain));
      } else {
        view.print(common.output(), explain);
      }
      if (!results.isEmpty() && all.days().isEmpty()) {
        progress.say("Nothing to compare: neither side holds a row.");
      }
      return runs.exitCode();
    }
  }

  /** Days by verdict. */
  private static Map<String, Long> verdicts(Reconciliation result) {
    return result.days().stream()
        .collect(
            Collectors.groupingBy(
                day -> day.verdict().label().toLowerCase(Locale.ROOT), Collectors.counting()));
  }
}
