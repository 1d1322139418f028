package assay.core.runs;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.Lake;
import assay.core.testing.TestSpark;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  @TempDir Path folder;

  @Test
  void whatSparkWritesIsReadWithoutSpark() {
    Lake lake = new Lake(folder.toString());
    RunHistory history = new RunHistory(lake, new Configuration());
    assertThat(history.newest()).as("before any stage has run").isEmpty();

    RunRecord done =
        new RunRecord(
            "one",
            "silver",
            "flights",
            Optional.empty(),
            Instant.parse("2026-01-01T23:59:59.123456Z"),
            Duration.ofMillis(1234),
            RunRecord.DONE,
            Map.of("loaded", 7L, "late", 0L),
            Map.of("silver", 3L),
            100,
            200,
            Optional.empty());
    RunRecord failed =
        new RunRecord(
            "two",
            "gold",
            "flights",
            Optional.of("2001-01-01"),
            Instant.parse("2026-01-02T00:00:00Z"),
            Duration.ZERO,
            "failed",
            Map.of(),
            Map.of(),
            0,
            0,
            Optional.of("there is no silver to read"));
    RunLog log = new RunLog(TestSpark.session(), lake);
    log.append(done);
    log.append(failed);
    log.append(done);
    assertThat(history.newest()).containsExactly(failed, done);
  }
}
