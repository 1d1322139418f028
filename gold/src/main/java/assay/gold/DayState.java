package assay.gold;

import assay.core.contract.Contract;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/** Whether a day's gold is final as far as anyone can know: closed, or open with the reason. */
public sealed interface DayState {

  /** All of bronze up to the day's end plus grace is in silver. */
  record Closed() implements DayState {}

  /**
   * Something of the day may still be missing.
   *
   * @param reason in a person's words
   */
  record Open(String reason) implements DayState {}

  /**
   * The state of a day at one instant.
   *
   * @param firstUnread when the first row that silver has not read came to bronze, see {@code
   *     Silver.firstUnread}
   * @param asOf the instant at which the question is asked
   */
  static DayState of(
      LocalDate day, Contract contract, Optional<Instant> firstUnread, Instant asOf) {
    Instant closes =
        day.plusDays(1).atStartOfDay(contract.zone()).toInstant().plus(contract.grace());
    if (asOf.isBefore(closes)) {
      return new Open("the day closes at " + closes);
    }
    return firstUnread.isPresent() && !firstUnread.get().isAfter(closes)
        ? new Open("silver has not read all of bronze up to " + closes)
        : new Closed();
  }
}
