package assay.core.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class ToleranceTextTest {
  @Test
  void eachIsWrittenAsInAContract() {
    assertThat(ToleranceText.read("x=0.1%, y=0,z={absolute: 1, relative: 2%}"))
        .containsExactly(
            entry("x", new Tolerance(BigDecimal.ZERO, new BigDecimal("0.001"))),
            entry("y", new Tolerance(BigDecimal.ZERO, BigDecimal.ZERO)),
            entry("z", new Tolerance(BigDecimal.ONE, new BigDecimal("0.02"))));
  }

  @Test
  void whatCannotBeReadIsSaid() {
    assertThatThrownBy(() -> ToleranceText.read("0.1%")).hasMessage("`0.1%` names no tolerance");
    assertThatThrownBy(() -> ToleranceText.read("x=1,x=2"))
        .hasMessage("the tolerance of `x` is given twice");
    assertThatThrownBy(() -> ToleranceText.read("x=-1"))
        .hasMessage(
            "`x` has no tolerance that can be read: `-1` (a tolerance cannot be below zero: `-1`)");
    assertThatThrownBy(() -> ToleranceText.read("x={most: 1}"))
        .hasMessage("`x` has no tolerance that can be read: `{most: 1}`");
  }
}
