package assay.tests.oracle;

import java.util.List;

/**
 * A bronze row as it was read.
 *
 * @param failed the names of all that failed, in the order of the page
 */
public record Event(BronzeRow row, Flight flight, List<String> failed) {
  public Event {
    failed = List.copyOf(failed);
  }

  /** Whether any name but that of a rule that only warns is on the list. */
  public boolean fails() {
    return failed.stream().anyMatch(name -> !name.equals(FlightReader.SANE_DELAY));
  }
}
