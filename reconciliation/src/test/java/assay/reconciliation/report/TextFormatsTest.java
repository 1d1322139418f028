package assay.reconciliation.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class TextFormatsTest {

  @Test
  void markdownBeginsWithTheSentencesAndTellsWhatIsRed() {
    String text = ReportFormat.MARKDOWN.write(SampleReport.month());
    assertThat(text)
        .startsWith("# Reconciliation report, 2001-01-01..2001-01-31\n")
        .contains("- **route_day**: 30 days: 18 agree")
        .contains("| 2001-01-20 | DIVERGED | 3,156 |")
        .contains("\n31 days without any difference.\n")
        .contains("\n0 days without any difference.\n")
        .contains("### Unexplained on 2001-01-20")
        .contains("| flights | 2001-01-02 | 60 | -70 | late -77, superseded +7 |");
    assertThat(text.lines().filter(line -> line.contains("<img")))
        .as("only in code, where it is text")
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("    assay reconcile ");
    assertThat(text.lines().filter(l -> l.startsWith("|")))
        .allSatisfy(l -> assertThat(l).endsWith(" |"));
  }

  @Test
  void csvHasALineForEachDayAndMeasureAndAColumnForEachCause() {
    List<String> lines = ReportFormat.CSV.write(SampleReport.month()).lines().toList();
    assertThat(lines.get(0))
        .startsWith(
            "domain,metrics,day,verdict,reason,cells,differing_cells,measure,difference,late,duplicate")
        .endsWith(",unexplained,evidence_id,reconciled_at");
    int columns = lines.get(0).split(",", -1).length;
    assertThat(lines).allSatisfy(l -> assertThat(l.split(",", -1)).hasSize(columns));
    assertThat(lines)
        .anySatisfy(
            l ->
                assertThat(l)
                    .startsWith("flights,route_day,2001-01-20,DIVERGED,,3156,")
                    .contains(",flights,")
                    .contains(",-3,"));
    assertThat(lines).filteredOn(l -> l.contains(",city_hour,")).hasSize(31);
  }

  @Test
  void jsonHoldsTheSameForPrograms() throws Exception {
    JsonNode report = new ObjectMapper().readTree(ReportFormat.JSON.write(SampleReport.month()));
    assertThat(report.at("/from").asText()).isEqualTo("2001-01-01");
    JsonNode routes = report.at("/metrics/1");
    assertThat(routes.at("/metrics").asText()).isEqualTo("route_day");
    assertThat(routes.at("/days")).hasSize(30);
    assertThat(routes.at("/drill_down/0/carriers").asInt()).isEqualTo(2);
    assertThat(routes.at("/convergence/3/exact_share").asDouble()).isEqualTo(0.981);
    assertThat(routes.at("/stages/1/canary_share").asDouble()).isEqualTo(0.1);
    assertThat(report.at("/ledger/0/ranges/0/gaps/0/cause").asText())
        .isEqualTo("transaction markers");
  }

  @Test
  void numbersAreWrittenForPeople() {
    assertThat(number("1643")).isEqualTo("1,643");
    assertThat(number("1234567.5")).isEqualTo("1,234,567.5");
    assertThat(number("0.12345")).isEqualTo("0.12");
    assertThat(number("0.0012345")).isEqualTo("0.0012");
    assertThat(number("-3")).isEqualTo("-3");
    assertThat(number("0.000")).isEqualTo("0");
    assertThat(number("100")).isEqualTo("100");
    assertThat(Words.signed(new BigDecimal("2.50"))).isEqualTo("+2.5");
    assertThat(Words.value("sometimes a text")).isEqualTo("sometimes a text");
  }

  @Test
  void aShareIsNeverRoundedToNothingOrAll() {
    assertThat(List.of(0.0, 0.0004, 0.005, 0.614, 0.9934, 0.99999, 1.0).stream().map(Words::share))
        .containsExactly("0 %", "0.04 %", "0.5 %", "61 %", "99.34 %", "99.999 %", "100 %");
  }

  @Test
  void theCommandThatListsRowsIsOneAShellTakes() {
    assertThat(ShowCommand.of("m", SampleReport.FIRST, cell("it's; rm -rf", Map.of("late", one()))))
        .isEqualTo(
            "assay reconcile --show late --date 2001-01-01 --metrics m"
                + " --cell 'city=it'\\''s; rm -rf'");
    assertThat(ShowCommand.of("m", SampleReport.FIRST, cell("SEA", Map.of("unexplained", one()))))
        .isEqualTo("assay reconcile --date 2001-01-01 --explain");
  }

  private static String number(String number) {
    return Words.number(new BigDecimal(number));
  }

  private static BigDecimal one() {
    return BigDecimal.ONE;
  }

  private static ReportModel.CellReport cell(String city, Map<String, BigDecimal> terms) {
    return new ReportModel.CellReport(
        List.of(new ReportModel.Dimension("city", Optional.of(city))),
        "n",
        Optional.of("1"),
        Optional.empty(),
        BigDecimal.ONE.negate(),
        terms,
        1,
        "EXPLAINED");
  }
}
