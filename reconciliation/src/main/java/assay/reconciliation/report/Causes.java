package assay.reconciliation.report;

import assay.reconciliation.Cause;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The causes of differences as the tables name them, in one order everywhere. */
final class Causes {
  static final List<String> ORDER =
      Stream.concat(
              Arrays.stream(Cause.values()).map(Cause::label), Stream.of(ReportModel.UNEXPLAINED))
          .toList();

  private Causes() {}

  static List<String> inOrder(List<String> causes) {
    return causes.stream().sorted(Comparator.comparingInt(ORDER::indexOf)).toList();
  }

  /** What a cause means, for somebody who has never heard of it. */
  static String meaning(String cause) {
    return switch (cause) {
      case "late" ->
          "came later than the stream waits (the contract's allowed_lateness): batch counts the row, the"
              + " stream does not";
      case "duplicate" -> "came twice, and one side counted it once more than the other";
      case "superseded" ->
          "was corrected by a newer row of its key: batch keeps the newest, the stream counted the"
              + " older one too";
      case "quarantined" -> "failed a rule on one side only";
      case "enrichment" -> "was looked up in a reference table at two moments, with two outcomes";
      case "cut" -> "had been read by one side only when the two were compared: a matter of time";
      case "sketch" ->
          "is no row: the stream estimates this measure, and this is the estimate's own error";
      case ReportModel.UNEXPLAINED -> "is what no row explains: an engineer has to look";
      default -> "has no explanation on this page";
    };
  }
}
