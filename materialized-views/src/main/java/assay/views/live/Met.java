package assay.views.live;

import assay.core.rows.SharedHashes;
import assay.views.live.StandingRows.Standing;
import java.util.List;

/**
 * Which rows of a micro-batch may be of a key that another row of it, or a row that counts already,
 * is of. The other rows count without a further look.
 *
 * @param keys hashes of their keys
 * @param standing the rows that count already and may be of these keys
 * @param rows how many rows all of these are, at most
 */
record Met(SharedHashes keys, List<Standing> standing, long rows) implements AutoCloseable {
  /** As many as one task sorts sooner than several that shuffle. */
  private static final long FEW = 100_000;

  Met {
    standing = List.copyOf(standing);
  }

  boolean few() {
    return rows <= FEW;
  }

  @Override
  public void close() {
    keys.close();
  }
}
