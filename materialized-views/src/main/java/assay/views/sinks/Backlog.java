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
   * @param begun up to where something was sent already, nobody knows how much of it; where it lies
   *     apart from the position, that is brought to its end first
   * @return empty where nothing came
   */
  Optional<Outgoing> after(OptionalLong position, OptionalLong begun);

  /** Whether what was sent once may have to be taken back, so that its beginning must be known. */
  boolean takesBack();
}
