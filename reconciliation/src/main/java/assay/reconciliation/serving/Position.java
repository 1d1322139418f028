package assay.reconciliation.serving;

import java.util.Optional;

/**
 * Where a metric set stands.
 *
 * @param share percent of consumers that read the stream: 0 in shadow, 1 to 99 as a canary, 100
 *     where it is primary
 * @param pinned the side that everyone reads, whatever the stage
 * @param halfOpen whether the stream was put back and has not been forward again
 */
public record Position(Stage stage, int share, Optional<Side> pinned, boolean halfOpen) {
  static final Position FIRST = new Position(Stage.SHADOW, 0, Optional.empty(), false);

  public Position {
    boolean fits =
        switch (stage) {
          case SHADOW -> share == 0;
          case CANARY -> share > 0 && share < 100;
          case PRIMARY -> share == 100;
        };
    if (!fits || (halfOpen && stage != Stage.SHADOW)) {
      throw new IllegalArgumentException(
          "no position: %s at %d %%, half open %s".formatted(stage, share, halfOpen));
    }
  }

  /** What the table of all consumers holds. */
  public Side main() {
    return pinned.orElse(stage == Stage.PRIMARY ? Side.LIVE : Side.BATCH);
  }

  /** What the table of the canary's consumers holds. */
  public Side canary() {
    return pinned.orElse(stage == Stage.SHADOW ? Side.BATCH : Side.LIVE);
  }

  /** For people: {@code canary at 10 %, pinned on batch}. */
  public String inWords() {
    return stage.label()
        + (stage == Stage.CANARY ? " at " + share + " %" : "")
        + pinned.map(side -> ", pinned on " + side.label()).orElse("");
  }
}
