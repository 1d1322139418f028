package assay.cli;

import assay.reconciliation.convergence.LatenessAdvice;
import assay.reconciliation.convergence.LatenessAdvice.Candidate;
import assay.reconciliation.convergence.LatenessAdvice.Curve;
import assay.reconciliation.convergence.LatenessAdvice.Point;
import assay.reconciliation.convergence.LatenessAdvice.Touched;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Advice on lateness as people and programs read it. */
public final class LatenessView {
  private final List<LatenessAdvice> advice;

  LatenessView(List<LatenessAdvice> advice) {
    this.advice = List.copyOf(advice);
  }

  void print(Output output) {
    for (LatenessAdvice one : advice) {
      output.line(
          "%s, %s to %s, %s rows, allowed_lateness: %s"
              .formatted(
                  one.domain(),
                  one.from(),
                  one.to(),
                  Sizes.count(one.rows()),
                  spoken(one.current())));
      output.table(curves(one));
      output.table(candidates(one));
      output.table(costs(one));
      output.line("final after: " + age(one.finalAfterMinutes()));
      output.line("suggested: " + suggestion(one));
    }
  }

  private static Table curves(LatenessAdvice advice) {
    List<List<String>> rows = new ArrayList<>();
    for (Curve curve : advice.curves()) {
      for (Point point : curve.points()) {
        rows.add(
            List.of(
                curve.metrics(),
                curve.measure(),
                spoken(Duration.ofMinutes(point.minutes())),
                Sizes.count(point.windows()),
                percent(point.exactShare()),
                percent(point.settledShare()),
                percent(point.errorP90()),
                percent(point.errorMax()),
                curve.finalAfterMinutes().equals(Optional.of(point.minutes())) ? "final" : ""));
      }
    }
    return Table.of(
        List.of(
            "metrics",
            "measure",
            "after",
            "windows",
            "exact",
            "settled",
            "error p90",
            "error max",
            ""),
        rows);
  }

  private static Table candidates(LatenessAdvice advice) {
    List<List<String>> rows = new ArrayList<>();
    for (Candidate candidate : advice.candidates()) {
      rows.add(
          List.of(
              spoken(candidate.lateness()) + note(advice, candidate),
              Sizes.count(candidate.late()),
              percent(share(candidate.late(), advice.rows())),
              candidate.metrics().stream()
                  .map(t -> t.metrics() + " " + percent(share(t.touched(), t.cells())))
                  .collect(Collectors.joining(", ")),
              candidate.metrics().stream()
                  .flatMap(t -> t.missing().entrySet().stream())
                  .map(m -> m.getKey() + " " + percent(m.getValue()))
                  .collect(Collectors.joining(", "))));
    }
    return Table.of(
        List.of("allowed_lateness", "late rows", "of all", "cells with one", "missing of"), rows);
  }

  private static Table costs(LatenessAdvice advice) {
    List<List<String>> rows = new ArrayList<>();
    for (Candidate candidate : advice.candidates()) {
      rows.add(
          List.of(
              spoken(candidate.lateness()) + note(advice, candidate),
              signed(candidate.cost().open()),
              spoken(candidate.cost().afterClose()),
              Sizes.count(candidate.cost().partialRows()),
              bytes(candidate.cost().partialBytes()),
              Sizes.count(candidate.cost().lookBackRows()),
              bytes(candidate.cost().lookBackBytes())));
    }
    return Table.of(
        List.of(
            "allowed_lateness",
            "windows open longer by",
            "rows after a day's close for",
            "rows of live tables",
            "bytes",
            "fingerprints kept",
            "memory"),
        rows);
  }

  private static String note(LatenessAdvice advice, Candidate candidate) {
    return candidate.lateness().equals(advice.current()) ? " (today)" : "";
  }

  private static String suggestion(LatenessAdvice advice) {
    return advice
        .suggested()
        .map(
            lateness ->
                "allowed_lateness: %s, the shortest of these that leaves %s of rows or less late"
                    .formatted(spoken(lateness), percent(LatenessAdvice.LEFT)))
        .orElse(
            "none: even the longest of these leaves more than %s of rows late"
                .formatted(percent(LatenessAdvice.LEFT)));
  }

