package assay.core.sql;

import assay.core.yaml.Position;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One SELECT whose result is kept as a table. It was read by {@link SelectReader}: it names tables
 * of the lake only, and the same rows give the same answer.
 *
 * @param table that it makes
 * @param file as its reader named it, for messages
 * @param text the whole file
 * @param body what stands behind the header
 * @param references every place where it names a table, in the order of the text
 * @param usesAsOf whether it has the parameter {@code :as_of}
 */
public record SqlQuery(
    TableName table,
    String file,
    String text,
    String body,
    List<Reference> references,
    boolean usesAsOf) {
  /** The parameter that stands for the last day that has ended. */
  public static final String AS_OF = "as_of";

  /** {@code TABLE gold.x} takes no alias. */
  private static final Pattern BARE = Pattern.compile("(?is).*\\btable\\s*");

  public SqlQuery {
    references = List.copyOf(references);
  }

  /**
   * A table that the text names.
   *
   * @param from where the name begins, in code points of the text, from 0
   * @param to where it ends, exclusive
   * @param aliased whether the text gives it a name of its own
   */
  public record Reference(TableName table, int from, int to, Position at, boolean aliased) {}

  /** The tables that it reads. */
  public SortedSet<TableName> reads() {
    return references.stream().map(Reference::table).collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The text with other names for the tables. Columns are still found by the table's own name.
   *
   * @param names a table's other name, as SQL writes it
   */
  public String textOver(Function<TableName, String> names) {
    StringBuilder over = new StringBuilder(text);
    references.stream()
        .sorted(Comparator.comparingInt(Reference::from).reversed())
        .forEach(
            reference -> {
              int from = text.offsetByCodePoints(0, reference.from());
              int to = text.offsetByCodePoints(0, reference.to());
              boolean bare = reference.aliased() || BARE.matcher(text.substring(0, from)).matches();
              String name = names.apply(reference.table());
              String own = bare ? "" : " AS `" + reference.table().name() + "`";
              over.replace(from, to, name + own);
            });
    return over.toString();
  }

  /** SHA-256, in hex, of the query without its header. */
  public String hash() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
