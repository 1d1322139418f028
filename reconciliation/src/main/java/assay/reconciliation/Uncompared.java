package assay.reconciliation;

import assay.core.AssayException;

/**
 * A metric set, or a `latest` live view, that could not be compared, which does not keep others
 * from being.
 *
 * @param why which side is not there, or was made under another definition, and what to do
 */
public record Uncompared(String domain, String name, AssayException why) {}
