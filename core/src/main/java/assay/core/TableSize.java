package assay.core;

/**
 * How much a table, or a part of it, holds.
 *
 * @param files of data
 * @param rows in them
 * @param bytes of the files on disk
 */
public record TableSize(long files, long rows, long bytes) {
  public static final TableSize NONE = new TableSize(0, 0, 0);

  public TableSize plus(TableSize other) {
    return new TableSize(files + other.files, rows + other.rows, bytes + other.bytes);
  }
}
