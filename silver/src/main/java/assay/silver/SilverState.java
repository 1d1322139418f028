package assay.silver;

import java.util.Map;
import java.util.OptionalLong;

/**
 * A version of silver with all that its commit names: which versions of the tables beside it belong
 * to it, and how far into bronze they reach. Rows that those tables hold in later versions belong
 * to a run that has not ended, or never will.
 *
 * @param version of silver
 * @param exceptions version of the exceptions that belong to it
 * @param quarantine version of the quarantine that belongs to it
 * @param lastBatch the newest micro-batch of silver's query in it; empty before the first
 * @param read the point in bronze up to which silver has read
 * @param rowsRead how many rows of bronze that is
 * @param rewrites how often rows were read anew by then
 * @param references the version of the reference table that each look-up of the contract read last,
 *     by its name
 */
public record SilverState(
    long version,
    long exceptions,
    long quarantine,
    OptionalLong lastBatch,
    Cut read,
    long rowsRead,
    long rewrites,
    Map<String, Long> references) {
  public SilverState {
    references = Map.copyOf(references);
  }
}
