package assay.tests.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Seconds by what took them, round by round. The first round warms up and does not count. */
final class Timings {
  private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

  void time(String what, Runnable work) {
    long begun = System.nanoTime();
    work.run();
    double took = (System.nanoTime() - begun) / 1e9;
    seconds.computeIfAbsent(what, w -> new ArrayList<>()).add(took);
    System.err.printf(Locale.ROOT, "  %s: %.2f s%n", what, took);
  }

  /** The rounds that count, in their order. */
  List<Double> warm(String what) {
    List<Double> all = seconds.get(what);
    return all.subList(1, all.size());
  }

  double median(String what) {
    List<Double> sorted = warm(what).stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  static String markdown(List<String> header, List<List<String>> rows) {
    List<List<String>> lines = new ArrayList<>(List.of(header));
    lines.add(header.stream().map(h -> "---").toList());
    lines.addAll(rows);
    return lines.stream()
        .map(cells -> "| " + String.join(" | ", cells) + " |")
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
