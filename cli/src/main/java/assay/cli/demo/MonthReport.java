package assay.cli.demo;

import assay.cli.LatenessView;
import assay.cli.Output;
import assay.cli.ServedMetrics;
import assay.cli.Sizes;
import assay.cli.Table;
import assay.cli.demo.MonthOutcome.Round;
import assay.reconciliation.Verdict;
import java.time.Duration;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The end of a month, for people and for programs. */
final class MonthReport {
  private final MonthOutcome outcome;

  MonthReport(MonthOutcome outcome) {
    this.outcome = outcome;
  }

  void print(Output output) {
    output.line("");
    output.line("Day by day, as it stood at 23:00");
    output.table(
        Table.of(
            List.of("day", "flights", "late", "the day before", "the day so far", "stage", ""),
            outcome.rounds().stream()
                .map(
                    round ->
                        List.of(
                            round.day().toString(),
                            Sizes.count(round.flights()),
                            Sizes.count(round.late()),
                            round.yesterday().map(Verdict::label).orElse(""),
                            round.today().map(Verdict::label).orElse(""),
                            round.stands(),
                            round.deployed()))
                .toList()));
    output.line("");
    output.line("What BI reads, and why it changed");
    output.table(ServedMetrics.history(outcome.changes()));
    output.line("");
    output.line(
        "suggested allowed_lateness: "
            + outcome.lateness().map(LatenessView::spoken).orElse("none of those looked at"));
    output.line("The report is in " + outcome.page());
    if (!outcome.asTold()) {
      output.line(
          "NOT AS TOLD: the stream was to be put back "
              + outcome.badDay().map(day -> "on " + day + " alone").orElse("on no day")
              + ", and every day to be green in the end");
    }
    output.line("");
    output.line("Try next:");
    for (String command : nextCommands(outcome.rounds().get(0).day())) {
      output.line("  ./assay " + command + " --config " + outcome.settings());
    }
  }

  /** Three commands that show what lies there. */
  private static List<String> nextCommands(LocalDate day) {
    return List.of(
        "serving status --history",
        "advise lateness",
        "report --day " + day + " --format markdown");
  }

  Map<String, Object> document() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("as_told", outcome.asTold());
    document.put("bad_release", outcome.badDay().map(LocalDate::toString).orElse(null));
    document.put("rounds", outcome.rounds().stream().map(MonthReport::document).toList());
    document.put("changes", outcome.changes().stream().map(ServedMetrics::document).toList());
    document.put(
        "days",
        outcome.proofs().stream()
            .map(
                proof ->
                    Map.of(
                        "day", proof.day().toString(),
                        "verdict", proof.verdict(),
                        "cells", proof.cells(),
                        "differing", proof.differing()))
            .toList());
    document.put("suggested_lateness", outcome.lateness().map(Duration::toSeconds).orElse(null));
    document.put("report", outcome.page().toString());
    document.put("config", outcome.settings().toString());
    return document;
  }

  private static Map<String, Object> document(Round round) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("day", round.day().toString());
    document.put("flights", round.flights());
    document.put("late", round.late());
    document.put("day_before", round.yesterday().map(Verdict::label).orElse(null));
    document.put("day_so_far", round.today().map(Verdict::label).orElse(null));
    document.put("stands", round.stands());
    document.put("deployed", round.deployed().isEmpty() ? null : round.deployed());
    return document;
  }
}
