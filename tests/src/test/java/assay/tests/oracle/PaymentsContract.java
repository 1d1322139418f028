package assay.tests.oracle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The contract of payments at one time of its life, and "Reading a row" of the page for it.
 *
 * @param debezium whether values are the envelopes of change data capture
 * @param ordered whether {@code order_by} is {@code revision}; nothing otherwise
 * @param strict whether the rule {@code known_kind} lets {@code cash} pass; a strict contract also
 *     counts some payments only
 * @param noted whether there is a column for notes
 * @param wide whether {@code amount} is a {@code long}; an {@code int} otherwise
 */
public record PaymentsContract(
    boolean debezium, boolean ordered, boolean strict, boolean noted, boolean wide) {

  public static final String KNOWN_KIND = "known_kind";
  public static final String POSITIVE = "positive";

  private static final Comparator<Payment> BY_REVISION =
      Comparator.comparing(Payment::revision, Comparator.nullsFirst(Comparator.naturalOrder()));

  /** The contract's {@code order_by}. */
  public Comparator<Payment> orderBy() {
    // Rows of one key have one id: a tie, that partition and offset decide.
    return ordered ? BY_REVISION : Comparator.comparing(Payment::paymentId);
  }

  /** The filter of the metric set, which stands in strict contracts only. */
  public boolean counts(Payment payment) {
    boolean later = payment.revision() != null && payment.revision() > 1;
    boolean other = payment.amount() != null && payment.amount() != 5;
    return !strict || (later && other);
  }

  public Reading<Payment> read(BronzeRow row) {
    if (row.value().isEmpty()) {
      return debezium && row.key().isPresent()
          ? readDelete(row, Map.of())
          : unreadable(row, "value(null)");
    }
    Optional<String> text = Texts.decode(row.value().get());
    if (text.isEmpty()) {
      return unreadable(row, "value(utf8)");
    }
    Optional<Map<String, String>> fields = JsonTexts.read(text.get());
    if (fields.isEmpty()) {
      return unreadable(row, "value(json)");
    }
    return debezium ? readEnvelope(row, unwrap(fields.get())) : readUpsert(row, fields.get());
  }

  private Reading<Payment> readEnvelope(BronzeRow row, Map<String, String> envelope) {
    return switch (envelope.getOrDefault("op", "")) {
      case "c", "r", "u" ->
          object(envelope.get("after"))
              .map(after -> readUpsert(row, after))
              .orElseGet(() -> unreadable(row, "value(after)"));
      case "d" -> readDelete(row, object(envelope.get("before")).orElse(Map.of()));
      case "t" ->
          new Reading<>(row, List.of(), false, Operation.TRUNCATE, null, Payment.UNREAD, false);
      default -> unreadable(row, "value(op)");
    };
  }

  private Reading<Payment> readUpsert(BronzeRow row, Map<String, String> texts) {
    ColumnTexts columns = new ColumnTexts(texts);
    Payment payment = readColumns(columns);
    List<String> failed = new ArrayList<>(columns.failed());
    if (payment.kind() != null && !kinds().contains(payment.kind())) {
      failed.add(KNOWN_KIND);
    }
    if (payment.amount() != null && payment.amount() < 0) {
      failed.add(POSITIVE);
    }
    return reading(row, failed, Operation.UPSERT, payment);
  }

  /** Of a delete only the key must be there; what is not of its type is not there. */
  private Reading<Payment> readDelete(BronzeRow row, Map<String, String> before) {
    Map<String, String> texts = new HashMap<>(before);
    if (!texts.containsKey("payment_id")) {
      row.key()
          .flatMap(Texts::decode)
          .flatMap(JsonTexts::read)
          .map(PaymentsContract::unwrap)
          .map(key -> key.get("payment_id"))
          .ifPresent(id -> texts.put("payment_id", id));
    }
    Payment payment = readColumns(new ColumnTexts(texts));
    List<String> failed = payment.paymentId() == null ? List.of("required(payment_id)") : List.of();
    return reading(row, failed, Operation.DELETE, payment);
  }

  private Reading<Payment> reading(
      BronzeRow row, List<String> failed, Operation operation, Payment payment) {
    boolean fails = failed.stream().anyMatch(name -> !name.equals(POSITIVE));
    return new Reading<>(
        row,
        failed,
        fails,
        operation,
        payment.paymentId(),
        payment,
        ordered && payment.revision() != null);
  }

  private Payment readColumns(ColumnTexts columns) {
    Function<String, Optional<Long>> ofInt = text -> Texts.toInt(text).map(Integer::longValue);
    return new Payment(
        columns.required("payment_id", Optional::of),
        columns.required("paid_at", Texts::toTimestamp),
        columns.optional("revision", ofInt),
        columns.optional("amount", wide ? Texts::toLong : ofInt),
        columns.required("kind", Optional::of),
        noted ? columns.optional("note", Optional::of) : null);
  }

  private Set<String> kinds() {
    return strict ? Set.of("card") : Set.of("card", "cash");
  }

  /** The payload where an object is one with its schema, else the object. */
  private static Map<String, String> unwrap(Map<String, String> object) {
    return object.containsKey("schema") && object.containsKey("payload")
        ? JsonTexts.read(object.get("payload")).orElse(Map.of())
        : object;
  }

  private static Optional<Map<String, String>> object(String text) {
    return Optional.ofNullable(text).flatMap(JsonTexts::read);
  }

  private static Reading<Payment> unreadable(BronzeRow row, String name) {
    return new Reading<>(row, List.of(name), true, Operation.UPSERT, null, Payment.UNREAD, false);
  }
}
