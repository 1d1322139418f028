package assay.reconciliation.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The stages as a plain list of levels: 0 %, the shares of the canary, 100 %. What everybody reads
 * is written out once more, from what a person would expect.
 */
final class StageModel {
  /** What may be asked for. */
  enum Move {
    PROMOTE,
    BACK,
    BACK_TO_CANARY,
    BACK_TO_PRIMARY,
    FALL,
    PIN_BATCH,
    PIN_LIVE,
    UNPIN
  }

  private final List<Integer> levels = new ArrayList<>();
  private int level;
  private String pinned = "";
  private boolean wasPutBack;

  StageModel(List<Integer> shares) {
    levels.add(0);
    levels.addAll(shares);
    levels.add(100);
  }

  /** Whether the move is allowed; it is made then. */
  boolean apply(Move move) {
    switch (move) {
      case PROMOTE -> {
        if (!pinned.isEmpty() || level == levels.size() - 1) {
          return false;
        }
        level++;
        wasPutBack = false;
      }
      case BACK, FALL -> {
        if (!pinned.isEmpty() || level == 0) {
          return false;
        }
        level = 0;
        wasPutBack = true;
      }
      case BACK_TO_CANARY -> {
        boolean primary = level == levels.size() - 1;
        if (!pinned.isEmpty() || !primary || levels.size() == 2) {
          return false;
        }
        level--;
      }
      case BACK_TO_PRIMARY -> {
        return false;
      }
      case PIN_BATCH -> {
        return pin("batch");
      }
      case PIN_LIVE -> {
        return pin("live");
      }
      case UNPIN -> {
        if (pinned.isEmpty()) {
          return false;
        }
        pinned = "";
      }
    }
    return true;
  }

  private boolean pin(String side) {
    if (pinned.equals(side)) {
      return false;
    }
    pinned = side;
    return true;
  }

  /** The same by what is tested. */
  static Position apply(StageMachine machine, Position from, Move move) {
    return switch (move) {
      case PROMOTE -> machine.promote(from);
      case BACK -> machine.rollBack(from, Optional.empty());
      case BACK_TO_CANARY -> machine.rollBack(from, Optional.of(Stage.CANARY));
      case BACK_TO_PRIMARY -> machine.rollBack(from, Optional.of(Stage.PRIMARY));
      case FALL -> machine.fallBack(from);
      case PIN_BATCH -> machine.pin(from, Side.BATCH);
      case PIN_LIVE -> machine.pin(from, Side.LIVE);
      case UNPIN -> machine.unpin(from);
    };
  }

  void assertIs(Position position) {
    boolean primary = level == levels.size() - 1;
    assertThat(position.share()).isEqualTo(levels.get(level));
    assertThat(position.stage())
        .isEqualTo(primary ? Stage.PRIMARY : level == 0 ? Stage.SHADOW : Stage.CANARY);
    assertThat(position.halfOpen()).isEqualTo(wasPutBack);
    assertThat(position.pinned().map(Side::label).orElse("")).isEqualTo(pinned);
    String all = pinned.isEmpty() ? (primary ? "live" : "batch") : pinned;
    String some = pinned.isEmpty() ? (level > 0 ? "live" : "batch") : pinned;
    assertThat(position.main().label()).isEqualTo(all);
    assertThat(position.canary().label()).isEqualTo(some);
  }
}
