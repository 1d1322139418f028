package assay.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SparkSessionsTest {
  @Test
  void aSessionOfItsOwnRunsOnThisMachineAndIsReachedFromNowhereElse() {
    assertThat(SparkSessions.merge(Map.of(), Set.of("user.timezone")))
        .containsEntry("spark.master", "local[*]")
        .containsEntry("spark.driver.host", "127.0.0.1")
        .containsEntry("spark.driver.bindAddress", "127.0.0.1")
        .containsEntry("spark.ui.enabled", "false")
        .containsEntry("spark.sql.session.timeZone", "UTC");
  }

  @Test
  void sparkSubmitSaysWhereTheDriverRuns() {
    Map<String, String> laptop = Map.of("spark.master", "local[2]", "spark.driver.host", "laptop");
    assertThat(SparkSessions.merge(laptop, Set.of("spark.submit.deployMode", "spark.master")))
        .doesNotContainKeys("spark.master", "spark.driver.host", "spark.driver.bindAddress")
        .containsEntry("spark.sql.session.timeZone", "UTC");
    assertThat(SparkSessions.merge(Map.of(), Set.of("spark.master")))
        .doesNotContainKeys("spark.master", "spark.driver.host", "spark.driver.bindAddress");
  }

  @Test
  void whatSparkSubmitWasGivenWinsOverTheDefaultsAndTheSettingsFileOverBoth() {
    Set<String> given = Set.of("spark.sql.shuffle.partitions", "spark.ui.enabled");
    assertThat(SparkSessions.merge(Map.of("spark.ui.enabled", "true"), given))
        .doesNotContainKey("spark.sql.shuffle.partitions")
        .containsEntry("spark.ui.enabled", "true");
  }

  @Test
  void whatTheTablesDependOnIsNotToBeHadOtherwise() {
    assertThat(SparkSessions.merge(Map.of(), Set.of("spark.sql.session.timeZone")))
        .containsEntry("spark.sql.session.timeZone", "UTC");
    assertThatThrownBy(
            () -> SparkSessions.merge(Map.of("spark.sql.ansi.enabled", "false"), Set.of()))
        .isInstanceOf(AssayException.class)
        .hasMessage("spark setting spark.sql.ansi.enabled is false, Assay's tables need true");
  }
}
