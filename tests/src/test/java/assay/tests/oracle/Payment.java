package assay.tests.oracle;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * The columns of a payment, null where nothing (readable) is there or the contract has no such
 * column.
 *
 * @param amount of the contract's type, whichever that is
 */
public record Payment(
    String paymentId, Instant paidAt, Long revision, Long amount, String kind, String note) {

  static final Payment UNREAD = new Payment(null, null, null, null, null, null);

  /** The day of the event time, null without one. */
  public LocalDate eventDate() {
    return paidAt == null ? null : LocalDate.ofInstant(paidAt, ZoneOffset.UTC);
  }
}
