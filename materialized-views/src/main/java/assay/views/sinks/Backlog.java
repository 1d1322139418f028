package assay.views.sinks;

import java.util.Optional;
import java.util.OptionalLong;

/** What a sink has not sent yet. */
sealed interface Backlog permits SetAsideRows, ViewChanges {
  /**
   * Tells positions that count from one beginning from those that count from another; empty where
   * there is no table yet.
   */
  Optional<String> identity();

  /**
   * What came behind a position, up to now; from the beginning where it is empty.
   *
   * @return empty where nothing came
   */
  Optional<Outgoing> after(OptionalLong position);
}
