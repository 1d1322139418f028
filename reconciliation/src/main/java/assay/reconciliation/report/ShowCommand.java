package assay.reconciliation.report;

import assay.reconciliation.report.ReportModel.CellReport;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The command that lists the rows behind a difference, as a shell takes it. */
final class ShowCommand {
  private ShowCommand() {}

  /** For the cause that moves the number most; where no row has one, the command that looks. */
  static String of(String metrics, LocalDate day, CellReport cell) {
    Optional<String> cause =
        cell.terms().entrySet().stream()
            .filter(term -> isOfRows(term.getKey()))
            .max(Comparator.comparing((Map.Entry<String, BigDecimal> t) -> t.getValue().abs()))
            .map(Map.Entry::getKey);
    if (cause.isEmpty()) {
      return "assay reconcile --date " + day + " --explain";
    }
    String dimensions =
        cell.dimensions().stream()
            .map(d -> d.name() + "=" + d.value().orElse(""))
            .collect(Collectors.joining(","));
    String show =
        "assay reconcile --show %s --date %s --metrics %s".formatted(cause.get(), day, metrics);
    return dimensions.isEmpty() ? show : show + " --cell " + quoted(dimensions);
  }

  private static boolean isOfRows(String cause) {
    return !cause.equals("sketch") && !cause.equals(ReportModel.UNEXPLAINED);
  }

  private static String quoted(String text) {
    boolean plain =
        text.chars()
            .allMatch(
                c -> c < 128 && (Character.isLetterOrDigit(c) || "_=,.:/@+-".indexOf(c) >= 0));
    return plain ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
