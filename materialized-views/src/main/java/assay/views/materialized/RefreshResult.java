package assay.views.materialized;

import java.time.Duration;

/**
 * What a refresh did.
 *
 * @param plan that it followed
 * @param rows of the view afterwards; -1 where nothing was written, or files do not tell
 * @param version of the view afterwards
 */
public record RefreshResult(RefreshPlan plan, long rows, long version, Duration took) {}
