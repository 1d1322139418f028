package assay.reconciliation.serving;

import assay.core.contract.MetricSet;
import assay.core.contract.Promotion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Which consumers of a metric set read the stream first: those whose names hash lowest, so that a
 * consumer that is within a share is within every larger one.
 *
 * @param share percent, 0 to 100, that reads the canary's table
 * @param mainPath of the table for all others
 */
public record Consumers(String metrics, int share, String mainPath, String canaryPath) {
  private static final int BUCKETS = 10_000;
  private static final int BUCKETS_A_PERCENT = BUCKETS / 100;

  /**
   * The place of a consumer among 10,000: the first 8 bytes of the SHA-256 of {@code METRICS/NAME}
   * in UTF-8, as an unsigned number, modulo 10,000.
   */
  int bucket(String consumer) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((metrics + "/" + consumer).getBytes(StandardCharsets.UTF_8));
      return (int) Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), BUCKETS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Whether a consumer reads the canary's table. */
  public boolean isCanary(String consumer) {
    return bucket(consumer) < share * BUCKETS_A_PERCENT;
  }

  /** The table that a consumer reads. */
  public String path(String consumer) {
    return isCanary(consumer) ? canaryPath : mainPath;
  }

  /**
   * The share that reads the canary's table: that of the stage; before it the first one, and behind
   * it the last, when both tables hold the same.
   */
  static int share(MetricSet metrics, Position position) {
    List<Integer> shares = metrics.promote().map(Promotion::canary).orElse(List.of());
    if (position.stage() == Stage.CANARY) {
      return position.share();
    }
    if (shares.isEmpty()) {
      return 0;
    }
    return position.stage() == Stage.SHADOW ? shares.get(0) : shares.get(shares.size() - 1);
  }
}
