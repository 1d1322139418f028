package assay.core;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Days, each a domain's {@code event_date}.
 *
 * @param first inclusive
 * @param last inclusive, not before {@code first}, and less than {@link #LONGEST} days after it
 */
public record DayRange(LocalDate first, LocalDate last) {
  private static final long LONGEST = 3660;

  public DayRange {
    if (last.isBefore(first)) {
      throw AssayException.usage(
          "the days from " + first + " to " + last + " end before they begin",
          "give the earlier day first");
    }
    if (ChronoUnit.DAYS.between(first, last) >= LONGEST) {
      throw AssayException.usage(
          "the days from " + first + " to " + last + " are more than " + LONGEST,
          "give a shorter range; a check of every day needs no range");
    }
  }

  public List<LocalDate> days() {
    return first.datesUntil(last.plusDays(1)).toList();
  }

  @Override
  public String toString() {
    return first.equals(last) ? first.toString() : first + ".." + last;
  }
}
