package assay.gold.upkeep;

import java.util.Optional;

/**
 * What a vacuum of one table deleted, or would delete.
 *
 * @param files deleted
 * @param bytes in them
 * @param leftAlone why nothing was; empty where the table was vacuumed
 */
public record Vacuumed(String table, long files, long bytes, Optional<String> leftAlone) {}
