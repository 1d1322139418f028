package assay.reconciliation.serving;

import assay.core.AssayException;
import assay.core.contract.MetricSet;
import assay.core.contract.Promotion;
import java.util.List;
import java.util.Optional;

/**
 * The steps between positions: forward one at a time, back to any that is behind. Whether the
 * evidence allows a step forward is asked elsewhere, see {@link Readiness}.
 */
final class StageMachine {
  private final String metrics;
  private final List<Integer> shares;

  StageMachine(MetricSet metrics) {
    this(metrics.name(), metrics.promote().map(Promotion::canary).orElse(List.of()));
  }

  /**
   * @param shares of the canary's steps, percent, rising
   */
  StageMachine(String metrics, List<Integer> shares) {
    this.metrics = metrics;
    this.shares = List.copyOf(shares);
  }

  /** The next step forward; empty where there is none. */
  Optional<Position> next(Position from) {
    if (from.stage() == Stage.PRIMARY) {
      return Optional.empty();
    }
    return Optional.of(
        shares.stream()
            .filter(share -> share > from.share())
            .findFirst()
            .map(share -> new Position(Stage.CANARY, share, Optional.empty(), false))
            .orElse(new Position(Stage.PRIMARY, 100, Optional.empty(), false)));
  }

  Position promote(Position from) {
    refusePinned(from);
    return next(from).orElseThrow(() -> refused("is primary already", "there is no further step"));
  }

  /**
   * One step or more back, by hand.
   *
   * @param to shadow where it is left out
   */
  Position rollBack(Position from, Optional<Stage> to) {
    refusePinned(from);
    Stage target = to.orElse(Stage.SHADOW);
    if (target.compareTo(from.stage()) >= 0) {
      throw refused(
          "is " + from.inWords() + ", which is not ahead of " + target.label(),
          "a step forward is 'assay promote " + metrics + "'");
    }
    if (target == Stage.SHADOW) {
      return new Position(Stage.SHADOW, 0, Optional.empty(), true);
    }
    if (shares.isEmpty()) {
      throw refused(
          "has no canary in its contract", "roll back to shadow, or add 'canary:' to 'promote:'");
    }
    return new Position(Stage.CANARY, shares.get(shares.size() - 1), Optional.empty(), false);
  }

  /** Back to batch by itself. */
  Position fallBack(Position from) {
    return rollBack(from, Optional.of(Stage.SHADOW));
  }

  Position pin(Position from, Side side) {
    if (from.pinned().equals(Optional.of(side))) {
      throw refused("is pinned on " + side.label() + " already", "there is nothing to do");
    }
    return new Position(from.stage(), from.share(), Optional.of(side), from.halfOpen());
  }

  Position unpin(Position from) {
    if (from.pinned().isEmpty()) {
      throw refused("is not pinned", "there is nothing to do");
    }
    return new Position(from.stage(), from.share(), Optional.empty(), from.halfOpen());
  }

  private void refusePinned(Position from) {
    from.pinned()
        .ifPresent(
            side -> {
              throw refused(
                  "is pinned on " + side.label(),
                  "run 'assay serving unpin " + metrics + "' first");
            });
  }

  private AssayException refused(String why, String mend) {
    return AssayException.usage(metrics + " " + why, mend);
  }
}
