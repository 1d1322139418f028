package assay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import assay.core.TableSize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "999, 999 B",
    "1000, 1.0 kB",
    "999949, 999.9 kB",
    "999950, 1.0 MB",
    "3141592653, 3.1 GB",
    "9223372036854775807, 9223372.0 TB"
  })
  void bytesAreShownInTheUnitThatFits(long bytes, String text) {
    assertThat(Sizes.bytes(bytes)).isEqualTo(text);
  }

  @Test
  void aSizeIsRowsAndBytes() {
    assertThat(Sizes.text(new TableSize(3, 1234567, 2500))).isEqualTo("1,234,567 rows, 2.5 kB");
    assertThat(Sizes.document(new TableSize(3, 12, 2500)))
        .containsEntry("files", 3L)
        .containsEntry("rows", 12L)
        .containsEntry("bytes", 2500L);
  }
}
