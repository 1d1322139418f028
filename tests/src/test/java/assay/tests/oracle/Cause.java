package assay.tests.oracle;

import java.util.Locale;
import java.util.Optional;

/** Why a row is in one number only: the last table of the page, for paths that have read all. */
public enum Cause {
  LATE,
  DUPLICATE,
  SUPERSEDED,
  QUARANTINED;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Empty where the row makes no difference. */
  static Optional<Cause> of(Disposition live, Disposition batch) {
    if (live == Disposition.COUNTED) {
      return switch (batch) {
        case SUPERSEDED -> Optional.of(SUPERSEDED);
        case DUPLICATE -> Optional.of(DUPLICATE);
        case QUARANTINED -> Optional.of(QUARANTINED);
        default -> Optional.empty();
      };
    }
    if (batch != Disposition.LOADED) {
      return Optional.empty();
    }
    return switch (live) {
      case LATE -> Optional.of(LATE);
      case DUPLICATE, SUPERSEDED -> Optional.of(SUPERSEDED);
      case QUARANTINED -> Optional.of(QUARANTINED);
      default -> Optional.empty();
    };
  }
}