  private static String age(Optional<Integer> minutes) {
    return minutes
        .map(
            m ->
                "%s (%s of windows stay within tolerance from there on)"
                    .formatted(spoken(Duration.ofMinutes(m)), percent(LatenessAdvice.SETTLED)))
        .orElse("not within a day");
  }

  private static double share(long part, long all) {
    return all == 0 ? 0 : (double) part / all;
  }

  private static String percent(double share) {
    String text = String.format(Locale.ROOT, "%.3f", 100 * share);
    // What is not nothing must not look like it.
    return share > 0 && text.equals("0.000")
        ? "<0.001%"
        : text.replaceAll("0+$", "").replaceAll("\\.$", "") + "%";
  }

  private static String bytes(long bytes) {
    return bytes < 0 ? "-" + Sizes.bytes(-bytes) : Sizes.bytes(bytes);
  }

  private static String signed(Duration duration) {
    return duration.isNegative() ? "-" + spoken(duration.negated()) : spoken(duration);
  }

  /** As a contract writes it, in the largest unit that divides it. */
  public static String spoken(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds != 0 && seconds % 3600 == 0) {
      return plural(seconds / 3600, "hour");
    }
    return seconds != 0 && seconds % 60 == 0
        ? plural(seconds / 60, "minute")
        : plural(seconds, "second");
  }

  private static String plural(long count, String unit) {
    return count + " " + unit + (count == 1 ? "" : "s");
  }

  /** The result as one JSON document. Durations are in seconds. */
  Map<String, Object> document() {
    return Map.of("advice", advice.stream().map(LatenessView::document).toList());
  }

  private static Map<String, Object> document(LatenessAdvice advice) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("domain", advice.domain());
    document.put("from", advice.from().toString());
    document.put("to", advice.to().toString());
    document.put("rows", advice.rows());
    document.put("allowed_lateness", advice.current().toSeconds());
    document.put("suggested", advice.suggested().map(Duration::toSeconds).orElse(null));
    document.put("final_after_minutes", advice.finalAfterMinutes().orElse(null));
    document.put("convergence", advice.curves().stream().map(LatenessView::curve).toList());
    document.put(
        "candidates", advice.candidates().stream().map(c -> candidate(c, advice.rows())).toList());
    return document;
  }

  private static Map<String, Object> curve(Curve curve) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", curve.metrics());
    document.put("measure", curve.measure());
    document.put("final_after_minutes", curve.finalAfterMinutes().orElse(null));
    document.put(
        "points",
        curve.points().stream()
            .map(
                p -> {
                  Map<String, Object> point = new LinkedHashMap<>();
                  point.put("minutes", p.minutes());
                  point.put("windows", p.windows());
                  point.put("exact_share", p.exactShare());
                  point.put("settled_share", p.settledShare());
                  point.put("error_p90", p.errorP90());
                  point.put("error_max", p.errorMax());
                  return point;
                })
            .toList());
    return document;
  }

  private static Map<String, Object> candidate(Candidate candidate, long rows) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("allowed_lateness", candidate.lateness().toSeconds());
    document.put("late", candidate.late());
    document.put("late_share", share(candidate.late(), rows));
    document.put("metrics", candidate.metrics().stream().map(LatenessView::touched).toList());
    Map<String, Object> cost = new LinkedHashMap<>();
    cost.put("open_longer", candidate.cost().open().toSeconds());
    cost.put("after_close", candidate.cost().afterClose().toSeconds());
    cost.put("partial_rows", candidate.cost().partialRows());
    cost.put("partial_bytes", candidate.cost().partialBytes());
    cost.put("look_back_rows", candidate.cost().lookBackRows());
    cost.put("look_back_bytes", candidate.cost().lookBackBytes());
    document.put("cost", cost);
    return document;
  }

  private static Map<String, Object> touched(Touched touched) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("metrics", touched.metrics());
    document.put("cells", touched.cells());
    document.put("cells_with_late_rows", touched.touched());
    document.put("missing", touched.missing());
    return document;
  }
}
