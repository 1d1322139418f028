package assay.cli;

import assay.reconciliation.CalibrateStage;
import assay.reconciliation.Calibration;
import assay.reconciliation.DayVerdict;
import assay.reconciliation.DrillDown;
import assay.reconciliation.DrillDown.Explanation;
import assay.reconciliation.DualReadStage;
import assay.reconciliation.DualReads;
import assay.reconciliation.EvidenceTables;
import assay.reconciliation.ReconcileRequest;
import assay.reconciliation.ReconcileStage;
import assay.reconciliation.Reconciliation;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
      "  assay reconcile --at 42                as of version 42 of bronze, on both sides",
      "  assay reconcile --sample 1000          rows of live views `latest` beside silver's",
      "  assay reconcile --calibrate            each path with itself, and tolerances that follow",
      "  assay reconcile --show late --date 2001-01-02 --cell origin=DFW,destination=HOU",
      "                                         the rows of one cause in one cell",
      "",
      "Exit codes: 0 every day that is over is green, 3 something is left unexplained or more",
      "cells are beyond tolerance than alert_above bears, 4 not to be said yet."
    })
final class ReconcileCommand implements Callable<Integer> {
  private static final int ROWS = 20;

  @Mixin private CommonOptions common;
  @Mixin private DomainOption domain;

  @Option(
      names = "--date",
      paramLabel = "DAY",
      description = "One day, as 2001-01-31. Default: each day that changed since it was compared")
  private LocalDate date;

  @Option(
      names = "--explain",
      description = "Show the largest differences, their causes and the rows behind them.")
  private boolean explain;

  @Option(
      names = "--all",
      description = "Compare every day anew, also those of which nothing changed since they were.")
  private boolean everyDay;

  @Option(
      names = "--at",
      paramLabel = "BRONZE_VERSION",
      description = "Compare what both sides held when they had read no further than this version.")
  private Long at;

  @Option(
      names = "--calibrate",
      description = "Compare each path with itself, and propose tolerances from what days showed.")
  private boolean calibrate;

  @Mixin private DualReadOptions dualRead;

  @Mixin private ShowOptions show;

  @Override
  public Integer call() {
    dualRead.check();
    try (Workspace workspace = new Workspace(common.settings());
        Progress progress = common.progress()) {
      if (calibrate) {
        return calibrate(workspace, progress);
      }
      if (dualRead.given()) {
        return readOnBothSides(workspace, progress);
      }
      if (show.given()) {
        return show.show(
            workspace,
            workspace.comparedContracts(domain.chosen()),
            Optional.ofNullable(date),
            common);
      }
      ReconcileRequest request =
          new ReconcileRequest(
              Optional.ofNullable(date),
              explain ? ROWS : 0,
              at == null ? OptionalLong.empty() : OptionalLong.of(at),
              everyDay || explain);
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
                  new RunSummary(compared(result), verdicts(result), Map.of())
                      .butNot(result.missing()));
      results.forEach(result -> runs.add(result.failure()));
      Reconciliation all = Reconciliation.all(results);
      ProofView view = new ProofView(all, drillDown(workspace, all));
      if (common.json()) {
        common.output().json(view.document(explain));
      } else {
        view.print(common.output(), explain);
      }
      if (!results.isEmpty() && all.days().isEmpty() && all.missing().isEmpty()) {
        progress.say("Nothing to compare: neither side holds a row.");
      }
      return runs.exitCode();
    }
  }

  private int calibrate(Workspace workspace, Progress progress) {
    DomainRuns runs = common.domainRuns(workspace, progress);
    List<Calibration> results =
        runs.run(
            "calibrate",
            Optional.empty(),
            workspace.comparedContracts(domain.chosen()),
            contract ->
                new CalibrateStage(workspace.spark(), workspace.lake(), contract, progress).run(),
            result ->
                new RunSummary(result.paths().size() + " paths compared", Map.of(), Map.of()));
    results.forEach(result -> runs.add(result.failure()));
    CalibrationView view = new CalibrationView(Calibration.all(results));
    if (common.json()) {
      common.output().json(view.document());
    } else {
      view.print(common.output());
    }
    return runs.exitCode();
  }

  private int readOnBothSides(Workspace workspace, Progress progress) {
    DomainRuns runs = common.domainRuns(workspace, progress);
    DualReads reads =
        DualReads.all(
            runs.run(
                "dual-read",
                Optional.empty(),
                workspace.contractsWithLatest(domain.chosen()),
                contract -> {
                  DualReads result =
                      new DualReadStage(workspace.spark(), workspace.lake(), contract)
                          .run(dualRead.request(contract));
                  if (dualRead.alerts()) {
                    workspace.alerts(contract, progress).readOnBothSides(result.views());
                  }
                  return result;
                },
                result ->
                    new RunSummary(result.views().size() + " views read", Map.of(), Map.of())
                        .butNot(result.missing())));
    reads.views().forEach(read -> runs.add(read.failure()));
    DualReadView view = new DualReadView(reads);
    if (common.json()) {
      common.output().json(view.document());
    } else {
      view.print(common.output());
    }
    return runs.exitCode();
  }

  private List<Explanation> drillDown(Workspace workspace, Reconciliation all) {
    if (!explain) {
      return List.of();
    }
    EvidenceTables tables = new EvidenceTables(workspace.spark(), workspace.lake());
    return DrillDown.over(
        workspace.spark(), tables, all.days().stream().map(DayVerdict::evidenceId).toList());
  }

  private static String compared(Reconciliation result) {
    int compared = result.days().size() - result.settled();
    return result.settled() == 0
        ? compared + " days compared"
        : "%d days compared, %d as they were found before".formatted(compared, result.settled());
  }

  /** Days by verdict. */
  private static Map<String, Long> verdicts(Reconciliation result) {
    return result.days().stream()
        .collect(
            Collectors.groupingBy(
                day -> day.verdict().label().toLowerCase(Locale.ROOT), Collectors.counting()));
  }
}
