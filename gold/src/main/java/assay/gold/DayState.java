package assay.gold;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;

import assay.core.LakeTable;
import assay.core.contract.Contract;
import assay.ingestion.Bronze;
import assay.silver.Cut;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.apache.spark.sql.Row;

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
   * @param firstUnread when the first row that silver has not read came to bronze, see {@link
   *     #firstUnread}
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

  /**
   * When the first row that silver has not read came to bronze; empty where it has read all.
   *
   * @param read what silver has read
   */
  static Optional<Instant> firstUnread(LakeTable bronze, long bronzeVersion, Cut read) {
    Row row =
        bronze
            .readAt(bronzeVersion)
            .where(not(read.covers(col(Bronze.PARTITION), col(Bronze.OFFSET))))
            .agg(min(col(Bronze.INGESTED_AT)))
            .head();
    return Optional.ofNullable(row.getInstant(0));
  }
}
