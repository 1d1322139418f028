package assay.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToleranceProposalsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.001, 0.1%",
    "0.0012, 0.2%",
    "0.0051, 1%",
    "0.02, 2%",
    "0.33, 50%",
    "0.7, 100%",
    "1, 100%",
    "0.000000001, 0.0000001%"
  })
  void aShareIsRoundedUpToOneTwoOrFive(double share, String tolerance) {
    assertThat(ToleranceProposals.roundedUp(share)).isEqualTo(tolerance);
  }
}
