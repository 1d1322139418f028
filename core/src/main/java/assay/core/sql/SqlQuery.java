package assay.core.sql;

import assay.core.yaml.Position;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
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
 * @param asOf every place where it has the parameter {@code :as_of}
 */
public record SqlQuery(
    TableName table,
    String file,
    String text,
    String body,
    List<Reference> references,
    List<Place> asOf) {
  /** The parameter that stands for the last day that has ended, or for a view's minute. */
  public static final String AS_OF = "as_of";

  /** {@code TABLE gold.x} takes no alias. */
  private static final Pattern BARE = Pattern.compile("(?is).*\\btable\\s*");

  public SqlQuery {
    references = List.copyOf(references);
    asOf = List.copyOf(asOf);
  }

  /**
   * A part of the text.
   *
   * @param from where it begins, in code points, from 0
   * @param to where it ends, exclusive
   */
  public record Place(int from, int to) {}

  /**
   * A table that the text names.
   *
   * @param at for messages
   * @param aliased whether the text gives it a name of its own
   */
  public record Reference(TableName table, Place place, Position at, boolean aliased) {}

  /** Whether it has the parameter {@code :as_of}. */
  public boolean usesAsOf() {
    return !asOf.isEmpty();
  }

  /** The tables that it reads. */
  public SortedSet<TableName> reads() {
    return references.stream().map(Reference::table).collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The text as it is run: with other names for the tables and a value for {@code :as_of}. Columns
   * are still found by the table's own name. Spark could bind the parameter itself, but Delta's
   * extension of its parser (4.4.0) loses it on the way.
   *
   * @param names a table's other name, as SQL writes it
   * @param asOfValue a literal, as {@link #literal} makes it
   */
  public String textOver(Function<TableName, String> names, String asOfValue) {
    SortedMap<Integer, Place> places = new TreeMap<>(Comparator.reverseOrder());
    Map<Place, String> texts = new HashMap<>();
    for (Reference reference : references) {
      places.put(reference.place().from(), reference.place());
      texts.put(reference.place(), names.apply(reference.table()) + ownName(reference));
    }
    for (Place place : asOf) {
      places.put(place.from(), place);
      texts.put(place, asOfValue);
    }
    StringBuilder over = new StringBuilder(text);
    // From the end, so that what is replaced moves nothing that is still to come.
    places
        .values()
        .forEach(place -> over.replace(index(place.from()), index(place.to()), texts.get(place)));
    return over.toString();
  }

  /** A day as SQL writes it. */
  public static String literal(LocalDate day) {
    return "DATE'" + day + "'";
  }

  /** A moment as SQL writes it in a session of UTC. */
  public static String literal(Instant moment) {
    return "TIMESTAMP'" + moment + "'";
  }

  private String ownName(Reference reference) {
    boolean takesNone =
        reference.aliased()
            || BARE.matcher(text.substring(0, index(reference.place().from()))).matches();
    return takesNone ? "" : " AS `" + reference.table().name() + "`";
  }

  private int index(int codePoints) {
    return text.offsetByCodePoints(0, codePoints);
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
