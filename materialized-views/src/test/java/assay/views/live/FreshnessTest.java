package assay.views.live;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.testing.TestSpark;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreshnessTest {
  private final SparkSession spark = TestSpark.session();

  @Test
  void theNewestMinuteOfEachViewIsReadWithoutSpark(@TempDir Path folder) {
    Lake lake = new Lake(folder.toString());
    assertThat(Freshness.newest(lake, new Configuration())).isEmpty();
    Instant now = Instant.now();
    FreshnessLog log = new FreshnessLog(lake, "flights");
    // Half of the rows were 100 ms old when they were looked at, which was 2 s before the commit.
    Histogram ages = new Histogram(2);
    ages.setStartTimeStamp(now.toEpochMilli());
    ages.recordValueWithCount(100, 500);
    ages.recordValueWithCount(8_000, 500);
    log.record("route_day", ages, now.plusMillis(2_000), 4096);
    log.failed("origin_day", new IllegalStateException("no space left"));
    log.flush(spark, now.plusSeconds(10));
    assertThat(Freshness.newest(lake, new Configuration())).isEmpty();
    log.flush(spark, now.plusSeconds(70));
    assertThat(Freshness.newest(lake, new Configuration()))
        .extracting(Freshness::view)
        .containsExactly("origin_day", "route_day");
    Freshness failed = Freshness.newest(lake, new Configuration()).iterator().next();
    assertThat(failed.error()).contains("java.lang.IllegalStateException: no space left");
    assertThat(failed.p99Millis()).isEqualTo(OptionalLong.empty());
    log.record("route_day", ages, now.plusMillis(2_000), 4096);
    log.record("origin_day", ages, now.plusMillis(2_000), 8192);
    log.flush(spark, now.plusSeconds(140));
    assertThat(Freshness.newest(lake, new Configuration()))
        .allSatisfy(
            fresh -> {
              assertThat(fresh.rows()).isEqualTo(1000);
              assertThat(fresh.p50Millis().orElseThrow()).isBetween(2_080L, 2_120L);
              assertThat(fresh.p99Millis().orElseThrow()).isBetween(9_900L, 10_100L);
              assertThat(fresh.error()).isEqualTo(Optional.empty());
            });
  }
}
