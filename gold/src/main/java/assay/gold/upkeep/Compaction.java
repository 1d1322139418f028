package assay.gold.upkeep;

import java.util.OptionalLong;

/**
 * What a compaction did, or would do.
 *
 * @param filesAfter how many files took the place of the planned ones; empty where nothing was
 *     written
 */
public record Compaction(CompactionPlan plan, OptionalLong filesAfter) {}
