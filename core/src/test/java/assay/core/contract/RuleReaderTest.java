package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleReaderTest {
  private static final String CHECK = "{check: \"amount >= 0\"}";

  @TempDir Path folder;
  private ContractText contract;

  @BeforeEach
  void setUp() {
    contract = new ContractText(folder);
  }

  @ParameterizedTest
  @CsvSource({"0%,0", "5%,0.05", "0.125 %,0.00125", "100%,1"})
  void aRuleThatStopsHasALimit(String above, BigDecimal share) {
    Rule rule = contract.read(rule("otherwise: stop, above: " + above)).rules().get(0);
    assertThat(rule.otherwise()).isEqualTo(Rule.Otherwise.STOP);
    assertThat(rule.otherwise().setsAside()).isTrue();
    assertThat(rule.above()).hasValueSatisfying(a -> assertThat(a).isEqualByComparingTo(share));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "otherwise: stop|47: `stop` needs a limit. Add for example `above: 1%`: more failing rows than that stop the stage.",
        "otherwise: warn, above: 1%|53: `above` is a limit for rules that stop. Write `otherwise: stop`, or remove `above`.",
        "above: 1%|36: `above` is a limit for rules that stop. Write `otherwise: stop`, or remove `above`.",
        "otherwise: stop, above: 5|60: `above` must be a share of the rows, not `5`. Write a percentage from `0%` to `100%`.",
        "otherwise: stop, above: 100.1%|60: `above` must be a share of the rows, not `100.1%`. Write a percentage from `0%` to `100%`.",
        "otherwise: stop, above: -1%|60: `above` must be a share of the rows, not `-1%`. Write a percentage from `0%` to `100%`.",
        "otherwise: halt, above: 1%|47: `otherwise` must be `quarantine`, `warn` or `stop`, not `halt`. Write for example `quarantine`."
      })
  void aLimitIsAShareAndBelongsToStop(String more, String mistake) {
    assertThat(contract.mistakes(rule(more))).containsExactly("13:" + mistake);
  }

  @Test
  void noRuleIsMadeWithALimitItDoesNotRead() {
    assertThatThrownBy(() -> new Rule("r", "true", Rule.Otherwise.STOP, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Rule("r", "true", Rule.Otherwise.WARN, Optional.of(BigDecimal.ONE)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String rule(String more) {
    return ContractText.with(CHECK, CHECK.replace("}", ", " + more + "}"));
  }
}
