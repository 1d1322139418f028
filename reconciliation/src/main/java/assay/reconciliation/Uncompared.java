package assay.reconciliation;

import assay.core.AssayException;
import assay.core.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A metric set, or a `latest` live view, that could not be compared, which does not keep others
 * from being.
 *
 * @param why which side is not there, or was made under another definition, and what to do
 */
public record Uncompared(String domain, String name, AssayException why) {

  /**
   * Does the part of a comparison that needs both sides.
   *
   * @param missing takes the one that lacks a side; the outcome is empty then
   */
  static <T> Optional<T> attempt(
      String domain, String name, List<Uncompared> missing, Supplier<T> work) {
    try {
      return Optional.of(work.get());
    } catch (AssayException e) {
      if (e.code() != ErrorCode.INCONCLUSIVE) {
        throw e;
      }
      missing.add(new Uncompared(domain, name, e));
      return Optional.empty();
    }
  }
}
