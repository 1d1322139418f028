package assay.silver;

/**
 * A field of events that a contract could name.
 *
 * @param rows that have it, of those looked at
 * @param share of the rows looked at, above 0 and up to 1
 * @param type as a contract writes it: the narrowest that takes every value seen
 */
public record SuggestedColumn(String field, long rows, double share, String type) {}
