package assay.silver;

/**
 * What a run of silver would read.
 *
 * @param rows of bronze that silver has not read
 * @param bytes of the files of bronze that hold them
 * @param bronzeVersion up to which it would read
 * @param silverVersion it would go on from; -1 where there is no silver yet
 */
public record SilverPlan(
    String domain, long rows, long bytes, long bronzeVersion, long silverVersion) {}
