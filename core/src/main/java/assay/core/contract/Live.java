package assay.core.contract;

import java.time.Duration;

/**
 * How the stream keeps a metric set up to date.
 *
 * @param every the trigger interval
 * @param window the tumbling window of a partial, aligned to the epoch in UTC, at most a day
 * @param publish how often the serving table is written
 */
public record Live(Duration every, Duration window, Duration publish) {}
