package assay.gold.upkeep;

import java.time.Duration;

/**
 * A table that forgets sooner than Assay may need to remember.
 *
 * @param property of the table
 * @param keeps what the table keeps
 * @param needs what it should keep at least
 * @param endangersIdempotence whether a run that is repeated may write its rows a second time
 * @param consequence in a person's words
 * @param mend the SQL that sets it right
 */
public record RetentionFinding(
    String table,
    String property,
    Duration keeps,
    Duration needs,
    boolean endangersIdempotence,
    String consequence,
    String mend) {}
