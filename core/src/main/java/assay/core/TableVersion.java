package assay.core;

/**
 * A version of a table, by what tells it from others.
 *
 * @param id that the table got when it was created; one made anew has another
 * @param columns names, types and partitioning, as one text to compare
 */
public record TableVersion(String id, long version, String columns) {}
