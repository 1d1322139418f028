package assay.core.yaml;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds what a user may have meant. */
public final class Nearest {
  private Nearest() {}

  /** The known word with the fewest typing mistakes; empty where none is near. */
  public static Optional<String> to(String word, Collection<String> known) {
    String lower = word.toLowerCase(Locale.ROOT);
    int allowed = Math.max(1, word.length() / 3);
    String best = null;
    int fewest = Integer.MAX_VALUE;
    for (String candidate : known) {
      if (Math.abs(candidate.length() - word.length()) > allowed) {
        continue;
      }
      int mistakes = distance(lower, candidate.toLowerCase(Locale.ROOT));
      boolean firstAlphabetically = best != null && candidate.compareTo(best) < 0;
      if (mistakes < fewest || (mistakes == fewest && firstAlphabetically)) {
        fewest = mistakes;
        best = candidate;
      }
    }
    return fewest <= allowed ? Optional.ofNullable(best) : Optional.empty();
  }

  /** "Did you mean `x`?", or the list of what there is. */
  public static String mend(String word, Collection<String> known) {
    return to(word, known)
        .map(near -> "Did you mean `" + near + "`?")
        .orElseGet(() -> known.isEmpty() ? "Remove it." : "Known here: " + list(known) + ".");
  }

  /** `a`, `b`, `c` */
  public static String list(Collection<String> words) {
    return words.stream().map(w -> "`" + w + "`").collect(Collectors.joining(", "));
  }

  /** Insertions, deletions, replacements and swaps of neighbours that turn one into the other. */
  private static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] spare = beforeLast;
      beforeLast = last;
      last = row;
      row = spare;
    }
    return last[b.length()];
  }
}
