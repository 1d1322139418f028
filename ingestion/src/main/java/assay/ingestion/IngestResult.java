package assay.ingestion;

/**
 * What a run of ingestion did.
 *
 * @param rows appended by this run
 * @param batches micro-batches of this run that had rows
 * @param version of the bronze table afterwards
 */
public record IngestResult(String domain, long rows, long batches, long version) {}
