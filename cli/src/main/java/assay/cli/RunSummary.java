package assay.cli;

import java.util.Map;

/**
 * What a run did, for a person and for {@code ops/runs}.
 *
 * @param words for the line that ends its progress
 * @param rows by what became of them
 * @param versions of tables
 */
record RunSummary(String words, Map<String, Long> rows, Map<String, Long> versions) {}
