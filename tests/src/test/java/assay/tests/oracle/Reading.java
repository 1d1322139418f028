package assay.tests.oracle;

import java.util.List;

/**
 * A row of bronze as it was read under some contract: all that the batch path judges by.
 *
 * @param <C> the contract's columns, null where nothing (readable) is there; equal where all
 *     columns are
 * @param failed the names of all that failed, in the order of the page
 * @param fails whether any name but that of a rule that only warns is on the list
 * @param key whose row it is; null for a truncate and where it was not read
 * @param ordered whether any column of {@code order_by} has a value
 */
public record Reading<C>(
    BronzeRow row,
    List<String> failed,
    boolean fails,
    Operation operation,
    Object key,
    C columns,
    boolean ordered) {
  public Reading {
    failed = List.copyOf(failed);
  }
}
